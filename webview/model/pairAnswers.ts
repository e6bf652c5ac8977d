/** A person's word on pairs of samples, "the same" or "different", and what follows from it. Pure. */
import { LEAST_BATCHES, type SupportEstimate, supportOf } from '../../src/shared/checks/birthday.ts';
import type { ClosestPair, Duplicates } from '../../src/shared/checks/looks.ts';
import type { PairAnswers } from '../../src/shared/pageProtocol.ts';

export type PairWord = 'same' | 'different';

/** Names the pairs of an answer: other samples are other pairs. */
export function pairsId({ model, extractor, settings }: Duplicates): string {
  const { seed, source, classes, quantisation, batch, batches } = settings;
  const what = [seed, source, classes, quantisation, batch, batches];
  return `${model.sha256} ${extractor.sha256} ${JSON.stringify(what)}`;
}

/** What was said of these pairs; nothing, where it was said of others. */
export function answersAbout(found: Duplicates, kept: PairAnswers | null): PairAnswers {
  const of = pairsId(found);
  return kept?.of === of ? kept : { of, same: [], different: [] };
}

export function wordOn({ same, different }: PairAnswers, batch: number): PairWord | null {
  if (same.includes(batch)) return 'same';
  return different.includes(batch) ? 'different' : null;
}

/** @param word null takes it back */
export function answered(
  answers: PairAnswers,
  batches: readonly number[],
  word: PairWord | null,
): PairAnswers {
  const others = (list: readonly number[]) => list.filter((batch) => !batches.includes(batch));
  const { of } = answers;
  const [same, different] = [others(answers.same), others(answers.different)];
  if (word === 'same') return { of, same: [...same, ...batches], different };
  return { of, same, different: word === null ? different : [...different, ...batches] };
}

/** By distance, for the person. */
export function byDistance(pairs: readonly ClosestPair[], of: string, threshold: number): PairAnswers {
  const batches = (near: boolean) =>
    pairs.filter(({ distance }) => distance <= threshold === near).map(({ batch }) => batch);
  return { of, same: batches(true), different: batches(false) };
}

/** Place of the next pair without an answer, after this one first; −1 where all have one. */
export function nextOpen(pairs: readonly ClosestPair[], answers: PairAnswers, after: number): number {
  const isOpen = (at: number) => wordOn(answers, (pairs[at] as ClosestPair).batch) === null;
  const places = [...pairs.keys()];
  return places.find((at) => at > after && isOpen(at)) ?? places.find(isOpen) ?? -1;
}

export interface Counted {
  readonly open: number;
  readonly same: number;
  /** Null until every pair has an answer: the closest come first, so a part of them would say too much. */
  readonly estimate: SupportEstimate | null;
  readonly few: boolean;
}

export function countedOf({ pairs, settings: { batch } }: Duplicates, answers: PairAnswers): Counted {
  const words = pairs.map((pair) => wordOn(answers, pair.batch));
  const open = words.filter((word) => word === null).length;
  const same = words.filter((word) => word === 'same').length;
  const batches = pairs.length;
  const all = open === 0 && batches > 0;
  return {
    ...{ open, same, few: batches < LEAST_BATCHES },
    estimate: all ? supportOf({ batch, batches, duplicates: same }) : null,
  };
}
