/** From counts to what is said of each unit: its concept, how sure that is, and whether it is more than chance. */
import { NumpyRandom } from '../latent/numpyRandom.ts';
import { type AgreementCounts, type AgreementTotals, agreementOf, totals } from './agreement.ts';
import { informationQuality, intersectionOverUnion } from './information.ts';
import { type NullCounts, nullBars, nullOfUnits, percentile, percentileOfSorted } from './nullBaseline.ts';

export interface VerdictRules {
  /** A unit below is not interpretable; 0.04 (davidbau/dissect) unless chosen otherwise. */
  readonly leastIou: number;
  /** In `iqr` mode its information quality has to exceed this (gandissect: 0.01); 0 in `quantile` mode: it need not. */
  readonly leastQuality: number;
  /** Whether it also has to exceed its own bar above the null; default: it has. */
  readonly againstChance?: boolean;
  /** In `iqr` mode the concept that each unit's level was chosen for; else the one of the best IoU. */
  readonly concepts?: readonly number[];
  /** Seed of the blocks drawn for intervals. */
  readonly seed: number;
}

export interface UnitVerdict {
  readonly unit: number;
  readonly concept: number;
  readonly iou: number;
  /** 95 %, from blocks of images drawn again. */
  readonly interval: readonly [number, number];
  /** Highest IoU of this unit with any concept of other images' segmentations. */
  readonly nullIou: number;
  /** What its IoU has to exceed besides `leastIou`: the 99th percentile of its null. */
  readonly bar: number;
  /** Information quality of mask and concept, 0…1. */
  readonly quality: number;
  /** Share of pixels above the unit's level. */
  readonly maskShare: number;
  readonly interpretable: boolean;
}

export interface LayerVerdicts {
  readonly units: readonly UnitVerdict[];
  /** 99th percentile of the null over units and draws: how much chance reaches in this layer. */
  readonly null99: number;
  /** IoU of every unit with every concept, [units, concepts]. */
  readonly iou: Float64Array;
}

const NULL_LEVEL = 0.99;
const DRAWS = 1000;

export function judge(counts: AgreementCounts, chance: NullCounts, rules: VerdictRules): LayerVerdicts {
  const sum = totals(counts);
  const iou = agreementOf(sum);
  const statistics = chance.statistics(sum);
  const nullIou = nullOfUnits(statistics, counts.size.units);
  const bars = nullBars(statistics, counts.size.units);
  const concepts = Array.from(
    { length: counts.size.units },
    (_, unit) => rules.concepts?.[unit] ?? bestConcept(iou, unit, counts.size.concepts),
  );
  const intervals = blockIntervals(counts, concepts, rules.seed);
  const units = concepts.map((concept, unit): UnitVerdict => {
    const table = tableOf(sum, unit, concept);
    const own = intersectionOverUnion(table);
    const quality = informationQuality(table);
    const bar = bars[unit] as number;
    return {
      unit,
      concept,
      iou: own,
      interval: intervals[unit] as readonly [number, number],
      nullIou: nullIou[unit] as number,
      bar,
      quality,
      maskShare: sum.pixels > 0 ? table.mask / sum.pixels : 0,
      interpretable:
        own > rules.leastIou &&
        (rules.againstChance === false || own > bar) &&
        (rules.leastQuality === 0 || quality > rules.leastQuality),
    };
  });
  return { units, null99: percentile(statistics, NULL_LEVEL), iou };
}

function bestConcept(iou: Float64Array, unit: number, concepts: number): number {
  let best = 0;
  for (let c = 1; c < concepts; c++)
    if ((iou[unit * concepts + c] as number) > (iou[unit * concepts + best] as number)) best = c;
  return best;
}

function tableOf({ both, mask, concept, pixels }: AgreementTotals, unit: number, c: number) {
  return {
    both: both[unit * concept.length + c] as number,
    mask: mask[unit] as number,
    concept: concept[c] as number,
    total: pixels,
  };
}

/**
 * 95 % intervals of each unit's IoU with its concept: blocks of images drawn with replacement, the middle 95 % of the
 * results. Images of one block stay together, so that only the variation between images counts. Of a single block
 * nothing is known of that: [0, 1].
 */
export function blockIntervals(
  { size, both, mask, concept, pixels }: AgreementCounts,
  concepts: readonly number[],
  seed: number,
): readonly (readonly [number, number])[] {
  const { blocks } = size;
  if (pixels.filter((n) => n > 0).length < 2) return concepts.map(() => [0, 1] as const);
  const random = new NumpyRandom(seed);
  // [DRAWS, blocks]: how often each block is drawn.
  const times = new Float64Array(DRAWS * blocks);
  for (let draw = 0; draw < DRAWS; draw++)
    for (const at of random.uniforms(blocks)) {
      const block = draw * blocks + Math.min(blocks - 1, Math.floor(at * blocks));
      times[block] = (times[block] as number) + 1;
    }
  const draws = new Float64Array(DRAWS);
  const shared = new Float64Array(blocks);
  const union = new Float64Array(blocks);
  return concepts.map((c, unit) => {
    for (let block = 0; block < blocks; block++) {
      const row = block * size.units + unit;
      const one = both[row * size.concepts + c] as number;
      shared[block] = one;
      union[block] = (mask[row] as number) + (concept[block * size.concepts + c] as number) - one;
    }
    drawRatios(shared, union, times, draws);
    draws.sort();
    return [percentileOfSorted(draws, 0.025), percentileOfSorted(draws, 0.975)] as const;
  });
}

/** Σ shared / Σ union of each draw of blocks, into `out`. */
function drawRatios(shared: Float64Array, union: Float64Array, times: Float64Array, out: Float64Array): void {
  for (let draw = 0, at = 0; draw < out.length; draw++) {
    let above = 0;
    let below = 0;
    for (let block = 0; block < shared.length; block++, at++) {
      const often = times[at] as number;
      above += (shared[block] as number) * often;
      below += (union[block] as number) * often;
    }
    out[draw] = below > 0 ? above / below : 0;
  }
}

/** Units that stand for something, by concept, most units first. */
export function conceptCounts(units: readonly UnitVerdict[]): { concept: number; units: number[] }[] {
  const found = new Map<number, number[]>();
  for (const { unit, concept, interpretable } of units)
    if (interpretable) found.set(concept, [...(found.get(concept) ?? []), unit]);
  return [...found]
    .map(([concept, list]) => ({ concept, units: list }))
    .sort((a, b) => b.units.length - a.units.length || a.concept - b.concept);
}

/**
 * IoU of every unit with the union of several concepts (house = wall + roof + door + window), [units]. The concepts must
 * come from one plane of the label map, where a pixel shows only one of them.
 */
export function unionAgreement(sum: AgreementTotals, concepts: readonly number[]): Float64Array {
  const all = concepts.reduce((total, c) => total + (sum.concept[c] as number), 0);
  return sum.mask.map((mask, unit) => {
    const both = concepts.reduce(
      (total, c) => total + (sum.both[unit * sum.concept.length + c] as number),
      0,
    );
    const union = mask + all - both;
    return union > 0 ? both / union : 0;
  });
}
