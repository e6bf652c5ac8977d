/** Looks as questions and answers: what a page asks of the host, and what the host keeps. */

import type { FrameEncoding } from '../generator/messages.ts';
import type { ScoreProgress } from '../scores/scores.ts';
import type {
  Artifacts,
  ArtifactsSettings,
  Duplicates,
  DuplicatesSettings,
  Modes,
  ModesSettings,
  Neighbours,
  NeighboursSettings,
} from './looks.ts';

/** What may be looked at behind the numbers: copies, repetitions, what is missing, what spoils pictures. */
export type LookKind = 'neighbours' | 'duplicates' | 'modes' | 'artifacts';

export const LOOK_KINDS: readonly LookKind[] = ['neighbours', 'duplicates', 'modes', 'artifacts'];

export interface LookSettings {
  neighbours: NeighboursSettings;
  duplicates: DuplicatesSettings;
  modes: ModesSettings;
  artifacts: ArtifactsSettings;
}

export interface LookAnswers {
  neighbours: Neighbours;
  duplicates: Duplicates;
  modes: Modes;
  artifacts: Artifacts;
}

/** What a person asks. Which files extractor and reference are, the host knows: a page may not name any. */
export type LookWish<K extends LookKind> = Omit<LookSettings[K], 'extractor' | 'reference'>;

export type LookQuestion = {
  readonly [K in LookKind]: { readonly kind: K; readonly settings: LookWish<K> };
}[LookKind];

/** The last answers about a generator, as far as they are about the file as it is now. */
export interface LooksState {
  readonly answers: { readonly [K in LookKind]: LookAnswers[K] | null };
  readonly running: {
    readonly kind: LookKind;
    readonly job: string;
    readonly progress: ScoreProgress | null;
  } | null;
}

/** Some pictures of a reference, as an answer numbers them. */
export interface ReferencePicturesParams {
  /** A folder or .zip of real images. */
  readonly path: string;
  /** As they were when the answer was made: which images are taken, and how many there were. */
  readonly most: number;
  readonly seed: number;
  readonly count: number;
  readonly rows: readonly number[];
  /** Longest side of a frame; never enlarged. */
  readonly maxSide: number;
  readonly encoding: FrameEncoding;
}
