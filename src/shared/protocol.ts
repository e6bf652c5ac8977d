/**
 * The one table of requests that an engine process answers. The host sends them over process IPC, and relays
 * those a page asks for; the command line calls the same tasks in its own process.
 */

import type { ReferencePicturesParams } from './checks/lookRequests.ts';
import type {
  Artifacts,
  ArtifactsParams,
  Duplicates,
  DuplicatesParams,
  Modes,
  ModesParams,
  Neighbours,
  NeighboursParams,
} from './checks/looks.ts';
import type {
  BakeParams,
  BakeResult,
  EditCodeParams,
  EditedSampleParams,
  EncodeSweepParams,
  ExportPairsParams,
  UnitValues,
  UnitValuesParams,
} from './edits/interventions.ts';
import type {
  Effect,
  EffectParams,
  EffectProgress,
  Placement,
  PlacementParams,
  Selections,
  SelectionsParams,
} from './effects/effects.ts';
import type { FrameEncoding, Frames, ModelRef, WorkProgress } from './generator/messages.ts';
import type { ModelDescription } from './generator/model.ts';
import type { LatentPlan } from './samples/latents.ts';
import type {
  ExtractorDescription,
  ExtractorRef,
  FeaturesParams,
  FeaturesResult,
  ReferenceDescription,
  ReferenceRef,
  ScoreDescription,
  ScoreParams,
  ScoreProgress,
  ScoreRun,
  ScoreTrial,
  SetUpExtractorParams,
  SetUpExtractorResult,
  SetUpInceptionParams,
  SetUpInceptionResult,
} from './scores/scores.ts';
import type {
  ActivityParams,
  DissectParams,
  DissectProgress,
  DissectResult,
  Segmentation,
  SegmentationParams,
  SegmenterDescription,
  UnitActivity,
  UnitPictures,
  UnitPicturesParams,
  UnitsAt,
  UnitsAtParams,
} from './units/dissection.ts';

export type { FrameEncoding, Frames, ModelRef, WorkProgress } from './generator/messages.ts';

/** Noise inside a generator: a fresh map per seed, one constant map for all samples, or none. */
export type NoiseMode = 'random' | 'constant' | 'zero';

export interface SampleParams {
  readonly model: ModelRef;
  /** The stamp of the description the caller works from: another one is answered by `model.changed`. */
  readonly stamp?: string;
  readonly plan: LatentPlan;
  /** Longest side of a frame in device pixels; frames are made smaller on the engine's side, never larger. */
  readonly maxSide: number;
  readonly encoding: FrameEncoding;
}

export interface SampleResult {
  readonly count: number;
  /** Milliseconds from the request's start in the engine to its last frame, and the part spent inside the runtime. */
  readonly ms: number;
  readonly runMs: number;
  readonly warnings: readonly string[];
}

export type StillLayout = 'single' | 'grid';

export interface EncodeStillParams {
  readonly model: ModelRef;
  readonly plan: LatentPlan;
  readonly columns?: number;
}

export interface EncodeAnimationParams {
  readonly model: ModelRef;
  readonly plan: LatentPlan;
  readonly format: 'gif' | 'webp';
  readonly framesPerSecond: number;
  /** Small pictures are enlarged by whole numbers, pixels kept crisp, until the shorter side has this many. */
  readonly minSide: number;
}

export interface EncodedFile {
  readonly bytes: Uint8Array;
  readonly mime: string;
  readonly extension: string;
}

/** Writes samples to a folder on the engine's machine: PNGs, or `images.npy` uint8 [N,H,W,3], and `latents.npy` float32 [N,d]. */
export interface ExportSamplesParams {
  readonly model: ModelRef;
  readonly plan: LatentPlan;
  readonly folder: string;
  readonly images: 'png' | 'npy';
}

export interface ExportSamplesResult {
  readonly folder: string;
  readonly files: number;
  readonly seconds: number;
}

/** Writes what a dissection found as files for people and for programs: a page, a table, JSON. */
export interface ExportReportParams {
  readonly model: ModelRef;
  /** The `dissection.json` in the cache. */
  readonly dissection: string;
  /** The folder of its segmenter: the report shows what it sees. */
  readonly segmenter: string;
  /** On the engine's machine; made if it is not there. */
  readonly folder: string;
}

