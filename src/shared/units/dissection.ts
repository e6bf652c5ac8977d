/** Dissection as data: what is asked for, and what is found. The same objects travel, lie in the cache and in `dissect.json`. */

import type { Frames, ModelRef } from '../generator/messages.ts';
import type { ClassChoice, LatentPlan, LatentSource } from '../samples/latents.ts';

/** A segmentation network: a folder laid out as on the Hugging Face hub, or the id of one there. */
export type SegmenterRef =
  | { readonly kind: 'folder'; readonly folder: string }
  | { readonly kind: 'hub'; readonly id: string; readonly revision: string };

export interface SegmenterDescription {
  readonly name: string;
  readonly folder: string;
  /** Of the .onnx file and the two JSON files that decide what it does. */
  readonly sha256: string;
  readonly concepts: readonly string[];
  /** One word per concept (object, part …); empty where the segmenter has one kind only. */
  readonly categories: readonly string[];
  readonly input: { readonly width: number; readonly height: number };
}

/** How a unit's level is chosen (ALGORITHMS.md, section 2). */
export type LevelMode =
  /** The value that this share of all pixels exceeds. */
  | { readonly mode: 'quantile'; readonly quantile: number }
  /** For each unit the level that tells most of a concept. */
  | { readonly mode: 'iqr' };

export interface DissectSettings {
  readonly layers: readonly string[];
  readonly samples: number;
  /** Agreement is measured on the samples of this seed … */
  readonly seed: number;
  /** … and levels are chosen on those of another. The same number: not held out. */
  readonly levelSeed: number;
  readonly source: LatentSource;
  readonly classes: ClassChoice;
  readonly level: LevelMode;
  /** A unit's IoU has to exceed this, and its own bar above the null. */
  readonly leastIou: number;
  /** Longest side of the maps that masks and concepts are compared on, in pixels. */
  readonly resolution: number;
  /** Whose rules decide, to reproduce a number of theirs; without it, ours. */
  readonly definition?: DissectDefinition;
}

/** davidbau/dissect (2020) and CSAILVision/gandissect (2019). */
export type DissectDefinition = 'dissect' | 'gandissect';

/**
 * What the references do otherwise than we do. Neither holds levels out, and neither has a null: a unit is interpretable by
 * its IoU alone (in gandissect's `iqr` mode also by its information quality). gandissect takes its quantiles of the raw
 * cells of a map, without enlarging it, and in `iqr` mode leaves out labels rarer than a thousandth. dissect is followed
 * with border padding where it enlarges maps; as published it pads with zeros, which darkens borders.
 */
export const DEFINITIONS: Readonly<
  Record<DissectDefinition, { quantile: number; leastIou: number; cells: boolean; rarest: number }>
> = {
  dissect: { quantile: 0.01, leastIou: 0.04, cells: false, rarest: 1e-3 },
  gandissect: { quantile: 0.005, leastIou: 0.05, cells: true, rarest: 1e-3 },
};

export const DISSECT_DEFAULTS: Omit<DissectSettings, 'layers'> = {
  samples: 1000,
  seed: 1,
  levelSeed: 2,
  source: { rng: 'numpy', layout: 'stream', distribution: 'normal', truncation: { mode: 'none' } },
  classes: 'all',
  level: { mode: 'quantile', quantile: 0.01 },
  leastIou: 0.04,
  resolution: 256,
};

export interface DissectedUnit {
  readonly unit: number;
  /** Index into the concepts. */
  readonly concept: number;
  readonly iou: number;
  /** 95 %, blocks of images drawn again. */
  readonly interval: readonly [number, number];
  /** Highest IoU with any concept of other images' segmentations, over the draws of the null. */
  readonly nullIou: number;
  /** What the IoU has to exceed to be more than chance: 99 % of the unit's null, as far as its draws tell. */
  readonly bar: number;
  /** The level above which a pixel belongs to the unit's mask. */
  readonly level: number;
  /** Share of pixels above it, on the samples that agreement is measured on. */
  readonly maskShare: number;
  /** Information quality of mask and concept, 0…1. */
  readonly quality: number;
  readonly interpretable: boolean;
  readonly mean: number;
  readonly peak: number;
  /** The samples that drive it hardest: place in the sample, and activation. */
  readonly top: readonly { readonly index: number; readonly value: number }[];
}

export interface DissectedLayer {
  readonly layer: string;
  readonly tensor: string;
  readonly resolution: readonly [number, number];
  readonly units: readonly DissectedUnit[];
  /** 99th percentile of the null over all units and draws; each unit's own bar decides. */
  readonly null99: number;
  readonly interpretable: number;
  /** IoU of every unit with every concept, row by row: [units, concepts]. */
  readonly iou: readonly (readonly number[])[];
}

