/** What looks are asked with, what a person's word on pairs comes to, and what is kept of it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { supportOf } from '../../src/shared/checks/birthday.ts';
import { LOOK_KINDS } from '../../src/shared/checks/lookRequests.ts';
import { checkPageParams } from '../../src/shared/guards.ts';
import type { LooksView } from '../../src/shared/pageProtocol.ts';
import { SCORE_DEFAULTS } from '../../src/shared/scores/scores.ts';
import { type LookParts, lookQuestion, samplesOf } from '../../webview/model/lookQuestion.ts';
import {
  artifactsWords,
  chance,
  copiesWords,
  modesVerdict,
  ratioText,
  twinsWords,
} from '../../webview/model/lookResult.ts';
import { DEFAULT_LOOKS, readLooks } from '../../webview/model/lookView.ts';
import { writePageState } from '../../webview/model/pageState.ts';
import {
  answered,
  answersAbout,
  byDistance,
  countedOf,
  nextOpen,
  pairsId,
  wordOn,
} from '../../webview/model/pairAnswers.ts';
import { defaultSamples } from '../../webview/model/samplesModel.ts';
import { artifactsOf, duplicatesOf, modesOf, neighboursOf } from './support/fakeLooks.ts';
import { REFERENCE, setupOf } from './support/fakeScores.ts';
import { demoModel } from './support/models.ts';

const { samples, seed, source, classes, quantisation, referenceSamples } = SCORE_DEFAULTS;
const drawn = { seed, source, classes, quantisation };
const wish = { ...SCORE_DEFAULTS };
const shown = defaultSamples(16, 'numpy');
const keys = Array.from({ length: 16 }, (_, i) => ({ seed: i, classIndex: i % 7 }));

function parts(more: Partial<LookParts> = {}): LookParts {
  return { wish, setup: setupOf(), samples: shown, keys, layers: demoModel().layers, ...more };
}

describe('a question', () => {
  test.each(LOOK_KINDS)('%s passes the check of the host as it is asked by default', (kind) => {
    const asked = lookQuestion(kind, DEFAULT_LOOKS, parts());
    expect(asked).toHaveProperty('question');
    if ('question' in asked)
      expect(checkPageParams('startLook', { question: asked.question, wish })).toEqual({ ...asked, wish });
  });

  test('is about the samples that scores are computed of, so that their features are there already', () => {
    const asked = lookQuestion('modes', DEFAULT_LOOKS, parts());
    expect(asked).toEqual({
      question: { kind: 'modes', settings: { ...drawn, samples, referenceSamples, k: 20, shown: 6 } },
    });
  });

  test('about the samples on show: all of them, or those selected, by their places', () => {
    const view = { ...DEFAULT_LOOKS, which: 'onShow' } as const;
    const settingsOf = (more: Partial<LookParts>) => {
      const asked = lookQuestion('neighbours', view, parts(more));
      return 'question' in asked ? asked.question.settings : null;
    };
    expect(settingsOf({})).toMatchObject({
      ...{ samples: 16, seed: shown.seed, source: shown.source, k: 4 },
      shown: Array.from({ length: 16 }, (_, i) => i),
    });
    const selection = [
      { seed: 9, classIndex: 2 },
      { seed: 3, classIndex: 3 },
      { seed: 4, classIndex: 0 },
    ];
    expect(settingsOf({ samples: { ...shown, selection } })).toMatchObject({ shown: [3, 9] });
  });

  test.each([
    ['modes', setupOf({ extractor: null }), 'scores.needExtractor'],
    ['duplicates', setupOf({ extractor: null }), 'scores.needExtractor'],
    ['neighbours', setupOf({ reference: null }), 'looks.needReference'],
    ['modes', withReference('statistics'), 'looks.needPictures'],
    ['artifacts', withReference('model'), 'looks.needPictures'],
  ] as const)('%s says what is missing', (kind, setup, whyNot) => {
    expect(lookQuestion(kind, DEFAULT_LOOKS, parts({ setup }))).toEqual({ whyNot });
  });

  test('twins need no reference; artifacts wait for the layers', () => {
    const setup = setupOf({ reference: null });
    expect(lookQuestion('duplicates', DEFAULT_LOOKS, parts({ setup }))).toHaveProperty('question');
    expect(lookQuestion('artifacts', DEFAULT_LOOKS, parts({ layers: null }))).toEqual({
      whyNot: 'looks.needLayers',
    });
  });

  test('artifacts leave a unit of a small layer on, and count what each set costs', () => {
    const [first] = demoModel().layers ?? [];
    const small = { ...first, name: 'small', tensor: 'small', units: 4 } as NonNullable<typeof first>;
    const asked = lookQuestion('artifacts', DEFAULT_LOOKS, parts({ layers: [small] }));
    if (!('question' in asked)) throw new Error(asked.whyNot);
    expect(asked.question.settings).toMatchObject({ layer: 'small', worst: 3, top: 25 });
    expect(samplesOf(asked.question)).toBe(samples * 7);
  });
});

describe("a person's word on pairs", () => {
  const found = duplicatesOf({ ...drawn, batch: 100, batches: 20, threshold: null });
  const none = answersAbout(found, null);

  test('whatever is said in whatever order, each pair has its last word, and the estimate comes with all', () => {
    const say = fc.record({ batch: fc.nat(19), word: fc.constantFrom('same', 'different', null) });
    fc.assert(
      fc.property(fc.array(say, { maxLength: 60 }), (words) => {
        const said = words.reduce((now, { batch, word }) => answered(now, [batch], word), none);
        const last = new Map(words.map(({ batch, word }) => [batch, word]));
        for (let batch = 0; batch < 20; batch++) expect(wordOn(said, batch)).toBe(last.get(batch) ?? null);
        const counted = countedOf(found, said);
        const same = [...last.values()].filter((word) => word === 'same').length;
        const open = 20 - [...last.values()].filter((word) => word !== null).length;
        expect(counted).toMatchObject({ same, open });
        expect(counted.estimate).toEqual(
          open === 0 ? supportOf({ batch: 100, batches: 20, duplicates: same }) : null,
        );
      }),
    );
  });

  test('a distance answers for all of them, and says so of as many as are near enough', () => {
    const said = byDistance(found.pairs, pairsId(found), 2.7);
    expect(said.same).toEqual([0, 1, 2]);
    expect(said.different).toHaveLength(17);
  });

  test('the next pair without a word is after this one, or, at the end, before it', () => {
    const said = answered(none, [0, 1, 3], 'different');
    expect(nextOpen(found.pairs, said, 1)).toBe(2);
    expect(nextOpen(found.pairs, said, 19)).toBe(2);
    expect(nextOpen(found.pairs, byDistance(found.pairs, 'x', 1), 4)).toBe(-1);
  });

  test('holds for these pairs alone', () => {
    const said = answered(none, [4], 'same');
    expect(answersAbout(found, said)).toBe(said);
    const other = duplicatesOf({ ...drawn, seed: seed + 1, batch: 100, batches: 20, threshold: null });
    expect(answersAbout(other, said)).toEqual({ of: pairsId(other), same: [], different: [] });
  });

  test('in words: how many pictures, with the interval; bounds where none or all are the same', () => {
    const words = (threshold: number) =>
      twinsWords(countedOf(found, byDistance(found.pairs, 'x', threshold)), found).join(' ');
    expect(words(2.7)).toBe(
      '3 of 20 batches of 100 have two alike: 15 % (3.2 %–38 %). That many repetitions are expected of 31,000 different pictures (10,000–150,000), were all equally likely; of unequal ones the most frequent count.',
    );
    expect(words(1)).toBe(
      '0 of 20 batches of 100 have two alike: 0 % (0 %–17 %). Then it makes at least 27,000 different pictures.',
    );
    expect(words(99)).toBe(
      '20 of 20 batches of 100 have two alike: 100 % (83 %–100 %). Every batch repeats: it makes at most 2,800 different pictures.',
    );
    const few = duplicatesOf({ ...drawn, batch: 100, batches: 5, threshold: null });
    expect(twinsWords(countedOf(few, byDistance(few.pairs, 'x', 9)), few).at(-1)).toBe(
      'Fewer than 20 batches say little.',
    );
  });
});

describe('what was found, in words', () => {
  const compared = { ...drawn, samples, referenceSamples };

  test('copies: the verdict, the share with its interval, C_T with its own', () => {
    expect(copiesWords(neighboursOf({ ...compared, k: 2, shown: 3 }))).toEqual({
      verdict: 'No sign of copying beyond chance.',
      figures:
        '12.4 % (11.0–13.9) of 2,000 samples are as near to an image as images are to each other (AuthPct 87.6); C_T −1.0 (−3.1 to 1.1). Below −3 C_T is an alarm.',
    });
    expect(copiesWords(neighboursOf({ ...compared, k: 2, shown: 3 }, true)).verdict).toContain('It copies');
    const few = neighboursOf({ ...compared, samples: 16, k: 2, shown: [0, 1] });
    expect(copiesWords(few).verdict).toContain('Too few samples');
  });

  test('kinds: how many are missing, too rare, too frequent, or none', () => {
    expect(modesVerdict(modesOf({ ...compared, k: 20, shown: 6 }))).toEqual({
      alarm: true,
      words: '1 missing, 1 too rare, 1 too frequent, beyond chance (p < 0.05 after Holm).',
    });
    expect(modesVerdict(modesOf({ ...compared, k: 20, shown: 6 }, true)).alarm).toBe(false);
  });

  test('artifacts: FID before and after with the interval of the difference; by rank alone no verdict', () => {
    const asked = { ...compared, layer: 'block1.conv1', top: 25, worst: 5, random: 5 };
    expect(artifactsWords(artifactsOf(asked)).words[0]).toBe(
      'FID 0.628 → 0.746; difference +0.118 (0.070–0.166).',
    );
    expect(artifactsWords(artifactsOf(asked, true)).verdict).toContain('spoil pictures');
    expect(artifactsWords(artifactsOf({ ...asked, worst: 0 })).verdict).toBeNull();
  });

  test('small chances and boundless ratios read well', () => {
    expect([2e-14, 0.0031, 0.26, 1].map(chance)).toEqual(['2e−14', '0.0031', '0.26', '1']);
    expect([0.618, Number.MAX_VALUE].map(ratioText)).toEqual(['0.62×', '∞×']);
  });
});

describe('what is kept of it', () => {
  test('comes back as it was; what does not hold becomes its default', () => {
    const view: LooksView = {
      ...{ ...DEFAULT_LOOKS, shown: 'duplicates', batch: 50, threshold: 2.5, layer: 'block1.conv1' },
      answers: { of: 'x', same: [1], different: [0, 2] },
    };
    const wire = JSON.parse(JSON.stringify(writePageState('m', 'looks', shown, { looks: view })));
    expect(readLooks(wire, 'm')).toEqual(view);
    expect(readLooks(wire, 'other')).toEqual(DEFAULT_LOOKS);
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(DEFAULT_LOOKS)), fc.anything(), (name, value) => {
        const read = readLooks({ schema: 1, model: 'm', looks: { ...view, [name]: value } }, 'm');
        for (const kind of LOOK_KINDS) expect(lookQuestion(kind, read, parts())).toHaveProperty('question');
      }),
    );
  });
});

function withReference(kind: 'statistics' | 'model') {
  const description = { ...REFERENCE, kind };
  return setupOf({ reference: { label: 'r', place: '/r', description, problem: null } });
}
