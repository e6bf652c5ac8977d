/**
 * The one table of requests that an engine process answers. The host sends them over process IPC, and relays
 * those a page asks for; the command line calls the same tasks in its own process.
 */
import type { LatentPlan } from './latents.ts';
import type { ModelDescription } from './model.ts';
import type { Sidecar } from './roles.ts';

/** Where a model lies on the engine's machine, and the roles to read it with (sidecar or answers). */
export interface ModelRef {
  readonly path: string;
  readonly sidecar?: Sidecar;
}

/** How frames travel: raw RGBA inside one machine, lossless WebP where a network lies between. */
export type FrameEncoding = 'rgba' | 'webp';

/** `count` pictures of width × height, stacked top to bottom in one RGBA block of [count·height, width, 4] bytes. */
export interface Frames {
  readonly offset: number;
  readonly count: number;
  readonly width: number;
  readonly height: number;
  readonly encoding: FrameEncoding;
  readonly data: Uint8Array;
}

/** Progress of long work. `eta` is in milliseconds. */
export interface WorkProgress {
  readonly done: number;
  readonly total: number;
  readonly eta?: number;
  readonly message?: string;
}

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

/** `quick` is all that drawing needs; `full` adds layers (a run with every candidate exposed) and the content hash. */
export type DescribeDepth = 'quick' | 'full';

export interface DescribeParams {
  readonly model: ModelRef;
  readonly depth: DescribeDepth;
}

export interface LatentCodeParams {
  readonly model: ModelRef;
  readonly plan: LatentPlan;
}

/** method → what it takes, what it answers, what it reports on the way. */
export interface EngineRequests {
  describe: { params: DescribeParams; result: ModelDescription; progress: never };
  sample: { params: SampleParams; result: SampleResult; progress: Frames };
  /** Python that reproduces the plan's latents and runs the model on them. */
  latentCode: { params: LatentCodeParams; result: { readonly text: string }; progress: never };
  encodeStill: { params: EncodeStillParams; result: EncodedFile; progress: WorkProgress };
  encodeAnimation: { params: EncodeAnimationParams; result: EncodedFile; progress: WorkProgress };
  exportSamples: { params: ExportSamplesParams; result: ExportSamplesResult; progress: WorkProgress };
}

export type EngineMethod = keyof EngineRequests;
export type EngineParams<M extends EngineMethod> = EngineRequests[M]['params'];
export type EngineResult<M extends EngineMethod> = EngineRequests[M]['result'];
export type EngineProgress<M extends EngineMethod> = EngineRequests[M]['progress'];

/** Every method once, for the registration loops on both sides. */
export const ENGINE_METHODS: readonly EngineMethod[] = [
  'describe',
  'sample',
  'latentCode',
  'encodeStill',
  'encodeAnimation',
  'exportSamples',
];
