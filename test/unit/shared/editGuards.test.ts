import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Edit } from '../../../src/shared/edits/edits.ts';
import { isEffect, isPlacement, isSelections } from '../../../src/shared/effects/effectGuards.ts';
import {
  EFFECT_DEFAULTS,
  type EffectQuestion,
  type Figure,
  PLACEMENT_DEFAULTS,
} from '../../../src/shared/effects/effects.ts';
import type { PageMethod } from '../../../src/shared/pageProtocol.ts';
import { DEFAULT_SOURCE, type LatentPlan } from '../../../src/shared/samples/latents.ts';
import { accepts, WITHOUT } from './support.ts';

const plan: LatentPlan = { kind: 'seeds', source: DEFAULT_SOURCE, seed: 0, count: 16, classes: 'all' };
const region = { height: 2, width: 3, weights: [0, 0.25, 0.5, 0.75, 1, 0] };
const edit: Edit = {
  ...{ id: 'a', name: 'no trees', layer: 'l8', tensor: '/l8/Relu_output_0', strength: 1, muted: false },
  intent: { kind: 'insert', from: 'conceptMean', concept: 'tree' },
  units: [{ unit: 3, scale: 0, shift: 1.5 }],
  region,
  samples: [{ seed: 4, classIndex: null }],
};
/** `wrong` in place of the part at `key` of `whole`. */
const changed = (whole: object, key: string, wrong: unknown) => ({ ...whole, [key]: wrong });

/** Every wrong value of every part is refused, wherever an edit goes. */
function refuses(method: PageMethod, around: (edit: unknown) => object): void {
  expect(accepts(method, around(edit))).toBe(true);
  for (const [key, values] of Object.entries(WRONG_EDITS))
    for (const value of values)
      expect([key, value, accepts(method, around(changed(edit, key, value)))]).toEqual([key, value, false]);
}

const unit = (more: object) => [{ unit: 0, scale: 0, shift: 0, ...more }];
const WRONG_EDITS: Readonly<Record<string, readonly unknown[]>> = {
  id: [3, undefined, 'x'.repeat(201)],
  name: [3, undefined, 'x'.repeat(201)],
  layer: ['', 3, 'x'.repeat(1001), undefined],
  tensor: ['', 3, undefined],
  intent: [
    null,
    { kind: 'paint' },
    { kind: 'ablate' },
    { kind: 'scale', factor: Number.NaN },
    { kind: 'insert', from: 'mode' },
    { kind: 'insert', from: 'topMean', concept: 3 },
  ],
  units: [
    { length: 1 },
    [3],
    new Array(65_537).fill(unit({})[0]),
    ...[-1, 0.5, 65_536, ...WITHOUT].map((index) => unit({ unit: index })),
    ...[1e10, ...WITHOUT].map((scale) => unit({ scale })),
    ...[-1e10, ...WITHOUT].map((shift) => unit({ shift })),
  ],
  strength: [1001, -1001, ...WITHOUT],
  region: [
    undefined,
    { ...region, height: 3 },
    { ...region, weights: [0, 0, 0, 0, 0, 1.01] },
    { ...region, weights: [0, 0, 0, 0, 0, -0.01] },
    { ...region, weights: [0, 0, 0, 0, 0, Number.NaN] },
    { height: 0, width: 3, weights: [] },
    { height: 1, width: 1025, weights: new Array(1025).fill(0) },
  ],
  samples: [undefined, [3], [{ seed: -1, classIndex: null }], [{ seed: 1 }]],
  muted: [undefined, 1, 'no'],
};

