/** The Samples tab as data: its state, its defaults, and what it asks the engine for. Pure. */

import type { ModelDescription } from '../../src/shared/generator/model.ts';
import type { SamplesState } from '../../src/shared/pageProtocol.ts';
import {
  classOf,
  DEFAULT_SOURCE,
  type Distribution,
  type LatentKey,
  type LatentPlan,
  type Truncation,
} from '../../src/shared/samples/latents.ts';
import { sizeChoices } from './sizes.ts';

export const TRUNCATION_MODES = ['input', 'psi', 'resample', 'truncnorm'] as const;
export type TruncationMode = (typeof TRUNCATION_MODES)[number];

/** The state that travels, with nothing left out. `opened` is the sample in the large view. */
export type Samples = Required<SamplesState>;

export const COUNTS = [1, 4, 9, 16, 25, 36, 49, 64, 100, 144, 256] as const;
export const STEPS = [5, 9, 17, 33, 65] as const;
export const SIDES = [3, 5, 7, 9, 11] as const;
/** More frames than this are minutes of work and hundreds of megabytes for something that nobody watches. */
export const MAX_FRAMES = 2000;
/** NumPy's RandomState takes 32 bits. */
export const MAX_SEED = 2 ** 32 - 1;

/** @param mapped whether the graph has a mapping network: ψ is what its users know truncation by. */
export function defaultSamples(count: number, rng: 'numpy' | 'torch', mapped = false): Samples {
  return {
    seed: 0,
    count,
    cell: 0,
    classChoice: 'all',
    source: { ...DEFAULT_SOURCE, rng },
    selection: [],
    view: 'grid',
    steps: 9,
    method: 'slerp',
    loop: false,
    shape: 'grid',
    gridSide: 7,
    truncationMode: mapped ? 'psi' : 'resample',
    opened: null,
  };
}

/** What a model cannot do is put back to what it can: a class that is not there, a truncation input it lacks. */
export function fitToModel(state: Samples, model: ModelDescription): Samples {
  const { classChoice, source } = state;
  const classes = model.classes;
  const known = classChoice === 'all' || (classes > 0 && classChoice < classes);
  const hasInput = hasTruncationInput(model);
  const { truncation } = source;
  const mode = hasInput && truncation.mode === 'none' ? 'input' : state.truncationMode;
  const truncationMode = truncationModes(model, source.distribution).includes(mode) ? mode : fallback(model);
  const fits = truncation.mode === 'none' ? !hasInput : truncation.mode === truncationMode;
  const selection = state.selection.filter((key) => keyFits(key, classes));
  const lonely = state.view === 'interpolation' && selection.length < 2;
  const gone = state.view === 'single' && (state.opened === null || !keyFits(state.opened, classes));
  return {
    ...state,
    cell: sizeChoices(model.image).some(({ value }) => value === state.cell) ? state.cell : 0,
    classChoice: known ? classChoice : 'all',
    truncationMode,
    source: fits
      ? source
      : { ...source, truncation: truncationAt(truncationMode, truncationRange(truncationMode).off) },
    selection,
    view: lonely || gone ? 'grid' : state.view,
  };
}

/** The ways of truncation that make sense of a model; cutting tails off makes sense of a normal only. */
export function truncationModes(model: ModelDescription, distribution: Distribution): TruncationMode[] {
  const modes: TruncationMode[] = hasTruncationInput(model) ? ['input'] : [];
  if (model.mapping !== null) modes.push('psi');
  return distribution === 'normal' ? [...modes, 'resample', 'truncnorm'] : modes;
}

function fallback(model: ModelDescription): TruncationMode {
  return model.mapping === null ? 'resample' : 'psi';
}

export function hasTruncationInput(model: ModelDescription): boolean {
  return model.inputs.some((input) => input.guess.role.role === 'truncation');
}

function keyFits(key: LatentKey, classes: number): boolean {
  return classes > 0 ? key.classIndex !== null && key.classIndex < classes : key.classIndex === null;
}

/**
 * The truncation slider. `off` is where nothing is cut: the right end, except for ψ, whose slider goes on beyond it
 * (ψ > 1 exaggerates, as StyleGAN's users are used to).
 */
export function truncationRange(mode: TruncationMode): {
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly off: number;
} {
  if (mode === 'input') return { min: 0, max: 1, step: 0.01, off: 1 };
  if (mode === 'psi') return { min: 0, max: 1.5, step: 0.05, off: 1 };
  if (mode === 'truncnorm') return { min: 0.1, max: 1.05, step: 0.05, off: 1.05 };
  return { min: 0.2, max: 3, step: 0.05, off: 3 };
}

export function truncationAt(mode: TruncationMode, value: number): Truncation {
  if (mode === 'input') return { mode, value };
  const { off } = truncationRange(mode);
  if (mode === 'psi') return Math.abs(value - off) < 1e-9 ? { mode: 'none' } : { mode, psi: value };
  if (value >= off - 1e-9) return { mode: 'none' };
  return mode === 'truncnorm' ? { mode, scale: value } : { mode, threshold: value };
}

/** Where the slider stands. */
export function truncationValue(truncation: Truncation, mode: TruncationMode): number {
  if (truncation.mode === 'none') return truncationRange(mode).off;
  if (truncation.mode === 'psi') return truncation.psi;
  if (truncation.mode === 'input') return truncation.value;
  return truncation.mode === 'truncnorm' ? truncation.scale : truncation.threshold;
}

/** The samples on show, in order: sample i has seed + i. */
export function keysOnShow(state: Samples, classes: number): LatentKey[] {
  return Array.from({ length: state.count }, (_, i) => {
    const seed = state.seed + i;
    return { seed, classIndex: classOf(seed, state.classChoice, classes) };
  });
}

export function gridPlan(state: Samples): LatentPlan {
  return {
    kind: 'seeds',
    source: state.source,
    seed: state.seed,
    count: state.count,
    classes: state.classChoice,
  };
}

/** The plan of one sample, whatever the class picker says. */
export function samplePlan(state: Samples, key: LatentKey): LatentPlan {
  return { kind: 'seeds', source: state.source, seed: key.seed, count: 1, classes: key.classIndex ?? 'all' };
}

/** Four keys make a bilinear grid unless a path was asked for; any other number makes a path through all. */
export function isBilinear(state: Samples): boolean {
  return state.selection.length === 4 && state.shape === 'grid';
}

/** The plan between the selected samples; null when fewer than two are selected, or the path is too long. */
export function walkPlan(state: Samples): LatentPlan | null {
  const [a, b, c, d] = state.selection;
  if (a === undefined || b === undefined) return null;
  const { source, method, loop, gridSide } = state;
  if (isBilinear(state) && c !== undefined && d !== undefined) {
    return { kind: 'grid', source, corners: [a, b, c, d], rows: gridSide, columns: gridSide, method };
  }
  if (isTooLong(state)) return null;
  return { kind: 'path', source, keys: state.selection, steps: pathSteps(state), method, loop };
}

/** `steps` counts the frames of one leg with both its ends; ends shared by two legs are drawn once. */
export function pathSteps(state: Samples): number {
  const legs = state.selection.length - (state.loop ? 0 : 1);
  return legs * (state.steps - 1) + (state.loop ? 0 : 1);
}

export function isTooLong(state: Samples): boolean {
  return !isBilinear(state) && pathSteps(state) > MAX_FRAMES;
}

export function keyId(key: LatentKey): string {
  return `${key.seed}/${key.classIndex ?? '-'}`;
}

export function sameKey(a: LatentKey, b: LatentKey): boolean {
  return a.seed === b.seed && a.classIndex === b.classIndex;
}
