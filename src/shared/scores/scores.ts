/** Scores as data: what is asked, what comes out, and what stays with a run in the history. */
import type { Edit } from '../edits/edits.ts';
import type { ModelRef } from '../generator/messages.ts';
import type { LatentSource } from '../samples/latents.ts';

/**
 * How a picture is brought to the extractor's size (ALGORITHMS: tf1 = torch-fidelity, torch = pytorch-fid, clean = clean-fid;
 * own = what the `preprocessor_config.json` of a Hugging Face folder says, cut about the centre included).
 */
export type ResizeMode = 'tf1' | 'torch' | 'clean' | 'own';

/** How it is known which values a network takes: a person or a file that goes with it said so, its graph does, or nobody. */
export type ValuesSource = 'confirmed' | 'graph' | 'guess';

/** How a generator's floats become bytes: round((x+1)·127.5), or StyleGAN's floor(127.5·x+128). */
export type Quantisation = 'round' | 'floor';

/** A network that makes features of pictures: a folder or an .onnx file on the engine's machine. */
export interface ExtractorRef {
  readonly path: string;
  /** A tensor of the graph to take instead of its declared feature output: averaged over its cells when it has any. */
  readonly layer?: string;
  /** Without it, the extractor's own. */
  readonly resize?: ResizeMode;
  /** Values of black and white; without them, what the network's files or its graph say. */
  readonly range?: readonly [number, number];
  /** What it has to be, where it was set up once; another is refused. */
  readonly sha256?: string;
}

export interface ExtractorDescription {
  readonly name: string;
  readonly sha256: string;
  /** Of files that were made before: unknown where they do not say, mixed where the two sides differ. */
  readonly resize: ResizeMode | 'unknown' | 'mixed';
  /** The tensor taken instead of the declared feature output. */
  readonly layer?: string;
  /** Black and white as the network is given them: "[−1, 1]". Absent where nothing says it, and in runs of earlier versions. */
  readonly values?: string;
  readonly valuesSource?: ValuesSource;
  /** 0×0: pictures come as they are, and the network brings them to its size. */
  readonly input: { readonly width: number; readonly height: number };
  /** Length of a row of features. */
  readonly features: number;
  /** Classes that it tells apart, where it has logits too: what IS needs. 0: none. */
  readonly classes: number;
  readonly classNames: readonly string[];
}

/** The real images: what a person named, before it is opened. */
export type ReferenceRef =
  /** A folder of images (recursive), a .zip, an .npz of statistics, features or images, an .npy of features or images. */
  | { readonly kind: 'path'; readonly path: string }
  /** Another generator, or a checkpoint of this one, sampled with this seed. */
  | { readonly kind: 'model'; readonly model: ModelRef; readonly seed: number };

export interface ReferenceDescription {
  /** `stack`: pictures in an array, of an .npy or .npz. */
  readonly kind: 'folder' | 'zip' | 'stack' | 'statistics' | 'features' | 'model';
  readonly name: string;
  readonly sha256: string;
  /** Images, or rows; what statistics say of their own, 0 where they do not. */
  readonly count: number;
  readonly skipped: readonly { readonly file: string; readonly reason: string }[];
}

export interface ScoreSettings {
  readonly extractor: ExtractorRef;
  /** Null: only scores that need none (IS). */
  readonly reference: ReferenceRef | null;
  /** Ids of the registry; none: those of the defaults that extractor and reference allow. */
  readonly scores: readonly string[];
  readonly samples: number;
  readonly seed: number;
  readonly source: LatentSource;
  readonly classes: 'all' | number;
  readonly quantisation: Quantisation;
  /** At most this many images of the reference, chosen by the seed; 0: all. */
  readonly referenceSamples: number;
  /** For scores that divide covariances by N − 1 or N, sizes of subsets, k …: by score id and option. */
  readonly options: Readonly<Record<string, Readonly<Record<string, number | string>>>>;
}

export const SCORE_DEFAULTS: Omit<ScoreSettings, 'extractor' | 'reference'> = {
  scores: ['fid', 'kid', 'precision', 'recall', 'density', 'coverage', 'frontier'],
  samples: 2000,
  seed: 1,
  source: { rng: 'numpy', layout: 'stream', distribution: 'normal', truncation: { mode: 'none' } },
  classes: 'all',
  quantisation: 'round',
  referenceSamples: 0,
  options: {},
};

/** A curve or points to draw, with words for the axes. */
export interface ScorePlot {
  readonly id: string;
  readonly title: string;
  readonly x: { readonly label: string; readonly values: readonly number[] };
  /** Null where nothing was measured (a fitted line may go on there). */
  readonly y: { readonly label: string; readonly values: readonly (number | null)[] };
  /** Half-open bands and fitted lines over the same x, by name. */
  readonly lines: readonly { readonly label: string; readonly values: readonly number[] }[];
  readonly kind: 'line' | 'points' | 'bars';
  /** A table behind it, row by row: of a confusion matrix, asked class by recognised class, as shares of the row. */
  readonly cells?: readonly (readonly number[])[];
}

export interface ScoreValue {
  /** Id of the score that made it; one score may give several values (precision, recall). */
  readonly score: string;
  readonly name: string;
  readonly value: number;
  /** 95 %; null where none is known. */
  readonly interval: readonly [number, number] | null;
  /** What the interval is: delete-group jackknife, … Why there is none, where it is null. */
  readonly intervalKind: string;
  /** The value without one group of generated samples, group by group: what the interval of a difference is made of. */
  readonly replicates: readonly number[] | null;
  /** The field's own spread under its own name: IS's split std, KID's subset std. */
  readonly spread: { readonly name: string; readonly value: number } | null;
  readonly n: number;
  readonly nReference: number;
  readonly warnings: readonly string[];
  readonly plots: readonly ScorePlot[];
  /** Numbers that explain it: bias estimate, number of clusters, error bound … */
  readonly details: Readonly<Record<string, number | string>>;
}

