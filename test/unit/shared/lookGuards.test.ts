/** What a page may ask for when it looks closer: each field of a question counts, and no file can be named. */
import { describe, expect, it } from 'vitest';
import { isLookQuestion } from '../../../src/shared/checks/lookGuards.ts';
import type { LookQuestion } from '../../../src/shared/checks/lookRequests.ts';
import { checkPageParams } from '../../../src/shared/guards.ts';
import { SCORE_DEFAULTS } from '../../../src/shared/scores/scores.ts';

const { seed, source, classes, quantisation, samples, referenceSamples } = SCORE_DEFAULTS;
const drawn = { seed, source, classes, quantisation };
const compared = { ...drawn, samples, referenceSamples };
const QUESTIONS: readonly LookQuestion[] = [
  { kind: 'neighbours', settings: { ...compared, k: 4, shown: 12 } },
  { kind: 'neighbours', settings: { ...compared, samples: 1, k: 1, shown: [0] } },
  { kind: 'duplicates', settings: { ...drawn, batch: 100, batches: 20, threshold: null } },
  { kind: 'duplicates', settings: { ...drawn, batch: 2, batches: 1, threshold: 0.5 } },
  { kind: 'modes', settings: { ...compared, k: 20, shown: 6 } },
  { kind: 'artifacts', settings: { ...compared, layer: 'l16', top: 25, worst: 5, random: 5 } },
];
const NONSENSE = [undefined, 'x', -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 1e12, {}, [-1], [0.5], true];
/** What of it makes sense after all. */
const FINE: Readonly<Record<string, readonly unknown[]>> = { layer: ['x'], threshold: [0.5, 1e12] };

describe('a question', () => {
  it.each(QUESTIONS)('of $kind is one, and with any field made nonsense it is none', (question) => {
    expect(isLookQuestion(question)).toBe(true);
    expect(isLookQuestion(JSON.parse(JSON.stringify(question)))).toBe(true);
    for (const field of Object.keys(question.settings))
      for (const value of NONSENSE) {
        if (FINE[field]?.includes(value)) continue;
        const settings = { ...question.settings, [field]: value };
        expect(isLookQuestion({ ...question, settings }), `${field} = ${String(value)}`).toBe(false);
      }
  });

  it('of another kind, or of nothing, is none', () => {
    for (const other of [
      null,
      3,
      {},
      { kind: 'modes' },
      { ...QUESTIONS[2], kind: 'modes' },
      { kind: 'x', settings: {} },
    ])
      expect(isLookQuestion(other)).toBe(false);
  });
});

it('pictures of a reference are asked for by an answer and places: a path among them is passed on to nobody', () => {
  const fine = { kind: 'modes', rows: [0, 7], maxSide: 64 };
  expect(checkPageParams('referencePictures', fine)).toEqual(fine);
  for (const wrong of [
    { ...fine, kind: '/etc/passwd' },
    { ...fine, rows: [-1] },
    { ...fine, rows: Array.from({ length: 5000 }, (_, i) => i) },
    { ...fine, maxSide: 0 },
  ])
    expect(() => checkPageParams('referencePictures', wrong)).toThrow(
      expect.objectContaining({ code: 'input.invalid' }),
    );
});

it('a look is begun with the wish of the scores, whose resize is one that there is', () => {
  const wish = { ...SCORE_DEFAULTS, resize: 'torch' };
  const params = { question: QUESTIONS[0], wish };
  expect(checkPageParams('startLook', params)).toEqual(params);
  for (const wrong of [undefined, {}, { ...wish, resize: 'best' }])
    expect(() => checkPageParams('startLook', { ...params, wish: wrong })).toThrow();
});
