import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PageMethod } from '../../../src/shared/pageProtocol.ts';
import type { LatentPlan } from '../../../src/shared/samples/latents.ts';
import { DISSECT_DEFAULTS, type DissectSettings } from '../../../src/shared/units/dissection.ts';
import { isDissection } from '../../../src/shared/units/dissectionGuards.ts';
import { accepts, WITHOUT } from './support.ts';

const { source } = DISSECT_DEFAULTS;
const seeds = (count: number): LatentPlan => ({ kind: 'seeds', source, seed: 1, count, classes: 'all' });
const picks = (...indices: number[]): LatentPlan =>
  ({ ...seeds(1000), kind: 'picks', indices }) as LatentPlan;

/** Every value of `wrong` in place of the part of that name is refused. */
function refuses(
  method: PageMethod,
  whole: object,
  wrong: Readonly<Record<string, readonly unknown[]>>,
): void {
  expect(accepts(method, whole)).toBe(true);
  for (const [key, values] of Object.entries(wrong))
    for (const value of values)
      expect([key, value, accepts(method, { ...whole, [key]: value })]).toEqual([key, value, false]);
}

describe('startDissection', () => {
  const settings: DissectSettings = { ...DISSECT_DEFAULTS, layers: ['l8b'] };
  const starts = (change: object) => accepts('startDissection', { settings: { ...settings, ...change } });

  it('takes the defaults, and settings up to their limits', () => {
    for (const change of [
      {},
      { layers: Array.from({ length: 200 }, (_, i) => `layer ${i}`) },
      { samples: 2 },
      { samples: 10_000_000 },
      { classes: 3 },
      { level: { mode: 'iqr' } },
      { level: { mode: 'quantile', quantile: 0.5 } },
      { leastIou: 0 },
      { leastIou: 1 },
      { resolution: 1 },
      { resolution: 4096 },
      { seed: 2 ** 32 - 1, levelSeed: 2 ** 32 - 1 },
    ])
      expect([change, starts(change)]).toEqual([change, true]);
  });

  it('refuses everything else', () => {
    const wrong: Record<string, readonly unknown[]> = {
      layers: [
        [],
        [''],
        [3],
        ['a'.repeat(1001)],
        new Array(201).fill('a'),
        { 0: 'a', length: 1 },
        ...WITHOUT,
      ],
      samples: [1, 10_000_001, 2.5, -5, ...WITHOUT],
      seed: [-1, 2 ** 32, 0.5, ...WITHOUT],
      levelSeed: [-1, 2 ** 32, ...WITHOUT],
      source: [{}, { ...source, rng: 'mt' }, { ...source, truncation: { mode: 'psi' } }, ...WITHOUT],
      classes: ['none', -1, 0.5, ...WITHOUT],
      level: [
        {},
        { mode: 'best' },
        { mode: 'quantile' },
        ...[0, 1, -0.1, Number.NaN].map(quantile),
        ...WITHOUT,
      ],
      leastIou: [-0.01, 1.01, ...WITHOUT],
      resolution: [0, 4097, 1.5, ...WITHOUT],
    };
    for (const [key, values] of Object.entries(wrong))
      for (const value of values) expect([key, value, starts({ [key]: value })]).toEqual([key, value, false]);
    for (const nothing of [undefined, null, 3, 'settings', []])
      expect(accepts('startDissection', { settings: nothing })).toBe(false);
  });

  const quantile = (share: number) => ({ mode: 'quantile', quantile: share });
});

