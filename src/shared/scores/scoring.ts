/** Scoring as a page sees it: what is chosen, what is asked, and the history of runs in the workspace. */
import type { Edit } from '../edits/edits.ts';
import type {
  ExtractorDescription,
  ReferenceDescription,
  ResizeMode,
  ScoreDescription,
  ScoreProgress,
  ScoreRun,
  ScoreSettings,
} from './scores.ts';

/** What a person wants measured. Which files extractor and reference are, the host knows: a page may not name any. */
export interface ScoreWish extends Omit<ScoreSettings, 'extractor' | 'reference'> {
  /** Another resize than the extractor's own, as a published number may ask for. */
  readonly resize?: ResizeMode;
  /** Black and white as the extractor takes them, where its graph does not say it or says it wrongly. */
  readonly range?: readonly [number, number];
}

/** A file, folder or set-up network, chosen for a generator. */
export interface ChosenPart<T> {
  /** Its name as a person knows it: `reference.zip`, `FID Inception`. */
  readonly label: string;
  /** Where it lies, for a tooltip. */
  readonly place: string;
  /** Null, with a reason, when it cannot be used (any more). */
  readonly description: T | null;
  readonly problem: string | null;
}

/** What the last choices of this workspace were: offered again by number. */
export interface RecentPart {
  readonly id: string;
  readonly label: string;
  readonly place: string;
}

export interface ScoringSetup {
  readonly extractor: ChosenPart<ExtractorDescription> | null;
  readonly reference: ChosenPart<ReferenceDescription> | null;
  readonly recent: { readonly extractors: readonly RecentPart[]; readonly references: readonly RecentPart[] };
  /** FID Inception has been set up on this machine. */
  readonly inceptionReady: boolean;
  /** This generator is the one that Genscope brings: extractor and reference that fit it are there. */
  readonly isDemo: boolean;
  /** As it was last asked for this generator; else the defaults. */
  readonly wish: ScoreWish;
  /** In the order of the registry. */
  readonly registry: readonly ScoreDescription[];
  /** Things to know about the chosen extractor and reference: skipped files, another resize than usual … */
  readonly warnings: readonly string[];
}

export type ExtractorSource =
  | 'demo'
  /** Set up first, after the person has agreed, where it is not there. */
  | 'inception'
  | 'folder'
  | 'file'
  | 'recent';
export type ReferenceSource = 'demo' | 'folder' | 'file' | 'model' | 'none' | 'recent';

export type ScoringChoice =
  | { readonly part: 'extractor'; readonly from: ExtractorSource; readonly recent?: string }
  | { readonly part: 'reference'; readonly from: ReferenceSource; readonly recent?: string };

/** Asked of the host to begin: with edits also the same latents without them, and the difference. */
export interface ScoreQuestion {
  readonly wish: ScoreWish;
  readonly edits: readonly Edit[];
}

/** One line of the history. */
export interface ScoreRecord {
  readonly id: string;
  /** The URI of the generator, and whether it is the one that this page shows. */
  readonly model: string;
  readonly own: boolean;
  readonly run: ScoreRun;
}

export interface ScoringState {
  /** Of the workspace, newest first; at most `MOST_RECORDS`. */
  readonly history: readonly ScoreRecord[];
  /** Lines of the history that could not be read, and were left as they are. */
  readonly unreadable: number;
  /** Of this generator. */
  readonly running: { readonly job: string; readonly progress: ScoreProgress | null } | null;
  /** Features of a run that did not end are kept: asked again, it goes on from there. */
  readonly interrupted: { readonly wish: ScoreWish; readonly done: number; readonly total: number } | null;
}

export const MOST_RECORDS = 200;

export type ScoreFormat = 'markdown' | 'latex' | 'csv' | 'json';