/** Pictures of a folder translated, and with a second generator translated back. */
export interface TranslateParams {
  readonly model: ModelRef;
  readonly stamp?: string;
  /** Image files, and folders, which are read through; on the engine's machine. */
  readonly inputs: readonly string[];
  /** Which of the pictures found, in the order of their paths. */
  readonly first: number;
  readonly count: number;
  /** The other generator of a CycleGAN: the way back. */
  readonly back?: ModelRef;
  /** σ in pixels of a Gaussian over the translation before it goes back; 0: none. What a cycle hides in fine texture dies of it. */
  readonly blur: number;
  readonly maxSide: number;
  readonly encoding: FrameEncoding;
}

/** One picture's row: input and translation, with a way back also what went back (blurred or not) and the reconstruction. */
export interface Translated {
  /** Place among the pictures found. */
  readonly index: number;
  readonly file: string;
  readonly frames: Frames;
  /** Mean absolute difference of input and reconstruction, in units of [−1, 1]; null without a way back. */
  readonly cycleError: number | null;
}

export type TranslatedColumn = 'input' | 'translation' | 'sentBack' | 'reconstruction';

export interface TranslateResult {
  /** What the frames of each row are, in order; `sentBack` only where it is blurred. */
  readonly columns: readonly TranslatedColumn[];
  /** Pictures in all the inputs. */
  readonly found: number;
  readonly skipped: readonly { readonly file: string; readonly reason: string }[];
  /** Over the pictures of this request; the interval is mean ± 1.96 standard errors. */
  readonly cycle: {
    readonly mean: number;
    readonly interval: readonly [number, number];
    readonly n: number;
  } | null;
  readonly ms: number;
  readonly warnings: readonly string[];
}

/** `quick` is all that drawing needs; `full` adds layers (a run with every candidate exposed) and the content hash. */
export type DescribeDepth = 'quick' | 'full';

export interface DescribeParams {
  readonly model: ModelRef;
  readonly depth: DescribeDepth;
  /** Nothing is drawn with it afterwards: its session is closed before the one that layers are measured with is opened. */
  readonly once?: boolean;
}

export interface LatentCodeParams {
  readonly model: ModelRef;
  readonly plan: LatentPlan;
}

/** A segmenter from the Hugging Face hub; nobody asks this before the person has agreed. */
export interface DownloadSegmenterParams {
  /** `organisation/name`. */
  readonly id: string;
  /** A branch, a tag or a commit. */
  readonly revision: string;
  readonly endpoint: string;
  /** Where it goes: the folder that the Python libraries cache in. */
  readonly cacheDir: string;
}

export interface DownloadSegmenterResult {
  readonly folder: string;
  readonly warnings: readonly string[];
}