describe('what units do', () => {
  const badPlans = [{}, seeds(0), { ...seeds(2), seed: -1 }, { ...seeds(2), kind: 'all' }, ...WITHOUT];
  const about = { stamp: 'abc', tensor: '/block/Relu_output_0', plan: seeds(16) };
  const common = { stamp: [undefined, 3], plan: badPlans };
  const tensor = ['', 3, 'a'.repeat(1001), undefined, null];

  it('activity', () => {
    refuses('activity', { ...about, k: 9 }, { ...common, tensor, k: [0, 101, 1.5, ...WITHOUT] });
    expect(accepts('activity', { ...about, k: 100 })).toBe(true);
  });

  it('unitPictures: a unit for each picture', () => {
    const whole = { ...about, plan: picks(5, 3, 3), units: [0, 1, 511], maxSide: 0 };
    refuses('unitPictures', whole, {
      ...common,
      tensor,
      units: [[], [1, 2], [1, 2, 3, 4], [-1, 0, 0], [0.5, 0, 0], ['1', 0, 0], { length: 3 }, ...WITHOUT],
      maxSide: [-1, 16_385, 0.5, ...WITHOUT],
      plan: [...badPlans, picks(), picks(1, -1, 2), seeds(4)],
    });
    const many = { ...whole, plan: seeds(4097), units: new Array(4097).fill(0) };
    expect(accepts('unitPictures', many)).toBe(false);
  });

  it('segmentation', () => {
    const whole = { stamp: 'abc', plan: seeds(4096), resolution: 64 };
    refuses('segmentation', whole, { ...common, resolution: [0, 4097, 1.5, ...WITHOUT] });
    expect(accepts('segmentation', { ...whole, plan: seeds(4097) })).toBe(false);
  });

  it('unitsAt: one sample, a place in it', () => {
    const outside = [-0.01, 1.01, ...WITHOUT];
    const whole = { ...about, plan: seeds(1), x: 0, y: 1 };
    refuses('unitsAt', whole, { ...common, tensor, x: outside, y: outside, plan: [...badPlans, seeds(2)] });
  });

  it('names no segmenter by its folder', () => {
    for (const what of ['demo', 'folder', 'hub']) expect(accepts('chooseSegmenter', { what })).toBe(true);
    for (const what of ['/etc', '', undefined]) expect(accepts('chooseSegmenter', { what })).toBe(false);
    for (const method of ['dissectionSetup', 'dissection', 'exportReport'] as const)
      expect([accepts(method, {}), accepts(method, null)]).toEqual([true, false]);
  });
});

describe('isDissection', () => {
  const unit = {
    ...{ unit: 0, concept: 1, iou: 0.2, interval: [0.1, 0.3], nullIou: 0.01, bar: 0.02, level: 1.5 },
    ...{
      maskShare: 0.01,
      quality: 0.1,
      interpretable: true,
      mean: 0.1,
      peak: 3,
      top: [{ index: 4, value: 3 }],
    },
  };
  const layer = {
    ...{ layer: 'l8b', tensor: 't', resolution: [8, 8], units: [unit], null99: 0.02, interpretable: 1 },
    iou: [[0.1, 0.2]],
  };
  const whole = {
    schema: 1,
    model: { file: 'g.onnx', sha256: 'abc' },
    segmenter: { name: 's', folder: '/s', sha256: 'def', concepts: ['sky'], categories: [], input: {} },
    settings: { ...DISSECT_DEFAULTS, layers: ['l8b'] },
    maps: [64, 64],
    conceptShare: [0.5],
    layers: [layer],
    warnings: [],
    made: { genscope: '0.1.0', runtime: '1.30.0', date: '2026-01-01T00:00:00Z' },
  };

  it('takes one that is whole', () => {
    expect(isDissection(whole)).toBe(true);
  });

  it('refuses one that is cut off, or of another version', () => {
    for (const key of Object.keys(whole))
      expect([key, isDissection({ ...whole, [key]: undefined })]).toEqual([key, false]);
    for (const key of ['unit', 'concept', 'iou', 'interval', 'bar', 'interpretable', 'top'])
      expect([
        key,
        isDissection({ ...whole, layers: [{ ...layer, units: [{ ...unit, [key]: null }] }] }),
      ]).toEqual([key, false]);
    expect(isDissection({ ...whole, schema: 2 })).toBe(false);
    expect(isDissection({ ...whole, layers: [{ ...layer, iou: [[null]] }] })).toBe(false);
  });
});

it('whatever is sent, the answer is yes or a coded no', () => {
  const methods: readonly PageMethod[] = [
    ...(['startDissection', 'chooseSegmenter', 'activity'] as const),
    ...(['unitPictures', 'segmentation', 'unitsAt'] as const),
  ];
  fc.assert(
    fc.property(fc.constantFrom(...methods), fc.anything(), (method, params) => {
      accepts(method, params);
      expect(isDissection(params)).toBe(false);
    }),
    { numRuns: 500 },
  );
});
