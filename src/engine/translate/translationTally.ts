/** What is said about a run of translations when it is over. */
import { meanInterval } from '../../algorithms/stats/meanInterval.ts';
import type { TranslateResult } from '../../shared/protocol.ts';
import type { Translator } from '../translator/translator.ts';
import { LONGEST_INPUT, type SkippedPicture, type TranslatedPicture } from './translating.ts';

export class TranslationTally {
  readonly skipped: { readonly file: string; readonly reason: string }[] = [];
  readonly #cycleErrors: number[] = [];
  #unmeasured = 0;
  #nonFinite = 0;
  #reduced = 0;

  constructor(
    private readonly forth: Translator,
    private readonly back: Translator | null,
  ) {}

  skip({ file, skipped }: SkippedPicture): void {
    this.skipped.push({ file, reason: skipped });
  }

  add({ cycleError, nonFinite, reduced }: TranslatedPicture): void {
    if (cycleError !== null) this.#cycleErrors.push(cycleError);
    else if (this.back) this.#unmeasured++;
    this.#nonFinite += nonFinite;
    if (reduced) this.#reduced++;
  }

  get cycle(): TranslateResult['cycle'] {
    return meanInterval(this.#cycleErrors);
  }

  warnings(): string[] {
    const warnings = [...new Set([...this.forth.warnings, ...(this.back?.warnings ?? [])])];
    if (this.#cycleErrors.length === 1)
      warnings.push('One picture has no spread: its cycle error stands without an interval.');
    if (this.#unmeasured > 0)
      warnings.push(`${pictures(this.#unmeasured)} gave no finite cycle error; the mean is without.`);
    if (this.#nonFinite > 0)
      warnings.push(`${this.#nonFinite.toLocaleString('en')} values were not finite and are drawn black.`);
    if (this.#reduced > 0)
      warnings.push(
        `${pictures(this.#reduced)} had to be made smaller: a run takes up to ${LONGEST_INPUT} pixels a side, less where the model enlarges.`,
      );
    return warnings;
  }
}

function pictures(count: number): string {
  return count === 1 ? 'One picture' : `${count.toLocaleString('en')} pictures`;
}