export interface Dissection {
  readonly schema: 1;
  readonly model: { readonly file: string; readonly sha256: string };
  readonly segmenter: SegmenterDescription;
  readonly settings: DissectSettings;
  /** Of an image-to-image model: how many pictures it could draw from, and one hash of the bytes of those it drew. */
  readonly pictures?: { readonly found: number; readonly sha256: string };
  /** The maps compared: height, width. */
  readonly maps: readonly [number, number];
  /** Share of all pixels that show each concept. */
  readonly conceptShare: readonly number[];
  readonly layers: readonly DissectedLayer[];
  /** Milliseconds in all, and of those inside the runtime. */
  readonly ms: number;
  readonly runMs: number;
  readonly warnings: readonly string[];
  readonly made: { readonly genscope: string; readonly runtime: string; readonly date: string };
}

/** How far a dissection is; the layers say what has been found so far, once there is something. */
export interface DissectProgress {
  readonly phase: 'levels' | 'choosing' | 'agreement';
  readonly done: number;
  readonly total: number;
  /** Milliseconds. */
  readonly eta?: number;
  readonly partial?: readonly DissectedLayer[];
  /** Comes with it: share of all pixels so far that show each concept. */
  readonly conceptShare?: readonly number[];
}

/** What units do before anybody names them: over the samples of a plan. Each array has one entry per unit. */
export interface UnitActivity {
  readonly layer: string;
  readonly samples: number;
  readonly mean: Float32Array;
  readonly peak: Float32Array;
  /** Share of cells above 0. */
  readonly active: Float32Array;
  /** For each unit the places in the plan of the samples with the highest peak, [units, k], highest first. */
  readonly top: Int32Array;
  readonly topValues: Float32Array;
  readonly k: number;
}

export interface DissectParams {
  readonly model: ModelRef;
  /** Of an image-to-image model: the image files, and folders of them, that go in; on the engine's machine. */
  readonly inputs?: readonly string[];
  /** The segmenter's folder, on the engine's machine. */
  readonly segmenter: string;
  readonly settings: DissectSettings;
  /** Where finished and half-done dissections are kept; null: nowhere, nothing can be taken up again. */
  readonly cache: string | null;
  /** Images per run; chosen by the model, unless said. */
  readonly batch?: number;
}

export interface DissectResult {
  readonly dissection: Dissection;
  /** The file it is kept in; null without a cache. */
  readonly file: string | null;
  /** It was there already. */
  readonly cached: boolean;
}

export interface ActivityParams {
  readonly model: ModelRef;
  readonly stamp?: string;
  /** A layer's tensor. */
  readonly tensor: string;
  readonly plan: LatentPlan;
  /** Top samples per unit. */
  readonly k: number;
}

/** Pictures, and of each the feature map of one unit: what thumbnails, overlays and outlines are drawn from. */
export interface UnitPicturesParams {
  readonly model: ModelRef;
  readonly stamp?: string;
  readonly tensor: string;
  readonly plan: LatentPlan;
  /** The unit whose map is wanted, for each picture of the plan. */
  readonly units: readonly number[];
  /** Longest side of a frame; 0: maps alone. */
  readonly maxSide: number;
}

export interface UnitPictures {
  /** Null when no pictures were asked for. */
  readonly frames: Frames | null;
  /** float32 [pictures, h, w]. */
  readonly maps: Float32Array;
  readonly height: number;
  readonly width: number;
}

export interface SegmentationParams {
  readonly model: ModelRef;
  readonly stamp?: string;
  readonly segmenter: string;
  readonly plan: LatentPlan;
  readonly resolution: number;
}

export interface Segmentation {
  readonly height: number;
  readonly width: number;
  /** The first plane of each picture, [pictures, height, width]; 65535: none. */
  readonly labels: Uint16Array;
  readonly concepts: readonly string[];
}

export interface UnitsAtParams {
  readonly model: ModelRef;
  readonly stamp?: string;
  readonly tensor: string;
  /** A plan of one sample. */
  readonly plan: LatentPlan;
  /** A place in the picture, 0…1 from its left and upper edge. */
  readonly x: number;
  readonly y: number;
}

export interface UnitsAt {
  /** Activation of each unit at that place, upsampled bilinearly. */
  readonly values: Float32Array;
}

/** What a person has chosen for dissecting a model; the host keeps it, since a page may not name folders. */
export interface DissectionSetup {
  /** Null: none chosen yet, or it is gone. */
  readonly segmenter: {
    readonly name: string;
    readonly concepts: readonly string[];
    /** One word per concept (object, part …); empty where the segmenter has one kind only. */
    readonly categories: readonly string[];
    readonly demo: boolean;
  } | null;
  readonly warnings: readonly string[];
  /** What was asked for last; the defaults at first. */
  readonly settings: DissectSettings;
}

/** Where a dissection of these settings stands. */
export interface DissectionState {
  /** The last finished one of this model, whatever its settings. */
  readonly dissection: Dissection | null;
  /** The job that is at work on one. */
  readonly job: string | null;
  /** The last one was paused, or its process died: starting it again goes on from here. */
  readonly resumable: DissectSettings | null;
}
