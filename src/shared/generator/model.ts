/** What the engine tells about a model: the object behind `genscope describe --json` and the page's header. */
import type { ErrorData } from '../kernel/errors.ts';
import type { InputRole, OutputRole, RoleGuess } from './roles.ts';

export type ModelKind =
  | 'generator'
  | 'classifier'
  | 'discriminator'
  | 'languageModel'
  | 'imageToImage'
  | 'segmenter'
  | 'encoder'
  /** One step of a diffusion model. */
  | 'diffusion'
  | 'unknown';

/** Tensor shape as the graph declares it; a string is a symbolic dimension, '' an unknown one. */
export type DeclaredShape = readonly (number | string)[];

/**
 * `free`: several samples per run, rows proven equal to single runs; `fixed`: as many per run as the file says, no fewer;
 * `loop`: one sample per run.
 */
export type BatchMode = 'free' | 'fixed' | 'loop';

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

/** A tensor at which the graph can be cut; shape is that of the tensor, [N, C, h, w] or [N, h, w, C] with N = 1. */
export interface LayerDescription {
  readonly name: string;
  readonly tensor: string;
  readonly shape: readonly number[];
  readonly units: number;
  /** Height, width. */
  readonly resolution: readonly [number, number];
  /** The axis of the tensor that its units lie on. */
  readonly channelAxis: 1 | 3;
  /** "Relu", "SiLU", "GLU" … */
  readonly op: string;
  /** Share of the whole graph's multiply-adds that come after the cut, 0…1: what one edit here costs. */
  readonly suffixCost: number;
}

/** The part of a graph that makes w of z, where one tensor of w stands between the latent and the picture. */
export interface MappingDescription {
  readonly tensor: string;
  /** Components of w. */
  readonly size: number;
  /** Where w̄ comes from: a weight of the file, or the mean of 10,000 mapped latents, computed when ψ is first used. */
  readonly average: 'file' | 'computed';
}

/** The image that an image-to-image model takes. */
export interface ImageInputDescription {
  readonly name: string;
  readonly channels: number;
  /** Classes of a label map, whose pictures have them as grey values. */
  readonly labels?: number;
  /** The input that takes a mask beside each picture, where there is one. */
  readonly mask?: string;
  /** Null where any size will do; pictures are then taken as they are, cut to a multiple of `multiple`. */
  readonly size: { readonly width: number; readonly height: number } | null;
  readonly multiple: number;
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
  /** Each weight once, however often the exporter wrote it down. */
  readonly parameters: number;
  /** False where some may be buffers or folded constants: then there are at most so many. */
  readonly parametersExact: boolean;
  readonly kind: ModelKind;
  readonly inputs: readonly InputDescription[];
  readonly outputs: readonly OutputDescription[];
  readonly batch: BatchMode;
  readonly batchReason: string;
  readonly noise: readonly NoiseDescription[];
  /** In graph order; null until asked for in full. */
  readonly layers: readonly LayerDescription[] | null;
  /** Null without a mapping network that can be told apart. */
  readonly mapping: MappingDescription | null;
  /** Null for whatever does not make images of images. */
  readonly imageInput: ImageInputDescription | null;
  readonly latentSize: number;
  readonly classes: number;
  readonly classNames: readonly string[];
  readonly image: { readonly width: number; readonly height: number; readonly channels: number };
  readonly provider: string;
  /** True when a role is a guess that the person should confirm before anything is drawn. */
  readonly needsAnswers: boolean;
  /** Why neither samples nor translations can be made (no generator, roles unknown, a broken sidecar, a failed load); null when it can. */
  readonly refusal: ErrorData | null;
  readonly warnings: readonly string[];
}