/** method → what it takes, what it answers, what it reports on the way. */
export interface EngineRequests {
  describe: { params: DescribeParams; result: ModelDescription; progress: never };
  sample: { params: SampleParams; result: SampleResult; progress: Frames };
  translate: { params: TranslateParams; result: TranslateResult; progress: Translated };
  describeSegmenter: {
    params: { readonly folder: string };
    result: { readonly segmenter: SegmenterDescription; readonly warnings: readonly string[] };
    progress: never;
  };
  /** Progress in bytes. */
  downloadSegmenter: {
    params: DownloadSegmenterParams;
    result: DownloadSegmenterResult;
    progress: WorkProgress;
  };
  dissect: { params: DissectParams; result: DissectResult; progress: DissectProgress };
  exportReport: {
    params: ExportReportParams;
    result: { readonly files: readonly string[] };
    progress: WorkProgress;
  };
  effect: { params: EffectParams; result: Effect; progress: EffectProgress };
  selections: { params: SelectionsParams; result: Selections; progress: EffectProgress };
  placement: { params: PlacementParams; result: Placement; progress: EffectProgress };
  editedSample: { params: EditedSampleParams; result: SampleResult; progress: Frames };
  unitValues: { params: UnitValuesParams; result: UnitValues; progress: WorkProgress };
  bake: { params: BakeParams; result: BakeResult; progress: WorkProgress };
  exportPairs: { params: ExportPairsParams; result: ExportSamplesResult; progress: WorkProgress };
  encodeSweep: { params: EncodeSweepParams; result: EncodedFile; progress: WorkProgress };
  /** Python (NumPy, onnx, onnxruntime) that makes the plan's samples under the edits. */
  editCode: { params: EditCodeParams; result: { readonly text: string }; progress: never };
  /** What each unit of a layer does over some samples. */
  activity: { params: ActivityParams; result: UnitActivity; progress: WorkProgress };
  unitPictures: { params: UnitPicturesParams; result: UnitPictures; progress: never };
  segmentation: { params: SegmentationParams; result: Segmentation; progress: WorkProgress };
  unitsAt: { params: UnitsAtParams; result: UnitsAt; progress: never };
  /** Python that reproduces the plan's latents and runs the model on them. */
  latentCode: { params: LatentCodeParams; result: { readonly text: string }; progress: never };
  encodeStill: { params: EncodeStillParams; result: EncodedFile; progress: WorkProgress };
  encodeAnimation: { params: EncodeAnimationParams; result: EncodedFile; progress: WorkProgress };
  exportSamples: { params: ExportSamplesParams; result: ExportSamplesResult; progress: WorkProgress };
  describeExtractor: {
    params: { readonly extractor: ExtractorRef };
    result: { readonly extractor: ExtractorDescription; readonly warnings: readonly string[] };
    progress: never;
  };
  describeReference: {
    params: { readonly reference: ReferenceRef };
    result: { readonly reference: ReferenceDescription; readonly warnings: readonly string[] };
    progress: never;
  };
  /** The registry of scores, in words. */
  describeScores: {
    params: Readonly<Record<string, never>>;
    result: readonly ScoreDescription[];
    progress: never;
  };
  /** How long a score will take. */
  scoreTrial: { params: ScoreParams; result: ScoreTrial; progress: never };
  score: { params: ScoreParams; result: ScoreRun; progress: ScoreProgress };
  /** Features of samples or pictures, with mean and covariance, as an .npz. */
  features: { params: FeaturesParams; result: FeaturesResult; progress: ScoreProgress };
  /** The same without the features themselves. */
  stats: { params: FeaturesParams; result: FeaturesResult; progress: ScoreProgress };
  /** Looks behind the numbers: which real images samples resemble, … */
  neighbours: { params: NeighboursParams; result: Neighbours; progress: ScoreProgress };
  /** … the most alike of each batch, … */
  duplicates: { params: DuplicatesParams; result: Duplicates; progress: ScoreProgress };
  /** … what kinds of pictures are missing, … */
  modes: { params: ModesParams; result: Modes; progress: ScoreProgress };
  /** … and which units spoil pictures. */
  artifacts: { params: ArtifactsParams; result: Artifacts; progress: ScoreProgress };
  /** Real images that an answer names; frames count by the rows asked for. */
  referencePictures: {
    params: ReferencePicturesParams;
    result: { readonly count: number };
    progress: Frames;
  };
  /** Progress in bytes while it downloads, then in tensors. */
  setUpExtractor: { params: SetUpExtractorParams; result: SetUpExtractorResult; progress: WorkProgress };
  setUpInception: { params: SetUpInceptionParams; result: SetUpInceptionResult; progress: WorkProgress };
}

export type EngineMethod = keyof EngineRequests;
export type EngineParams<M extends EngineMethod> = EngineRequests[M]['params'];
export type EngineResult<M extends EngineMethod> = EngineRequests[M]['result'];
export type EngineProgress<M extends EngineMethod> = EngineRequests[M]['progress'];

/** Every method once, for the registration loops on both sides. */
export const ENGINE_METHODS: readonly EngineMethod[] = [
  'describe',
  'sample',
  'translate',
  'describeSegmenter',
  'downloadSegmenter',
  'dissect',
  'effect',
  'selections',
  'placement',
  'editedSample',
  'unitValues',
  'bake',
  'exportPairs',
  'encodeSweep',
  'editCode',
  'exportReport',
  'activity',
  'unitPictures',
  'segmentation',
  'unitsAt',
  'latentCode',
  'encodeStill',
  'encodeAnimation',
  'exportSamples',
  'describeExtractor',
  'describeReference',
  'describeScores',
  'scoreTrial',
  'score',
  'features',
  'stats',
  'neighbours',
  'duplicates',
  'modes',
  'artifacts',
  'referencePictures',
  'setUpExtractor',
  'setUpInception',
];
