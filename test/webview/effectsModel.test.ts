/** Effects as data: questions, sentences, tables. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { EFFECT_DEFAULTS, type Effect, PLACEMENT_DEFAULTS } from '../../src/shared/effects/effects.ts';
import { checkPageParams } from '../../src/shared/guards.ts';
import { area, areaFigure, points, share, shareFigure } from '../../webview/model/effectFigures.ts';
import { provenance } from '../../webview/model/effectProvenance.ts';
import {
  DEFAULT_VIEW,
  EFFECT_KINDS,
  type EffectSubject,
  expectedTime,
  picturesOf,
  questionOf,
  RANKS,
  UNITS_FROM,
} from '../../webview/model/effectQuestion.ts';
import {
  againstRandom,
  areasTable,
  beatsRandom,
  conceptsByChange,
  enumerated,
  headline,
  insertion,
  randomTable,
  sideEffects,
  sideEffectWords,
} from '../../webview/model/effectResult.ts';
import { mapTable, placementWords } from '../../webview/model/placementResult.ts';
import { bestAt, bestWords, selectionsTable } from '../../webview/model/selectionsResult.ts';
import { effectOf, figure, placementOf, selectionsOf } from './support/fakeEffects.ts';

const LAYER = { name: 'block1.conv1', tensor: 'conv1_out', units: 128 };
const SUBJECT: EffectSubject = {
  layer: LAYER,
  segmenter: true,
  concept: ['tree'],
  source: EFFECT_DEFAULTS.source,
  selection: [],
  edit: null,
  byIou: null,
  selections: null,
};
const common = { layer: 'block1.conv1', concept: ['tree'] };
const { curve: _, ...defaults } = EFFECT_DEFAULTS;
const effect = effectOf({ ...EFFECT_DEFAULTS, ...common, choice: { kind: 'top', count: 20, rank: 'iou' } });
const compared = selectionsOf({ ...defaults, ...common, count: 20 });
const placed = placementOf({ ...PLACEMENT_DEFAULTS, ...common, units: [3, 5] });

test('figures: one decimal for shares, two for small areas, a true minus, and what is no number is a dash', () => {
  expect([share(0.7949), share(-0.02), share(-0.0001), share(Number.NaN)]).toEqual([
    '79.5 %',
    '−2.0 %',
    '0.0 %',
    '–',
  ]);
  expect([area(0.0812), area(0.0042), area(0)]).toEqual(['8.1 %', '0.42 %', '0.0 %']);
  expect([points(0.174), points(-0.003), points(0)]).toEqual(['+17.4', '−0.30', '0.0']);
  expect(shareFigure(figure(0.795, 0.0205))).toBe('79.5 % (77.5–81.5)');
  expect(shareFigure(figure(0.01, 0.02))).toBe('1.0 % (−1.0 to 3.0)');
  expect(areaFigure({ mean: 0.08, interval: [Number.NaN, Number.NaN] })).toBe('8.0 %');
});

test('a question has what the form says; without concept or segmenter it says what is missing', () => {
  expect(questionOf('effect', DEFAULT_VIEW, SUBJECT)).toEqual({
    question: {
      kind: 'effect',
      settings: {
        ...EFFECT_DEFAULTS,
        ...{ layer: 'conv1_out', concept: ['tree'], choice: { kind: 'top', count: 20, rank: 'iou' } },
      },
    },
  });
  expect(questionOf('effect', DEFAULT_VIEW, { ...SUBJECT, concept: [] })).toEqual({
    whyNot: 'effects.conceptNone',
  });
  expect(questionOf('selections', DEFAULT_VIEW, { ...SUBJECT, segmenter: false })).toEqual({
    whyNot: 'effects.needsSegmenter',
  });
});

test('units: the selection, the edit, the best by IoU of a dissection, or of a comparison of the same concept', () => {
  const unitsFor = (view: Partial<typeof DEFAULT_VIEW>, subject: Partial<EffectSubject>) => {
    const asked = questionOf('placement', { ...DEFAULT_VIEW, ...view }, { ...SUBJECT, ...subject });
    return 'whyNot' in asked
      ? asked.whyNot
      : 'units' in asked.question.settings && asked.question.settings.units;
  };
  expect(unitsFor({ from: 'selection' }, {})).toBe('effects.unitsNone');
  expect(unitsFor({ from: 'selection' }, { selection: [7, 3] })).toEqual([7, 3]);
  expect(unitsFor({ from: 'edit' }, {})).toBe('effects.unitsNoEdit');
  expect(unitsFor({ from: 'edit' }, { edit: [9] })).toEqual([9]);
  expect(unitsFor({ count: 2 }, {})).toBe('effects.noDissection');
  expect(unitsFor({ count: 2 }, { byIou: [5, 1, 2] })).toEqual([5, 1]);
  expect(unitsFor({ rank: 'greedy' }, { byIou: [5, 1, 2] })).toBe('effects.noOrder');
  const greedy = compared.selections[2]?.units.slice(0, 3);
  expect(unitsFor({ rank: 'greedy', count: 3 }, { selections: compared })).toEqual(greedy);
  expect(unitsFor({ rank: 'greedy', count: 3 }, { selections: compared, concept: ['sky'] })).toBe(
    'effects.noOrder',
  );
  // More than were compared are not known.
  expect(unitsFor({ rank: 'greedy', count: 30 }, { selections: compared })).toBe('effects.noOrder');
});

test('every question that can be asked is one that the host takes', () => {
  const view = fc.record({
    open: fc.boolean(),
    shown: fc.constantFrom(...EFFECT_KINDS),
    from: fc.constantFrom(...UNITS_FROM),
    count: fc.integer({ min: 1, max: 500 }),
    rank: fc.constantFrom(...RANKS),
    samples: fc.integer({ min: 10, max: 10_000 }),
    random: fc.integer({ min: 0, max: 200 }),
  });
  const subject = {
    ...SUBJECT,
    selection: [1, 2],
    edit: [3],
    byIou: Array.from({ length: 128 }, (_x, i) => i),
  };
  fc.assert(
    fc.property(view, fc.constantFrom(...EFFECT_KINDS), (form, kind) => {
      const asked = questionOf(kind, form, { ...subject, selections: compared });
      if ('question' in asked) checkPageParams('startEffect', { question: asked.question });
      return 'question' in asked || asked.whyNot === 'effects.noOrder';
    }),
  );
});

test('the time is judged by the last answer of its kind, else of another, else by the dissection, else not at all', () => {
  const asked = questionOf('effect', { ...DEFAULT_VIEW, samples: 400 }, SUBJECT);
  if (!('question' in asked)) throw new Error('It can be asked.');
  const sizeOf = () => ({ units: 128, cells: 64 });
  const none = { effect: null, selections: null, placement: null };
  const before = picturesOf({ kind: 'effect', settings: effect.settings }, 128, 64);
  const now = picturesOf(asked.question, 128, 64);
  expect(now).toBe(before + 200 * (3 + 40 + 20));
  expect(expectedTime(asked.question, { ...none, effect }, sizeOf, null)).toBeCloseTo(
    (effect.ms / before) * now,
  );
  const places = picturesOf({ kind: 'placement', settings: placed.settings }, 128, 64);
  expect(expectedTime(asked.question, { ...none, placement: placed }, sizeOf, null)).toBeCloseTo(
    (placed.ms / places) * now,
  );
  expect(expectedTime(asked.question, none, sizeOf, { ms: 2000, samples: 1000 })).toBeCloseTo(2 * now);
  expect(expectedTime(asked.question, none, sizeOf, null)).toBeNull();
});

test('the headline: what goes, beside what chance takes, and what else goes and comes', () => {
  expect(headline(effect)).toBe('Ablating these 20 units removes 79.5 % (77.5–81.5) of tree');
  const mean = effect.random.removed.reduce((sum, value) => sum + value, 0) / 20;
  const largest = Math.max(...effect.random.removed);
  expect(againstRandom(effect)).toBe(
    `20 random units remove ${share(mean)} (largest of 20 sets: ${share(largest)}).`,
  );
  expect(beatsRandom(effect)).toBe(true);
  expect(insertion(effect)).toBe(
    'Inserted, they bring its area to 21.4 % of the picture; switched off, to 1.6 %. Causal effect (ACE): +19.8 points (19.2–20.4).',
  );
  expect(sideEffectWords(effect)).toEqual([
    'Ablating them also takes 12.1 % of mountain.',
    'It adds 8.0 % to ground.',
  ]);
});

test('a set that is no better than chance, one unit, none at all, and an area that grows', () => {
  const [own, ...others] = effect.concepts;
  if (own === undefined) throw new Error('There is one.');
  const as = (change: Partial<typeof own>, more: Partial<Effect> = {}): Effect => ({
    ...{ ...effect, ...more, concepts: [{ ...own, ...change }, ...others] },
  });
  expect(beatsRandom(as({ removed: figure(0.1, 0.02) }))).toBe(false);
  expect(headline(as({ removed: figure(0.1, 0.02) }, { units: [3] }))).toBe(
    'Ablating this unit removes 10.0 % (8.0–12.0) of tree',
  );
  expect(headline(as({ removed: figure(-0.1, 0.02) }))).toBe(
    'Ablating these 20 units adds 10.0 % (8.0–12.0) to tree',
  );
  const unseen = as({ before: figure(0, 0), removed: figure(Number.NaN, Number.NaN) });
  expect(headline(unseen)).toBe('No sample shows tree, so nothing can be removed.');
  expect(beatsRandom(unseen)).toBeNull();
  const alone = { ...effect, random: { removed: [], ablated: [], inserted: [] } };
  expect([againstRandom(alone), beatsRandom(alone)]).toEqual(['', null]);
});

test('side effects leave out what is rarely seen and the parts of a concept; the largest come first', () => {
  const names = sideEffects(effect).map(({ concept }) => concept);
  expect(names.slice(0, 2)).toEqual(['mountain', 'ground']);
  expect(names).not.toContain('snow');
  expect(names).not.toContain('tree');
  const house = effectOf({ ...effect.settings, concept: ['house', 'door'] });
  expect(headline(house)).toContain('of house + door');
  expect(sideEffects(house).map(({ concept }) => concept)).not.toContain('door');
  expect(conceptsByChange(effect)[0]?.concept).toBe('tree');
});

test('tables hold every number with its interval', () => {
  const { columns, rows } = areasTable(effect.concepts);
  expect(columns.length).toBe(10);
  expect(rows.length).toBe(10);
  expect(rows[0]?.[1]).toEqual({ value: 0.08, text: '8.0 %' });
  expect(randomTable(effect).rows.length).toBe(21);
  expect(selectionsTable(compared).rows.length).toBe(21);
  expect(selectionsTable(compared).rows[5]?.at(-1)).toEqual({ value: 0.045, text: '4.5 %' });
  expect(selectionsTable(compared).rows[6]?.at(-1)).toEqual({ value: null, text: '–' });
  expect(mapTable(placed).rows.length).toBe(64);
  expect(mapTable(placed).rows.at(-1)?.[2]).toEqual({ value: null, text: '–' });
});

test('the best choice, and those that are level with it', () => {
  expect(bestAt(compared, 5).map(({ rank }) => rank)).toEqual(['greedy']);
  expect(bestWords(compared, 5)).toMatch(/^With 5 units, the best choice is greedily: it removes \d/);
  expect(bestAt(compared, 20).map(({ rank }) => rank)).toEqual(['greedy', 'effect']);
  expect(bestWords(compared, 20)).toBe(
    'With 20 units, greedy set and single effect are level within their intervals; the best removes 94.0 % (91.9–96.1) of tree.',
  );
  expect(bestWords(compared, 0)).toBe('');
  expect(bestAt({ ...compared, selections: [] }, 3)).toEqual([]);
});

test('where it can go, in a sentence: the best and the worst of what was tried often', () => {
  expect(placementWords(placed)).toBe(
    'Of all tries, tree takes on ground in 72 %, on mountain in 41 % and on sky in 4 %.',
  );
  expect(placementWords({ ...placed, table: [] })).toBe('tree took nowhere that was tried.');
  expect(enumerated(['a'])).toBe('a');
  expect(enumerated([])).toBe('');
});

test('what an answer was computed from', () => {
  expect(provenance(effect)).toBe(
    'Measured on 200 held-out samples (seed 1) · units chosen by IoU on seed 2 · inserted values from 200 samples of seed 2 · ' +
      'ablated to 0 · layer block1.conv1 · segmenter Demo segmenter abcdef01 · generator.onnx 3fb1c2d4 · took 42.0 s',
  );
  const same = {
    ...effect,
    settings: { ...effect.settings, trainingSeed: 1, choice: { kind: 'given', units: [1] } as const },
  };
  expect(provenance(same)).toMatch(
    /^Measured on 200 samples \(seed 1\), not held out · units chosen by hand/,
  );
  expect(provenance(placed)).toContain('patches of 1 × 1 cells');
});
