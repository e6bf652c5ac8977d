/**
 * The birthday-paradox test: how many different pictures can a generator make, judged by how often a batch has two alike.
 * Source: Arora & Zhang, "Do GANs actually learn the distribution?", 2017 (arXiv 1706.08224). Used by page and command line.
 */

/** Batches of one size, and in how many of them a person, or a threshold, saw two alike. */
export interface BirthdayAnswers {
  readonly batch: number;
  readonly batches: number;
  readonly duplicates: number;
}

export interface SupportEstimate {
  /** Share of the batches with two alike, and 95 % (Clopper–Pearson, exact). */
  readonly share: number;
  readonly shareInterval: readonly [number, number];
  /**
   * Pictures, were all equally likely: s pictures hold two alike with P = 1 − exp(−s²/2M), so M = s²/(−2·ln(1 − P)). Null
   * where no batch had any: then there is a lower bound alone. Unequal chances make it smaller than the true number.
   */
  readonly support: number | null;
  /** 95 %; the upper end is null where no batch had any, the lower where all had. */
  readonly interval: readonly [number | null, number | null];
}

/** Below this many batches an interval is too wide to be of use. */
export const LEAST_BATCHES = 20;

export function supportOf({ batch, batches, duplicates }: BirthdayAnswers): SupportEstimate {
  const share = duplicates / batches;
  const shareInterval = clopperPearson(duplicates, batches);
  const of = (p: number) => batch ** 2 / (-2 * Math.log1p(-p));
  const [low, high] = shareInterval;
  return {
    ...{ share, shareInterval },
    support: duplicates === 0 ? null : duplicates === batches ? null : of(share),
    interval: [high < 1 ? of(high) : null, low > 0 ? of(low) : null],
  };
}

/** Exact 95 % interval of a share: Clopper & Pearson 1934, by bisection of the binomial tails. */
export function clopperPearson(hits: number, of: number): readonly [number, number] {
  const low = hits === 0 ? 0 : bisect((p) => upperTail(hits, of, p) < 0.025);
  const high = hits === of ? 1 : bisect((p) => 1 - upperTail(hits + 1, of, p) >= 0.025);
  return [low, high];
}

/** The p where a condition that holds below it stops to hold. */
function bisect(below: (p: number) => boolean): number {
  let [low, high] = [0, 1];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (below(middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** P(X ≥ hits) of a binomial. */
function upperTail(hits: number, of: number, p: number): number {
  if (hits <= 0) return 1;
  let log = of * Math.log1p(-p);
  let below = 0;
  for (let k = 0; k < hits; k++) {
    below += Math.exp(log);
    log += Math.log((of - k) / (k + 1)) + Math.log(p) - Math.log1p(-p);
  }
  return Math.max(0, 1 - below);
}