describe('edits', () => {
  const about = { stamp: 'abc', plan, maxSide: 256 };

  it('are checked in every part, wherever they go', () => {
    refuses('editedSample', (one) => ({ ...about, edits: [one] }));
    refuses('keepEdit', (one) => ({ file: { schema: 1, name: 'mine', edits: [one] } }));
    refuses('copy', (one) => ({ what: 'editCode', plan, edits: [one] }));
    const file = (one: unknown) => ({ schema: 1, name: 'mine', edits: [one] });
    refuses('saveEdit', (one) => ({ target: { what: 'json', file: file(one) } }));
    refuses('saveEdit', (one) => ({ target: { what: 'onnx', name: 'mine', edits: [one] } }));
    refuses('saveEdit', (one) => ({ target: { what: 'pairs', name: 'mine', plan, edits: [one] } }));
  });

  it('stacks have an end', () => {
    for (const [count, taken] of [
      [0, true],
      [200, true],
      [201, false],
    ] as const)
      expect(accepts('editedSample', { ...about, edits: new Array(count).fill(edit) })).toBe(taken);
  });

  it('editedSample is for samples on show', () => {
    const whole = { ...about, edits: [] };
    expect(accepts('editedSample', whole)).toBe(true);
    for (const [key, values] of Object.entries({
      stamp: [undefined, 3],
      plan: [undefined, { ...plan, count: 4097 }, { ...plan, seed: -1 }],
      maxSide: [0, 1e6, ...WITHOUT],
      edits: [undefined, 'none', {}],
    }))
      for (const value of values) expect(accepts('editedSample', changed(whole, key, value))).toBe(false);
  });

  it('an animation has a way to go', () => {
    const sweep = { what: 'sweep', name: 'mine', plan, edits: [edit], swept: ['a'], columns: 4 };
    const whole = { ...sweep, from: -1, to: 2, format: 'gif' };
    expect(accepts('saveEdit', { target: whole })).toBe(true);
    for (const [key, values] of Object.entries({
      from: [...WITHOUT, 1001],
      to: [...WITHOUT, -1001],
      swept: [undefined, [3]],
      columns: [0, 1001, ...WITHOUT],
      format: ['png', undefined],
      name: [undefined, 'x'.repeat(201)],
    }))
      for (const value of values)
        expect(accepts('saveEdit', { target: changed(whole, key, value) })).toBe(false);
    expect(accepts('saveEdit', { target: { ...whole, what: 'film' } })).toBe(false);
  });
});

describe('unitValues', () => {
  it('names a layer and concepts, and a bounded number of samples', () => {
    const whole = { stamp: 'abc', tensor: 't', concepts: [2], source: DEFAULT_SOURCE };
    const asked = { ...whole, seed: 2, samples: 64, quantile: 0.01 };
    expect(accepts('unitValues', asked)).toBe(true);
    expect(accepts('unitValues', { ...asked, concepts: [] })).toBe(true);
    for (const [key, values] of Object.entries({
      stamp: [undefined],
      tensor: ['', undefined],
      concepts: [undefined, [-1], [0.5], [1e5]],
      source: [undefined, {}],
      seed: [-1, ...WITHOUT],
      samples: [0, 1e8, ...WITHOUT],
      quantile: [-0.1, 1.1, ...WITHOUT],
    }))
      for (const value of values) expect(accepts('unitValues', changed(asked, key, value))).toBe(false);
  });
});

const common = { ...EFFECT_DEFAULTS, layer: 'l8', concept: ['tree'] };
const QUESTIONS: readonly EffectQuestion[] = [
  { kind: 'effect', settings: { ...common, choice: { kind: 'given', units: [1, 2] } } },
  { kind: 'selections', settings: { ...common, count: 20 } },
  { kind: 'placement', settings: { ...PLACEMENT_DEFAULTS, layer: 'l8', concept: ['tree'], units: [4] } },
];

