/**
 * What the Units tab asks for while a person edits: pictures under edits, the numbers that an intention stands for, and
 * edits as files of several kinds.
 */

import type { FrameEncoding, ModelRef } from '../generator/messages.ts';
import type { LatentPlan, LatentSource } from '../samples/latents.ts';
import type { Edit, EditFile } from './edits.ts';

/** As `sample`, under a stack of edits; an empty stack is the generator itself. */
export interface EditedSampleParams {
  readonly model: ModelRef;
  readonly stamp?: string;
  readonly plan: LatentPlan;
  readonly edits: readonly Edit[];
  readonly maxSide: number;
  readonly encoding: FrameEncoding;
}

/** What the units of a layer do over some samples: the values that ablation and insertion set them to. */
export interface UnitValuesParams {
  readonly model: ModelRef;
  readonly stamp?: string;
  /** The segmenter's folder; null where only values without a concept are asked for. */
  readonly segmenter: string | null;
  /** A layer's tensor. */
  readonly tensor: string;
  /** Indices into the segmenter's concepts that count together; empty: none. */
  readonly concepts: readonly number[];
  readonly source: LatentSource;
  readonly seed: number;
  readonly samples: number;
  /** The unit's value that this share of all cells exceeds, for `quantile`: 0.01 is the 99th percentile. */
  readonly quantile: number;
}

/** Each array has one value per unit. */
export interface UnitValues {
  readonly samples: number;
  readonly seed: number;
  readonly minimum: Float32Array;
  readonly mean: Float32Array;
  readonly quantile: Float32Array;
  /** Mean over the cells where the concept is, weighted by its share of them; null without a concept, or where it never occurs. */
  readonly conceptMean: Float32Array | null;
  /** The same over the unit's own highest cells among them (its top 1 % there: the top-conditional mean). */
  readonly topMean: Float32Array | null;
  /** Share of the samples that show the concept. */
  readonly present: number;
}

/** The generator under edits as an ONNX file of its own. */
export interface BakeParams {
  readonly model: ModelRef;
  readonly edits: readonly Edit[];
  /** On the engine's machine. */
  readonly target: string;
}

export interface BakeResult {
  readonly files: readonly string[];
  /** Layers whose edit went into weights, and those that got constant nodes instead. */
  readonly folded: readonly string[];
  readonly inserted: readonly string[];
}

/** Before and after of every sample as PNG files in a folder. */
export interface ExportPairsParams {
  readonly model: ModelRef;
  readonly plan: LatentPlan;
  readonly edits: readonly Edit[];
  readonly folder: string;
}

/** An animation of the samples while some edits' strength goes from one value to another and back. */
export interface EncodeSweepParams {
  readonly model: ModelRef;
  /** The samples on show, laid out as a grid in each frame. */
  readonly plan: LatentPlan;
  readonly edits: readonly Edit[];
  /** Ids of the edits that are swept; the others stay as they are. */
  readonly swept: readonly string[];
  readonly from: number;
  readonly to: number;
  /** Frames from `from` to `to`; as many go back. */
  readonly steps: number;
  readonly columns: number;
  readonly format: 'gif' | 'webp';
  readonly framesPerSecond: number;
  readonly minSide: number;
}

export interface EditCodeParams {
  readonly model: ModelRef;
  readonly plan: LatentPlan;
  readonly edits: readonly Edit[];
}

/** What *Save* and *Export* of edits write; the host asks where. */
export type EditTarget =
  /** The edited generator as plain ONNX. */
  | { readonly what: 'onnx'; readonly edits: readonly Edit[]; readonly name: string }
  /** The stack as `*.genscope-edit.json`. */
  | { readonly what: 'json'; readonly file: EditFile }
  | {
      readonly what: 'pairs';
      readonly edits: readonly Edit[];
      readonly plan: LatentPlan;
      readonly name: string;
    }
  | {
      readonly what: 'sweep';
      readonly edits: readonly Edit[];
      readonly plan: LatentPlan;
      readonly swept: readonly string[];
      readonly from: number;
      readonly to: number;
      readonly columns: number;
      readonly format: 'gif' | 'webp';
      readonly name: string;
    };

/** Named stacks that are kept with the workspace. */
export interface EditLibrary {
  readonly files: readonly EditFile[];
}
