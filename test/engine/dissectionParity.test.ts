/**
 * Dissection against NumPy (test/parity/dissection): the same networks on this runtime, the same definition, other code.
 * Label maps are NumPy's where IoU is compared to six digits: a picture rounded the other way in its last bit may move the
 * boundary between two concepts by a pixel. How well our own label maps agree is a test of its own.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { AgreementCounts, agreementOf, totals } from '../../src/algorithms/dissection/agreement.ts';
import { Bilinear } from '../../src/algorithms/dissection/bilinear.ts';
import { type LabelMap, labelMap } from '../../src/algorithms/dissection/labelMap.ts';
import { LevelSketches } from '../../src/algorithms/dissection/levelSketches.ts';
import { type BestLevel, LevelCounts, TAILS } from '../../src/algorithms/dissection/levels.ts';
import { MaskSpans } from '../../src/algorithms/dissection/maskSpans.ts';
import { NullCounts } from '../../src/algorithms/dissection/nullBaseline.ts';
import { judge } from '../../src/algorithms/dissection/verdicts.ts';
import { planLatents } from '../../src/algorithms/latent/plan.ts';
import { toPictures, withoutAlpha } from '../../src/engine/pictures/pixels.ts';
import { Session, type TensorValue } from '../../src/engine/runtime/session.ts';
import { memorySource, openModel, serialize } from '../../src/onnx/open.ts';
import { expose } from '../../src/onnx/surgery/expose.ts';
import { DISSECT_DEFAULTS } from '../../src/shared/units/dissection.ts';
import reference from '../parity/dissection/reference.json' with { type: 'json' };
import { ROOT } from './support/engine.ts';

type Case = (typeof reference.cases)[number];
type Layer = Case['layers'][number];

const { concepts, side, tail } = reference;
const PIXELS = side * side;
const BATCH = 35;

interface Sample {
  readonly labels: readonly LabelMap[];
  /** Of each layer [N, units, h, w]. */
  readonly maps: readonly Float32Array[];
  readonly closest: Call;
}

/** A pixel whose label was decided by `margin`, and the concept that came second. */
interface Call {
  readonly image: number;
  readonly pixel: number;
  readonly second: number;
  readonly margin: number;
}

/**
 * Seeds of the noise by which the effect of another processor is measured: its sums are rounded otherwise, so the last
 * bits of activations differ, and where a label or a mask is decided by less than that, a pixel falls the other way.
 */
const DRAWS = [1, 2, 3];
/** Another processor is no further off than this many times the largest effect of the draws. */
const SAFETY = 3;
/** Sums of float64 in another order: what is left where no pixel moves. */
const ROUNDING = 1e-12;

/** The generator's feature maps, and the segmenter's word on its pictures; or that with noise in the last bits of what both read. */
async function take(of: Case, seed: number, noise?: number): Promise<Sample> {
  const generator = await exposed(of);
  const segmenter = await Session.fromFile(path.join(ROOT, reference.segmenter), OPTIONS);
  const shaken = lastBits(noise);
  const size = of.latent.reduce((a, b) => a * b, 1);
  const plan = {
    kind: 'seeds',
    source: DISSECT_DEFAULTS.source,
    seed,
    count: of.samples,
    classes: 'all',
  } as const;
  const latents = planLatents(plan, size, of.classes);
  const labels: LabelMap[] = [];
  let closest: Call = { image: 0, pixel: 0, second: 0, margin: Infinity };
  const maps = of.layers.map(({ shape }) => new Float32Array(of.samples * volume(shape)));
  try {
    for (let at = 0; at < of.samples; at += BATCH) {
      const n = Math.min(BATCH, of.samples - at);
      const [z, category] = of.inputs as [string, string?];
      const outputs = await generator.run({
        [z]: { dtype: 'float32', shape: [n, ...of.latent], data: shaken(latents.rows(at, n)) },
        ...(category === undefined
          ? {}
          : { [category]: { dtype: 'float32', shape: [n, of.classes], data: latents.classWeights(at, n) } }),
      });
      of.layers.forEach(({ tensor, shape }, k) => {
        maps[k]?.set(outputs[tensor]?.data as Float32Array, at * volume(shape));
      });
      const logits = await segmenter.run({ pixel_values: normalised(outputs.image as TensorValue, shaken) });
      const found = labelsOf(logits.logits as TensorValue, at);
      labels.push(...found.labels);
      if (found.closest.margin < closest.margin) closest = found.closest;
    }
  } finally {
    await Promise.all([generator.release(), segmenter.release()]);
  }
  return { labels, maps, closest };
}

