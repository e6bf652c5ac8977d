/** What a person chooses to have measured: which scores are possible, how many samples, and how long it takes. Pure. */
import type { Edit } from '../../src/shared/edits/edits.ts';
import { SCORE_PRESETS, type ScorePreset } from '../../src/shared/scores/scorePresets.ts';
import { SCORE_DEFAULTS, type ScoreDescription, type ScoreTrial } from '../../src/shared/scores/scores.ts';
import type { ScoreQuestion, ScoreRecord, ScoreWish, ScoringSetup } from '../../src/shared/scores/scoring.ts';
import type { StringKey } from '../strings.ts';

export type ScoreKey = Extract<StringKey, `scores.${string}`>;

export const FEWEST_SAMPLES = 2;
export const MOST_SAMPLES = 1_000_000;
/** The field's usual numbers of samples. */
export const USUAL_SAMPLES = [2000, 5000, 10_000, 50_000] as const;
const QUICK = 5000;
const PAPERS = 50_000;
/** A start that takes longer than this is first tried out. */
export const LONG_MS = 60_000;
/** Beyond this another machine is worth a thought. */
export const VERY_LONG_MS = 30 * 60_000;
/** Where nothing is known of the speed: more samples than this are tried out first. */
const MANY = 5000;

/** Why a score cannot be measured with the extractor and reference that are chosen; null: it can. */
export function whyNot(
  { needs }: ScoreDescription,
  setup: ScoringSetup,
  classes: number,
): Extract<ScoreKey, `scores.need${string}`> | null {
  const extractor = setup.extractor?.description ?? null;
  const reference = setup.reference?.description ?? null;
  if (extractor === null) return 'scores.needExtractor';
  if (needs.reference !== 'none' && reference === null) return 'scores.needReference';
  if (needs.reference === 'features' && reference?.kind === 'statistics') return 'scores.needFeatures';
  if (needs.logits && extractor.classes === 0) return 'scores.needLogits';
  if (needs.labels && classes === 0) return 'scores.needLabels';
  return null;
}

/** Scores that are wished for and possible, in the order of the registry. */
export function chosenScores(wish: ScoreWish, setup: ScoringSetup, classes: number): string[] {
  return setup.registry
    .filter((score) => wish.scores.includes(score.id) && whyNot(score, setup, classes) === null)
    .map(({ id }) => id);
}

/** A wish that names its scores. Where none of them is possible (or none is named, and none of the usual): all that are. */
export function named(wish: ScoreWish, setup: ScoringSetup, classes: number): ScoreWish {
  const scores = wish.scores.length > 0 ? wish.scores : SCORE_DEFAULTS.scores;
  const possible = setup.registry.filter((score) => whyNot(score, setup, classes) === null);
  const fits = possible.length === 0 || possible.some(({ id }) => scores.includes(id));
  return { ...wish, scores: fits ? scores : possible.map(({ id }) => id) };
}

/** One score more or less. What is meant but impossible now is kept for when it is possible again. */
export function toggled(scores: readonly string[], setup: ScoringSetup, id: string): readonly string[] {
  const next = scores.includes(id) ? scores.filter((one) => one !== id) : [...scores, id];
  return setup.registry.map((score) => score.id).filter((one) => next.includes(one));
}

/** The published score that a wish asks for, if any. */
export function presetOf({ scores, samples, resize }: ScoreWish): ScorePreset | null {
  const isAsked = (preset: ScorePreset) =>
    preset.resize === resize && preset.samples === samples && preset.scores.join() === scores.join();
  return SCORE_PRESETS.find(isAsked) ?? null;
}

export type Asked =
  | { readonly question: ScoreQuestion }
  | { readonly whyNot: Extract<ScoreKey, `scores.need${string}`> };

/** The question as it would be asked now, or what is missing. */
export function questionOf(
  wish: ScoreWish,
  setup: ScoringSetup | null,
  classes: number,
  edits: readonly Edit[],
): Asked {
  if (setup === null || (setup.extractor?.description ?? null) === null)
    return { whyNot: 'scores.needExtractor' };
  if (setup.reference !== null && setup.reference.description === null)
    return { whyNot: 'scores.needSoundReference' };
  const scores = chosenScores(wish, setup, classes);
  if (scores.length === 0)
    return { whyNot: setup.reference === null ? 'scores.needReferenceOrIs' : 'scores.needScore' };
  return { question: { wish: { ...wish, scores }, edits } };
}

/** A plain sentence about a number of samples. */
export function samplesHint(samples: number, features: number): ScoreKey {
  if (features > 0 && samples <= features) return 'scores.n.singular';
  if (samples < QUICK) return 'scores.n.quick';
  return samples < PAPERS ? 'scores.n.between' : 'scores.n.papers';
}

/** Milliseconds that it takes, judged by the last run of this generator with this extractor; null: nothing to go by. */
export function expectedTime(
  { wish, edits }: ScoreQuestion,
  history: readonly ScoreRecord[],
  extractor: string,
): number | null {
  const passes = wish.samples * (edits.length > 0 ? 2 : 1);
  const like = history.find(
    ({ own, run }) => own && run.extractor.sha256 === extractor && run.forwardPasses >= MANY_ENOUGH,
  );
  return like === undefined ? null : (like.run.ms / like.run.forwardPasses) * passes;
}

/** Fewer forward passes than this tell more of the start than of the speed. */
const MANY_ENOUGH = 100;

/** Whether to try a few images before a start, so that nobody waits for hours unawares. */
export function isWorthATrial(question: ScoreQuestion, expected: number | null): boolean {
  return expected === null ? question.wish.samples > MANY : expected > LONG_MS;
}

/** A trial holds for the same question alone. */
export function questionKey({ wish, edits }: ScoreQuestion): string {
  const { samples, referenceSamples, seed, source, classes, resize, range } = wish;
  return JSON.stringify([samples, referenceSamples, seed, source, classes, resize, range, edits]);
}

/** What a trial says in one sentence, and whether another machine is worth a thought. */
export function trialKind({ eta, missing, missingReference }: ScoreTrial): 'kept' | 'short' | 'long' {
  if (missing + missingReference === 0) return 'kept';
  return eta > VERY_LONG_MS ? 'long' : 'short';
}
