/** What the engine tells about a model: the object behind `genscope describe --json` and the page's header. */
import type { ErrorData } from './errors.ts';
import type { InputRole, OutputRole, RoleGuess } from './roles.ts';

export type ModelKind =
  | 'generator'
  | 'classifier'
  | 'languageModel'
  | 'imageToImage'
  | 'segmenter'
  | 'encoder'
  | 'unknown';

/** Tensor shape as the graph declares it; a string is a symbolic dimension, '' an unknown one. */
export type DeclaredShape = readonly (number | string)[];

export interface InputDescription {
  readonly name: string;
  readonly dtype: string;
  readonly shape: DeclaredShape;
  readonly guess: RoleGuess<InputRole>;
}

export interface OutputDescription {
  readonly name: string;
  readonly dtype: string;
  readonly shape: DeclaredShape;
  readonly guess: RoleGuess<OutputRole>;
}

/** A tensor at which the graph can be cut; shape is [N, C, h, w] with N = 1. */
export interface LayerDescription {
  readonly name: string;
  readonly tensor: string;
  readonly shape: readonly number[];
  readonly units: number;
  readonly resolution: readonly [number, number];
}

/** A node that draws random numbers inside the graph. */
export interface NoiseDescription {
  readonly node: string;
  readonly op: string;
}

export interface ModelDescription {
  readonly file: string;
  /** Changes when the file, its external weights, its sidecar or the answers do. */
  readonly stamp: string;
  /** Content hash; null until asked for in full (2 GB take a second or two). */
  readonly sha256: string | null;
  readonly bytes: number;
  readonly opset: number;
  readonly producer: string;
  readonly parameters: number;
  readonly kind: ModelKind;
  readonly inputs: readonly InputDescription[];
  readonly outputs: readonly OutputDescription[];
  /** `free`: several samples per run, rows proven equal to single runs; `loop`: one sample per run. */
  readonly batch: 'free' | 'loop';
  readonly batchReason: string;
  readonly noise: readonly NoiseDescription[];
  /** In graph order; null until asked for in full. */
  readonly layers: readonly LayerDescription[] | null;
  readonly latentSize: number;
  readonly classes: number;
  readonly classNames: readonly string[];
  readonly image: { readonly width: number; readonly height: number; readonly channels: number };
  readonly provider: string;
  /** True when a role is a guess that the person should confirm before anything is drawn. */
  readonly needsAnswers: boolean;
  /** Why it cannot be sampled (no generator, roles unknown, a broken sidecar, a failed load); null when it can. */
  readonly refusal: ErrorData | null;
  readonly warnings: readonly string[];
}