/** Relative noise that float32 rounds to one last bit more, one less, or none. */
const LAST_BIT = 2 ** -23;

function lastBits(seed: number | undefined): (values: Float32Array) => Float32Array {
  if (seed === undefined) return (values) => values;
  let state = seed;
  // Any generator will do; this one is Park and Miller's.
  const uniform = () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  return (values) => values.map((value) => value * (1 + LAST_BIT * (2 * uniform() - 1)));
}

const OPTIONS = { threads: 1, optimize: 'all' } as const;

async function exposed(of: Case): Promise<Session> {
  const file = path.join(ROOT, of.model);
  const { model } = openModel(memorySource(new Uint8Array(readFileSync(file))), path.basename(file));
  return Session.fromBytes(serialize(expose(model, of.tensors)), path.dirname(file), OPTIONS);
}

/** Bytes of the picture, divided by 255, less .5, divided by .5: preprocessor_config.json of the demo segmenter. */
function normalised(image: TensorValue, shaken: (values: Float32Array) => Float32Array): TensorValue {
  const { pictures } = toPictures(image, { layout: 'NCHW', range: [-1, 1] } as never);
  const rgb = withoutAlpha(pictures);
  const data = new Float32Array(rgb.length);
  rgb.forEach((byte, i) => {
    const [picture, pixel, channel] = [Math.floor(i / 3 / PIXELS), Math.floor(i / 3) % PIXELS, i % 3];
    data[(picture * 3 + channel) * PIXELS + pixel] = (byte / 255 - 0.5) / 0.5;
  });
  return { dtype: 'float32', shape: [pictures.count, 3, side, side], data: shaken(data) };
}

/** @param first number of the first image among all */
function labelsOf({ data, shape }: TensorValue, first: number): { labels: LabelMap[]; closest: Call } {
  let closest: Call = { image: first, pixel: 0, second: 0, margin: Infinity };
  const labels = Array.from({ length: shape[0] as number }, (_, n) => {
    const plane = Uint16Array.from({ length: PIXELS }, (_, i) => {
      let best = 0;
      let second = -1;
      const at = (c: number) => data[(n * concepts + c) * PIXELS + i] as number;
      for (let c = 1; c < concepts; c++) {
        if (at(c) > at(best)) [best, second] = [c, best];
        else if (second < 0 || at(c) > at(second)) second = c;
      }
      const margin = at(best) - at(second);
      if (margin < closest.margin) closest = { image: first + n, pixel: i, second, margin };
      return best;
    });
    return labelMap(side, side, [plane]);
  });
  return { labels, closest };
}

/** The sample with its closest call decided the other way: no noise need hit that pixel for its weight to be known. */
function closestCalled(sample: Sample): Sample {
  const { image, pixel, second } = sample.closest;
  const labels = sample.labels.map((map, n) => {
    if (n !== image) return map;
    const plane = Uint16Array.from(map.planes[0] as Uint16Array);
    plane[pixel] = second;
    return labelMap(side, side, [plane]);
  });
  return { ...sample, labels };
}

function numpysLabels(of: Case): LabelMap[] {
  const file = path.join(ROOT, 'test/parity/dissection', `labels-${of.name}.bin.gz`);
  const bytes = gunzipSync(readFileSync(file));
  return Array.from({ length: of.samples }, (_, n) =>
    labelMap(side, side, [Uint16Array.from(bytes.subarray(n * PIXELS, (n + 1) * PIXELS))]),
  );
}