describe('startEffect', () => {
  const starts = (question: unknown) => accepts('startEffect', { question });

  it.each(QUESTIONS)('takes the defaults of $kind, and refuses what is wrong in any part', (question) => {
    expect(starts(question)).toBe(true);
    const wrong: Readonly<Record<string, readonly unknown[]>> = {
      layer: ['', 3, undefined],
      concept: [[], [3], 'tree', undefined],
      samples: [1, 1e7, ...WITHOUT],
      seed: [-1, 2 ** 32, ...WITHOUT],
      trainingSamples: [1, 1e7, ...WITHOUT],
      trainingSeed: [-1, 2 ** 32 - 1, ...WITHOUT],
      source: [{}, undefined],
      resolution: [0, 4097, ...WITHOUT],
      ...(question.kind === 'effect' && {
        choice: [
          undefined,
          { kind: 'best' },
          { kind: 'given', units: [] },
          { kind: 'given', units: [0.5] },
          { kind: 'top', count: 0, rank: 'iou' },
          { kind: 'top', count: 3, rank: 'taste' },
        ],
        curve: [-1, 1001, ...WITHOUT],
      }),
      ...(question.kind === 'placement'
        ? { units: [[], [-1], undefined], patch: [0, 1025, ...WITHOUT] }
        : { ablate: ['half', undefined], random: [-1, 1001, ...WITHOUT] }),
      ...(question.kind === 'selections' && { count: [0, 1001, ...WITHOUT] }),
    };
    for (const [key, values] of Object.entries(wrong))
      for (const value of values) {
        const settings = changed(question.settings, key, value);
        expect([key, value, starts({ ...question, settings })]).toEqual([key, value, false]);
      }
  });

  it('has three kinds', () => {
    for (const nothing of [null, {}, { kind: 'cause', settings: common }, ...WITHOUT])
      expect(starts(nothing)).toBe(false);
  });
});

describe('answers on disk', () => {
  const figure: Figure = { mean: 0.5, interval: [0.4, 0.6] };
  const about = {
    ...{ schema: 1, layer: 'l8', units: [1], ms: 5, warnings: [], concept: 'tree' },
    model: { file: 'g.onnx', sha256: 'abc' },
    segmenter: { name: 's', sha256: 'def' },
  };
  const five = { before: figure, ablated: figure, inserted: figure, ace: figure, removed: figure };
  const effect = {
    ...{ ...about, settings: QUESTIONS[0]?.settings, concepts: [{ concept: 'tree', ...five }] },
    ...{ random: { ablated: [0.1], inserted: [0.2], removed: [0] }, curve: [figure] },
  };
  const selections = {
    ...{ ...about, settings: QUESTIONS[1]?.settings },
    selections: [{ rank: 'iou', units: [1], removed: [figure, figure] }],
    random: [{ units: 0, mean: 0, lowest: 0, highest: 0 }],
  };
  const placement = {
    ...{ ...about, settings: QUESTIONS[2]?.settings },
    map: { height: 1, width: 2, gained: [null, 0.5] },
    table: [{ before: 'grass', tries: 3, taken: figure }],
  };

  it.each([
    ['effect', isEffect, effect],
    ['selections', isSelections, selections],
    ['placement', isPlacement, placement],
  ] as const)('%s: whole, or not at all', (_, is, whole) => {
    expect(is(whole)).toBe(true);
    expect(is(JSON.parse(JSON.stringify(whole)))).toBe(true);
    for (const key of Object.keys(whole).filter((key) => key !== 'concept' || is !== isEffect))
      if (key !== 'units' || is !== isSelections)
        expect([key, is(changed(whole, key, undefined))]).toEqual([key, false]);
    expect(is({ ...whole, schema: 2 })).toBe(false);
  });

  it('knows one from the other', () => {
    expect([isEffect(selections), isSelections(placement), isPlacement(effect)]).toEqual([
      false,
      false,
      false,
    ]);
    expect(isPlacement({ ...placement, map: { ...placement.map, width: 3 } })).toBe(false);
    expect(isEffect({ ...effect, curve: [{ mean: 1 }] })).toBe(false);
  });
});

it('whatever is sent, the answer is yes or a coded no', () => {
  const methods: readonly PageMethod[] = [
    ...(['editedSample', 'unitValues', 'startEffect', 'keepEdit', 'saveEdit', 'copy'] as const),
    ...(['effects', 'editLibrary', 'openEdit'] as const),
  ];
  fc.assert(
    fc.property(fc.constantFrom(...methods), fc.anything(), (method, params) => {
      accepts(method, params);
    }),
    { numRuns: 500 },
  );
});
