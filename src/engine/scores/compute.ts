/** The scores of one pair of sides, one after the other, with what is known so far on the way. */
import { withInterval } from '../../algorithms/scores/bothSides.ts';
import { checkOptions } from '../../algorithms/scores/registry.ts';
import type { LinearAlgebra, ScoreDefinition, Side } from '../../algorithms/scores/types.ts';
import type { ScoreProgress, ScoreSettings, ScoreValue } from '../../shared/scores/scores.ts';
import { nextTurn, throwIfCancelled } from '../kernel/queue.ts';

export interface Computation {
  readonly scores: readonly ScoreDefinition[];
  readonly generated: Side;
  readonly reference: Side | null;
  readonly settings: Pick<ScoreSettings, 'seed' | 'options'>;
  readonly algebra: LinearAlgebra;
  /** The same for all computations with this reference. */
  readonly sharedReference: Map<string, unknown>;
  readonly signal: AbortSignal;
  readonly report: (progress: ScoreProgress) => void;
  /** Where this stands among several computations. */
  readonly steps?: { readonly before: number; readonly total: number; readonly label: string };
}

const REPORT_EVERY_MS = 100;

/** @throws GenscopeError as a score fails, `request.cancelled` */
export async function computeScores(work: Computation): Promise<readonly ScoreValue[]> {
  const { scores, generated, reference, settings, algebra, sharedReference, signal, report } = work;
  const { before, total, label } = work.steps ?? { before: 0, total: scores.length, label: '' };
  checkOptions(settings.options);
  const shared = new Map<string, unknown>();
  const found: ScoreValue[] = [];
  for (const [i, score] of scores.entries()) {
    throwIfCancelled(signal);
    let last = Number.NEGATIVE_INFINITY;
    const message = `${score.name}${label}`;
    const tell = (share: number) => {
      const now = performance.now();
      if (now - last < REPORT_EVERY_MS) return;
      last = now;
      report({ phase: 'scores', done: before + i + share, total, message, partial: [...found] });
    };
    tell(0);
    await nextTurn();
    const values = await withInterval(score, {
      ...{ generated, reference, algebra, shared, sharedReference, signal },
      ...{ seed: settings.seed, options: settings.options[score.id] ?? {}, report: tell },
    });
    found.push(...values);
  }
  report({ phase: 'scores', done: before + scores.length, total, partial: found });
  return found;
}