function volume(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

function f8(base64: string): Float64Array {
  return new Float64Array(Uint8Array.from(Buffer.from(base64, 'base64')).buffer);
}

function f4(base64: string): Float64Array {
  return Float64Array.from(new Float32Array(Uint8Array.from(Buffer.from(base64, 'base64')).buffer));
}

function bilinearOf({ shape }: Layer): Bilinear {
  return new Bilinear([shape[1] as number, shape[2] as number], [side, side]);
}

function sketched(layer: Layer, maps: Float32Array, wanted: number | null): LevelSketches {
  const sketches = new LevelSketches({
    units: layer.shape[0] as number,
    bilinear: bilinearOf(layer),
    tail: wanted,
  });
  for (let at = 0; at < maps.length; at += volume(layer.shape)) sketches.add(maps, at);
  return sketches;
}

function agreement(layer: Layer, maps: Float32Array, labels: readonly LabelMap[], levels: Float64Array) {
  const units = layer.shape[0] as number;
  const bilinear = bilinearOf(layer);
  const counts = new AgreementCounts({ units, concepts, blocks: 50 });
  const mask = new MaskSpans(bilinear);
  labels.forEach((map, image) => {
    const block = Math.floor((image * 50) / labels.length);
    counts.addLabels(block, map);
    for (let unit = 0; unit < units; unit++) {
      const offset = image * volume(layer.shape) + unit * bilinear.cells;
      const n = mask.find(maps, offset, levels[unit] as number);
      counts.addMask(block, unit, mask.bounds, n, map);
    }
  });
  return counts;
}

/** Sketches are right to 1e-4 of a tail, and information quality changes by up to five times as much as a tail. */
const OWN_LEVELS = 5e-4;

interface TheirLevel {
  readonly concept: number;
  readonly quality: number;
  readonly tail: number;
  readonly iou: number;
}

function bestLevels(layer: Layer, unit: number): TheirLevel[] {
  const rows = f8(layer.iqr).subarray(unit * concepts * 4);
  const at = (c: number, k: number) => rows[c * 4 + k] as number;
  return Array.from({ length: concepts }, (_, c) => ({
    concept: c,
    quality: at(c, 0),
    tail: at(c, 1),
    iou: at(c, 3),
  }));
}

function tried(
  layer: Layer,
  maps: Float32Array,
  labels: readonly LabelMap[],
  levels: Float64Array,
): readonly BestLevel[] {
  const units = layer.shape[0] as number;
  const counts = new LevelCounts(units, concepts, levels);
  const bilinear = bilinearOf(layer);
  const indices = new Int32Array(PIXELS);
  const values = new Float64Array(PIXELS);
  labels.forEach((map, image) => {
    counts.addLabels(map);
    for (let unit = 0; unit < units; unit++) {
      const offset = image * volume(layer.shape) + unit * bilinear.cells;
      const n = bilinear.search(maps, offset, counts.leastLevel(unit), indices, values);
      counts.addMap(unit, indices, values, n, map);
    }
  });
  return counts.best();
}

/** Each unit's best level against theirs for the same concept, which has to be their best unless others come this close. */
function compared(layer: Layer, found: readonly BestLevel[], close: number) {
  return found.map((best, unit) => {
    const theirs = bestLevels(layer, unit);
    const [first, second] = theirs.toSorted((a, b) => b.quality - a.quality) as [TheirLevel, TheirLevel];
    if (first.quality - second.quality > close) expect(best.concept).toBe(first.concept);
    const same = theirs[best.concept] as TheirLevel;
    expect(same.quality).toBeGreaterThanOrEqual(first.quality - close);
    return { quality: Math.abs(best.quality - same.quality), iou: Math.abs(best.iou - same.iou), same, best };
  });
}

interface Effect {
  /** How far from the value here another processor's may be. */
  readonly quality: number;
  readonly iou: number;
  /** Whether concept and level of each unit are the same in all draws. */
  readonly steady: readonly boolean[];
}

/** What last bits do to the best levels: the largest movement of any unit over the draws, times `SAFETY`. */
function effectOf(found: readonly BestLevel[], draws: readonly (readonly BestLevel[])[]): Effect {
  const same = draws.map((draw) =>
    draw.map(({ concept, tail }, unit) => concept === found[unit]?.concept && tail === found[unit]?.tail),
  );
  const moved = (of: 'quality' | 'iou') =>
    most(
      draws.flatMap((draw, k) =>
        draw.map((best, unit) =>
          of === 'quality' || same[k]?.[unit] ? Math.abs(best[of] - (found[unit] as BestLevel)[of]) : 0,
        ),
      ),
    );
  return {
    quality: Math.max(SAFETY * moved('quality'), ROUNDING),
    iou: Math.max(SAFETY * moved('iou'), ROUNDING),
    steady: found.map((_, unit) => same.every((draw) => draw[unit])),
  };
}

/** Set GENSCOPE_PARITY=1 to print the largest difference of each case. */
function report(name: string, value: number | string): void {
  if (process.env.GENSCOPE_PARITY) console.log(`${name}: ${value}`);
}

function most(values: ArrayLike<number>): number {
  return Array.from(values).reduce((a, b) => Math.max(a, b), 0);
}

describe.each(reference.cases)(`dissection of $name is that of NumPy ${reference.versions.numpy}`, (of) => {
  let judged: Sample;
  let learned: Sample;
  let labels: LabelMap[];
  let disturbed: Sample[];
  beforeAll(async () => {
    judged = await take(of, reference.seed);
    learned = await take(of, reference.levelSeed);
    disturbed = [closestCalled(learned)];
    for (const noise of DRAWS) disturbed.push(await take(of, reference.levelSeed, noise));
    labels = numpysLabels(of);
  });

  it('label maps are the same but for one pixel in 10,000', () => {
    const different = labels.reduce(
      (sum, { planes: [theirs] }, n) =>
        sum + (theirs ?? []).filter((c, i) => c !== judged.labels[n]?.planes[0]?.[i]).length,
      0,
    );
    report(`${of.name}, label maps, pixels that differ of ${of.samples * PIXELS}`, different);
    expect(different / (of.samples * PIXELS)).toBeLessThanOrEqual(1e-4);
  });

  it('areas of concepts are the same', () => {
    const counts = new AgreementCounts({ units: 0, concepts, blocks: 1 });
    for (const map of labels) counts.addLabels(0, map);
    const { concept, pixels } = totals(counts);
    f8(of.area).forEach((area, c) => {
      expect((concept[c] as number) / pixels).toBeCloseTo(area, 12);
    });
  });

  describe.each(of.layers.map((layer, k) => ({ ...layer, k })))('$tensor', (layer) => {
    const units = layer.shape[0] as number;
    const maps = (sample: Sample) => sample.maps[layer.k] as Float32Array;
    const known = new Map<Sample, readonly BestLevel[]>();
    const onTheirLevels = (sample: Sample): readonly BestLevel[] => {
      const found = known.get(sample) ?? tried(layer, maps(sample), sample.labels, f4(layer.levels));
      known.set(sample, found);
      return found;
    };
    const lastBitEffect = () => effectOf(onTheirLevels(learned), disturbed.map(onTheirLevels));

    it('levels leave 1 % ± 0.01 % of the pixels they were chosen on above them', () => {
      const levels = sketched(layer, maps(learned), tail).levels([tail]);
      const { mask, pixels } = totals(agreement(layer, maps(learned), learned.labels, levels));
      const exact = f8(layer.exact);
      const off = Array.from(mask, (n, unit) =>
        // Of a unit that is active on less than that, the level is 0.
        exact[unit] === 0 ? Math.abs(levels[unit] as number) : Math.abs(n / pixels - tail),
      );
      report(`${of.name} ${layer.tensor}, tail`, most(off));
      report(`${of.name} ${layer.tensor}, units at 0`, exact.filter((t) => t === 0).length);
      expect(most(off)).toBeLessThan(1e-4);
    });

    it('IoU at the same levels is the same to 1e-6, and so are the labels', () => {
      const counts = agreement(layer, maps(judged), labels, f8(layer.given));
      const iou = agreementOf(totals(counts));
      const wanted = f8(layer.iou);
      const off = wanted.map((value, i) => Math.abs(value - (iou[i] as number)));
      report(`${of.name} ${layer.tensor}, IoU`, most(off));
      // No last bit carries a value across half the narrowest gap that the levels lie in.
      const moved = most(
        disturbed.flatMap((draw) =>
          most(maps(draw).map((v, i) => Math.abs(v - (maps(learned)[i] as number)))),
        ),
      );
      report(`${of.name} ${layer.tensor}, activations, effect of last bits`, moved);
      expect(SAFETY * moved).toBeLessThan(layer.leastGap / 2);
      expect(iou).toHaveLength(units * concepts);
      expect(most(off)).toBeLessThan(1e-6);
      const { units: verdicts } = judge(counts, new NullCounts([], units, concepts), {
        leastIou: 0.04,
        leastQuality: 0,
        seed: 1,
      });
      const second = f8(layer.second);
      const clear = verdicts.filter((unit, u) => unit.iou - (second[u] as number) > 1e-4);
      expect(clear.length).toBeGreaterThan(units / 2);
      for (const { unit, concept } of clear) expect(concept).toBe(f8(layer.label)[unit]);
    });

    it('of the same 100 levels those of highest information quality are the same, and for the same concepts', () => {
      const effect = lastBitEffect();
      const off = compared(layer, onTheirLevels(learned), effect.quality);
      report(`${of.name} ${layer.tensor}, quality, same levels`, most(off.map(({ quality }) => quality)));
      report(`${of.name} ${layer.tensor}, quality, ${SAFETY} × the effect of last bits`, effect.quality);
      report(`${of.name} ${layer.tensor}, IoU there, same levels`, most(off.map(({ iou }) => iou)));
      report(`${of.name} ${layer.tensor}, IoU there, ${SAFETY} × the effect of last bits`, effect.iou);
      expect(most(off.map(({ quality }) => quality))).toBeLessThanOrEqual(effect.quality);
      expect(effect.steady.filter((steady) => steady).length).toBeGreaterThan(units / 2);
      off.forEach(({ same, best, iou }, unit) => {
        if (!effect.steady[unit]) return;
        expect(best.tail).toBeCloseTo(same.tail, 12);
        expect(iou).toBeLessThanOrEqual(effect.iou);
      });
    });

    it('levels of our own give the same concepts, and as high a quality', () => {
      const levels = sketched(layer, maps(learned), null).levels(TAILS);
      const bound = OWN_LEVELS + lastBitEffect().quality;
      const off = compared(layer, tried(layer, maps(learned), learned.labels, levels), bound);
      report(`${of.name} ${layer.tensor}, quality, own levels`, most(off.map(({ quality }) => quality)));
      report(`${of.name} ${layer.tensor}, highest quality`, most(off.map(({ best }) => best.quality)));
      expect(most(off.map(({ quality }) => quality))).toBeLessThan(bound);
    });

    it('means and peaks are the same', () => {
      const sketches = sketched(layer, maps(learned), tail);
      f8(layer.mean).forEach((mean, unit) => {
        expect(Math.abs((sketches.means()[unit] as number) - mean)).toBeLessThan(1e-5);
      });
      f8(layer.peak).forEach((peak, unit) => {
        expect(Math.abs((sketches.peak[unit] as number) - peak)).toBeLessThan(1e-4 * Math.max(1, peak));
      });
    });
  });
});