export interface ScoreParams {
  /** A generator; or features or pictures that are there already, by path. */
  readonly model: ModelRef | { readonly features: string };
  readonly stamp?: string;
  readonly settings: ScoreSettings;
  /** Under these edits instead of as it is; with `compare` the same latents without them too. */
  readonly edits?: readonly Edit[];
  readonly compare?: boolean;
  /** Where features are kept, by content hash; null: nowhere. */
  readonly cache: string | null;
}

export interface ScoreRun {
  readonly schema: 1;
  readonly model: { readonly file: string; readonly sha256: string };
  readonly extractor: ExtractorDescription;
  readonly reference: ReferenceDescription | null;
  readonly settings: ScoreSettings;
  readonly scores: readonly ScoreValue[];
  /** With edits: the scores of the same latents without them, and after − before with an interval over paired groups. */
  readonly edited: {
    readonly edits: readonly Edit[];
    readonly before: readonly ScoreValue[];
    readonly difference: readonly ScoreValue[];
  } | null;
  readonly warnings: readonly string[];
  /** Milliseconds in all, forward passes of the extractor and generator, images made anew (the rest came from the cache). */
  readonly ms: number;
  readonly made: { readonly genscope: string; readonly runtime: string; readonly date: string };
  readonly forwardPasses: number;
}

export interface ScoreProgress {
  readonly phase: 'reference' | 'samples' | 'scores';
  readonly done: number;
  readonly total: number;
  readonly eta?: number;
  /** Images a second in this phase. */
  readonly rate?: number;
  /** What is being computed in the last phase. */
  readonly message?: string;
  /** Scores that are done already. */
  readonly partial?: readonly ScoreValue[];
}

/** What a score of the registry is, in words: for whoever chooses among them. */
export interface ScoreDescription {
  readonly id: string;
  readonly name: string;
  readonly measures: string;
  readonly direction: 'lower' | 'higher' | 'neither';
  readonly recommended: number;
  readonly goodAt: readonly string[];
  readonly badAt: readonly string[];
  readonly source: string;
  readonly needs: {
    readonly reference: 'features' | 'statistics' | 'none';
    readonly logits: boolean;
    readonly labels: boolean;
  };
  readonly values: readonly string[];
}

/** One of several parts that pictures are shared out in: `index` counts from 0. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

/** What features are made of: samples of a generator, or pictures of a folder or archive. */
export type FeatureInput =
  | {
      readonly kind: 'model';
      readonly model: ModelRef;
      readonly samples: number;
      readonly seed: number;
      readonly source: LatentSource;
      readonly classes: 'all' | number;
      readonly quantisation: Quantisation;
    }
  /** `most`: no more pictures than this, chosen by the seed; 0: all. */
  | { readonly kind: 'path'; readonly path: string; readonly most: number; readonly seed: number };

export interface FeaturesParams {
  readonly input: FeatureInput;
  /** Only this part of it; `merge` puts the parts together. */
  readonly shard?: Shard;
  readonly extractor: ExtractorRef;
  readonly cache: string | null;
  /** An .npz on the engine's machine: `mu`, `sigma`, `n`, and with `features` also `features`, `logits` and `labels`. */
  readonly out: string;
}

export interface FeaturesResult {
  readonly file: string;
  readonly input: ReferenceDescription;
  readonly extractor: ExtractorDescription;
  readonly n: number;
  /** Pictures that the extractor saw; the others came from the cache. */
  readonly forwardPasses: number;
  readonly warnings: readonly string[];
}

/** Parts of features or statistics put together. */
export interface MergeParams {
  /** One file a part, in any order. */
  readonly parts: readonly string[];
  /** An .npz on the engine's machine. */
  readonly out: string;
}

export interface MergeResult {
  readonly file: string;
  readonly n: number;
  readonly parts: number;
  readonly extractor: string;
  /** Every row is there, not only mean and covariance. */
  readonly rows: boolean;
}

/** What a short trial says about the whole. */
export interface ScoreTrial {
  /** Images that were made, and how many a second. */
  readonly images: number;
  readonly rate: number;
  readonly rateReference: number | null;
  /** Samples and pictures of the reference that still have to go through the extractor. */
  readonly missing: number;
  readonly missingReference: number;
  /** Milliseconds for those; what the scores themselves take comes on top. */
  readonly eta: number;
  readonly warnings: readonly string[];
}

/** FID's network set up from its published weights. */
export interface SetUpInceptionParams {
  /** The .pth file; without it, it is downloaded: nobody asks this before the person has agreed. */
  readonly file?: string;
  /** Where to download from, instead of pytorch-fid's release. */
  readonly url?: string;
  /** The folder of the cache: the extractor goes into it. */
  readonly cache: string;
}

export interface SetUpExtractorParams {
  /** Of `PUBLISHED_EXTRACTORS`. */
  readonly id: string;
  /** One that holds it; null: the hub, which nobody asks before the person has agreed. */
  readonly folder: string | null;
  readonly endpoint?: string;
  readonly hubCache?: string;
  /** The folder of the cache, where its hash is kept. */
  readonly cache: string;
}

export interface SetUpExtractorResult {
  readonly folder: string;
  /** Of the hub; null for a folder that was there. */
  readonly commit: string | null;
  readonly extractor: ExtractorDescription;
}

export interface SetUpInceptionResult {
  /** The extractor's. */
  readonly folder: string;
  /** Of the file of weights. */
  readonly sha256: string;
  readonly extractor: ExtractorDescription;
  readonly warnings: readonly string[];
}
