/** Scores as data: digits, what can be asked, what compares with what, plots and provenance. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { SCORE_PRESETS } from '../../src/shared/scores/scorePresets.ts';
import type { ScorePlot, ScoreValue } from '../../src/shared/scores/scores.ts';
import { readScores } from '../../webview/model/pageState.ts';
import {
  chosenScores,
  expectedTime,
  isWorthATrial,
  named,
  presetOf,
  questionOf,
  samplesHint,
  toggled,
  trialKind,
  whyNot,
} from '../../webview/model/scoreChoice.ts';
import {
  comparedRows,
  differenceVerdict,
  mismatches,
  mismatchWords,
  runsTable,
  verdictOf,
} from '../../webview/model/scoreCompare.ts';
import {
  intervalText,
  plainNumber,
  scaleEnd,
  scoreNumber,
  scoreText,
  signedNumber,
} from '../../webview/model/scoreFigures.ts';
import { listed, runLabels, shownRecord, valuesLine, whenText } from '../../webview/model/scoreHistory.ts';
import { extractorFacts, referenceFacts } from '../../webview/model/scoreParts.ts';
import { chartKind, inOrder, placeText, plotTable } from '../../webview/model/scorePlots.ts';
import { scoreProvenance } from '../../webview/model/scoreProvenance.ts';
import { EXTRACTOR, REFERENCE, REGISTRY, recordOf, runOf, setupOf, valuesOf } from './support/fakeScores.ts';

const setup = setupOf();
const wish = setup.wish;
const numberOf = (text: string) => Number(text.replaceAll('−', '-').replaceAll(',', ''));
const value = (interval: readonly [number, number] | null): ScoreValue => ({
  ...(valuesOf(['fid'], 500)[0] as ScoreValue),
  ...{ value: interval === null ? 1 : (interval[0] + interval[1]) / 2, interval },
});

test('digits: two of the half-width, else three; a true minus; what is no number is a dash', () => {
  expect(scoreText({ value: 0.6343, interval: [0.4553, 0.8133] })).toBe('0.63 (0.46–0.81)');
  expect(scoreText({ value: 0.0054375, interval: [-0.0018, 0.01268] })).toBe('0.0054 (−0.0018 to 0.0127)');
  expect(scoreText({ value: 63.12345, interval: [63.0812, 63.1657] })).toBe('63.123 (63.081–63.166)');
  expect(scoreNumber(12_345.6)).toBe('12,346');
  expect(scoreNumber(5.7473)).toBe('5.75');
  expect(scoreNumber(1, [1, 1])).toBe('1.00');
  expect(scoreNumber(0)).toBe('0');
  expect(scoreNumber(2.5e-7)).toBe('2.50e−7');
  expect(scoreNumber(Number.NaN)).toBe('–');
  expect(signedNumber(0.0123, [-0.02, 0.0446])).toBe('+0.012');
  expect(signedNumber(-0.11, [-0.15, -0.07])).toBe('−0.110');
  expect(intervalText(1, null)).toBe('');
  expect(intervalText(1, [Number.NaN, 2])).toBe('');
});

test('a value is written to within a tenth of its half-width, and its ends as finely', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.double({ min: 1e-3, max: 1, noNaN: true }),
      (at, share) => {
        const half = Math.max(Math.abs(at), 1e-3) * share;
        const interval = [at - half, at + half] as const;
        return Math.abs(numberOf(scoreNumber(at, interval)) - at) <= half / 10;
      },
    ),
  );
});

test('a scale ends at a round number that holds everything', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), { minLength: 1 }), (values) => {
      const [end, most] = [scaleEnd(values), Math.max(...values)];
      return end >= most * (1 - 1e-9) && end <= most * 2.5;
    }),
  );
  expect([scaleEnd([]), scaleEnd([0.634]), scaleEnd([0.94, 0.2])]).toEqual([1, 1, 1]);
  expect([plainNumber(0.02), plainNumber(-1234.56), plainNumber(3e-7)]).toEqual(['0.02', '−1,235', '3.0e−7']);
});

test('what is missing decides what can be measured', () => {
  const why = (id: string, with_ = setup, classes = 7) =>
    whyNot(REGISTRY.find((score) => score.id === id) as never, with_, classes);
  const statistics = { ...setup.reference, description: { ...REFERENCE, kind: 'statistics' } } as never;
  const blind = { ...setup.extractor, description: { ...EXTRACTOR, classes: 0 } } as never;
  expect(why('fid')).toBe(null);
  expect(why('fid', setupOf({ reference: null }))).toBe('scores.needReference');
  expect([
    why('fid', setupOf({ reference: statistics })),
    why('kid', setupOf({ reference: statistics })),
  ]).toEqual([null, 'scores.needFeatures']);
  expect(why('is', setupOf({ extractor: blind }))).toBe('scores.needLogits');
  expect(why('is', setupOf({ extractor: null }))).toBe('scores.needExtractor');
  const labels = {
    ...(REGISTRY[0] as (typeof REGISTRY)[0]),
    needs: { reference: 'none', logits: false, labels: true },
  };
  expect(whyNot(labels as never, setup, 0)).toBe('scores.needLabels');
});

test('a question has the possible scores in the registry’s order; without any it says what is missing', () => {
  const asked = questionOf({ ...wish, scores: ['is', 'kid', 'fid'] }, setup, 7, []);
  expect(asked).toEqual({ question: { wish: { ...wish, scores: ['fid', 'kid', 'is'] }, edits: [] } });
  expect(questionOf({ ...wish, scores: [] }, setup, 7, [])).toEqual({ whyNot: 'scores.needScore' });
  const without = setupOf({ reference: null });
  expect(questionOf({ ...wish, scores: ['fid'] }, without, 7, [])).toEqual({
    whyNot: 'scores.needReferenceOrIs',
  });
  expect(named({ ...wish, scores: [] }, setup, 7).scores).toEqual(wish.scores);
  expect(named(wish, without, 7).scores).toEqual(['is', 'is-infinity', 'vendi']);
  expect(chosenScores(named(wish, without, 7), without, 7)).toEqual(['is', 'is-infinity', 'vendi']);
});

test('a score toggled twice is as before, and all others stay', () => {
  const ids = REGISTRY.map(({ id }) => id);
  fc.assert(
    fc.property(fc.subarray(ids), fc.constantFrom(...ids), (scores, id) => {
      const once = toggled(scores, setup, id);
      expect(once.includes(id)).toBe(!scores.includes(id));
      expect(toggled(once, setup, id)).toEqual(ids.filter((one) => scores.includes(one)));
    }),
  );
});

test('a preset is known by its scores, N and resize together', () => {
  for (const preset of SCORE_PRESETS) {
    const { scores, samples, resize } = preset;
    expect(presetOf({ ...wish, scores, samples, resize })?.id).toBe(preset.id);
    expect(presetOf({ ...wish, scores, samples })).toBeNull();
    expect(presetOf({ ...wish, scores, samples: samples + 1, resize })).toBeNull();
  }
});

test('numbers of samples in words; time by the last run; what is long is tried out first', () => {
  expect([
    samplesHint(100, 2048),
    samplesHint(2000, 128),
    samplesHint(9000, 128),
    samplesHint(50_000, 2048),
  ]).toEqual(['scores.n.singular', 'scores.n.quick', 'scores.n.between', 'scores.n.papers']);
  const question = { wish: { ...wish, samples: 10_000 }, edits: [] };
  const history = [recordOf('other', runOf(), false), recordOf('own', runOf())];
  expect(expectedTime(question, history, EXTRACTOR.sha256)).toBeCloseTo((32_080 / 2500) * 10_000);
  expect(expectedTime(question, history, 'another')).toBe(null);
  expect([isWorthATrial(question, null), isWorthATrial(question, 59_000)]).toEqual([true, false]);
  expect([isWorthATrial({ ...question, wish }, null), isWorthATrial(question, 61_000)]).toEqual([
    false,
    true,
  ]);
  const trial = {
    images: 32,
    rate: 5,
    rateReference: null,
    missing: 9,
    missingReference: 0,
    eta: 1,
    warnings: [],
  };
  expect([trialKind({ ...trial, missing: 0 }), trialKind(trial), trialKind({ ...trial, eta: 2e6 })]).toEqual([
    'kept',
    'short',
    'long',
  ]);
});

const arbitraryRun = fc
  .record({
    samples: fc.constantFrom(500, 2000),
    quantisation: fc.constantFrom('round' as const, 'floor' as const),
    options: fc.constantFrom({}, { kid: { a: 1, b: 2 } }, { kid: { b: 2, a: 1 } }),
    seed: fc.nat(5),
    resize: fc.constantFrom('clean' as const, 'tf1' as const),
    sha256: fc.constantFrom('aa', 'bb'),
  })
  .map(({ resize, sha256, ...settings }) => runOf(settings, { extractor: { resize, sha256 } }));

test('what compares does so both ways and with itself, whatever the seed; the order of options does not count', () => {
  fc.assert(
    fc.property(arbitraryRun, arbitraryRun, (a, b) => {
      expect(mismatches(a, a)).toEqual([]);
      expect(mismatches(a, b)).toEqual(mismatches(b, a));
      expect(mismatches(a, b).includes('samples')).toBe(a.settings.samples !== b.settings.samples);
      const other = { ...b, reference: null };
      expect(mismatches(a, other)).toContain('reference');
      expect(mismatches(a, other, false)).toEqual(mismatches(a, b));
    }),
  );
  const options = (kid: Record<string, number>) => runOf({ options: { kid } });
  expect(mismatches(options({ a: 1, b: 2 }), options({ b: 2, a: 1 }))).toEqual([]);
  expect(mismatches(options({ a: 1 }), options({ a: 2 }))).toEqual(['options']);
  expect(mismatchWords(['extractor', 'samples'])).toBe('not comparable: another extractor, another N');
});

test('a verdict only where intervals do not touch, and turned round when the two are', () => {
  const ends = fc.tuple(fc.integer({ min: -50, max: 50 }), fc.nat(20));
  fc.assert(
    fc.property(
      ends,
      ends,
      fc.constantFrom('lower' as const, 'higher' as const),
      ([a, m], [b, n], direction) => {
        const [one, two] = [value([a, a + m]), value([b, b + n])];
        const found = verdictOf(one, two, direction);
        expect(found === null).toBe(a <= b + n && b <= a + m);
        const turned = { better: 'worse', worse: 'better' } as const;
        if (found === 'better' || found === 'worse')
          expect(verdictOf(two, one, direction)).toBe(turned[found]);
      },
    ),
  );
  expect(verdictOf(value([3, 4]), value([1, 2]), 'neither')).toBe('higher');
  expect(verdictOf(value(null), value([1, 2]), 'lower')).toBe(null);
  expect([differenceVerdict(value([-1, 1]), 'lower'), differenceVerdict(value([1, 2]), 'lower')]).toEqual([
    null,
    'worse',
  ]);
});

test('runs side by side: every value of any, marked against the first, not where it does not compare', () => {
  const runs = [
    runOf(),
    runOf({ scores: ['fid', 'precision'] }, { shift: -0.6 }),
    runOf({ samples: 2000 }, { shift: -0.6 }),
  ];
  const rows = comparedRows(runs, REGISTRY);
  const precision = rows.find(({ name }) => name === 'Precision');
  expect(precision?.cells.map((cell) => [cell?.verdict, cell?.comparable])).toEqual([
    [null, true],
    ['worse', true],
    [null, false],
  ]);
  expect(rows.find(({ name }) => name === 'KID')?.cells[1]).toBe(null);
  expect(runsTable(precision as never, ['a', 'b', 'c']).rows[0]).toMatchObject([
    'a',
    { value: 0.904 },
    {},
    {},
  ]);
  expect(comparedRows([], REGISTRY)).toEqual([]);
});

test('the history: own or all, the newest of this generator on show, names that tell runs apart', () => {
  const own = recordOf('own', runOf({}, { date: '2026-11-24T10:00:00Z' }));
  const others = [recordOf('b', runOf({}, { file: 'b.onnx' }), false), own, recordOf('c', runOf())];
  expect(listed(others, false).map(({ id }) => id)).toEqual(['own', 'c']);
  expect([shownRecord(others, true, null)?.id, shownRecord(others, true, 'b')?.id]).toEqual(['own', 'b']);
  expect([shownRecord(others.slice(0, 1), false, null), shownRecord(others, false, 'gone')?.id]).toEqual([
    null,
    'own',
  ]);
  const labels = runLabels(others);
  expect(labels[0]).toBe('b.onnx');
  expect(new Set(labels).size).toBe(3);
  expect(valuesLine(own.run)).toBe('FID 0.63 · FID∞ 0.5 · KID 0.0054 · 8 more');
  expect([whenText('2026-11-25T09:06:00Z', 'UTC').replace(' ', ' '), whenText('once')]).toEqual([
    'Nov 25, 2026, 9:06 AM',
    'once',
  ]);
});

test('plots of any score: kinds, places in words, the table behind, gaps', () => {
  const plots = valuesOf(['fid', 'frontier', 'is'], 500).flatMap((one) => one.plots);
  expect(plots.map(chartKind)).toEqual(['lines', 'plane', 'classes', 'columns']);
  expect(inOrder(plots.slice(2)).map(({ id }) => id)).toEqual(['is-sharpness', 'is-average']);
  const [fit, , average] = plots as [ScorePlot, ScorePlot, ScorePlot];
  expect(placeText(fit, 0.0005, [])).toBe('1/N = 0.0005 (N = 2,000)');
  expect([placeText(average, 3, EXTRACTOR.classNames), placeText(average, 99, [])]).toEqual([
    'forest',
    'class 99',
  ]);
  const table = plotTable(fit, []);
  expect(table.columns).toEqual(['1/N', 'FID', 'fitted line']);
  expect(table.rows[0]?.[1]).toBe('–');
  expect(plotTable(average, EXTRACTOR.classNames).rows.map(([head]) => head)).toEqual(EXTRACTOR.classNames);
});

test('what parts are, and what a run was made from', () => {
  expect(extractorFacts({ ...EXTRACTOR, classes: 0 })).toEqual([
    '128 features',
    'no classes',
    '64×64 pixels',
    'resize of clean-fid',
  ]);
  expect(referenceFacts({ ...REFERENCE, skipped: [{ file: 'a', reason: 'b' }] })).toEqual([
    '2,000 images',
    '1 file skipped',
  ]);
  expect(referenceFacts({ ...REFERENCE, kind: 'model', count: 1 })).toEqual(['1 sample']);
  const source = { ...wish.source, truncation: { mode: 'psi', psi: 0.7 } } as const;
  const line = scoreProvenance({ ...runOf({ source, classes: 3 }), reference: null });
  for (const part of ['class 3', 'truncation ψ 0.7', 'extractor Demo extractor eca2b4c9', 'no reference'])
    expect(line).toContain(part);
  expect(line).toContain('Genscope 0.1.0, onnxruntime-node 1.30.0');
});

test('the kept state is read back; what does not hold is its default', () => {
  const model = 'file:///m';
  const scores = { shown: 'a', compared: ['a', 'b', 'a', 3], opened: 'FID', everyModel: true, edited: 'yes' };
  expect(readScores({ schema: 1, model, scores }, model)).toEqual({
    ...{ shown: 'a', compared: ['a', 'b'], opened: 'FID', everyModel: true, edited: false },
  });
  const nothing = { shown: null, compared: [], opened: null, everyModel: false, edited: false };
  for (const kept of [
    null,
    { schema: 1, model },
    { schema: 1, model: 'other', scores },
    { schema: 1, model, scores: 7 },
  ])
    expect(readScores(kept, model)).toEqual(nothing);
});

test('a confusion matrix is a field of classes, with asked by recognised behind it', () => {
  const cells = [
    [0.9, 0.1],
    [0.25, 0.75],
  ];
  const plot = {
    ...{ id: 'confusion', title: 'Confusion', lines: [], kind: 'bars' as const, cells },
    x: { label: 'class', values: [0, 1] },
    y: { label: 'share recognised as asked', values: [0.9, 0.75] },
  };
  expect(chartKind(plot)).toBe('matrix');
  const { columns, rows } = plotTable(plot, ['lake', 'village']);
  expect(columns).toEqual(['asked for', 'lake', 'village']);
  expect(rows[1]).toEqual(['village', { value: 0.25, text: '0.25' }, { value: 0.75, text: '0.75' }]);
  expect(placeText(plot, 5, [])).toBe('class 5');
});
