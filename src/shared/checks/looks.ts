/** Looking behind the numbers: which real images samples resemble, and whether too much so. */

import type { ModelRef } from '../generator/messages.ts';
import type { LatentSource } from '../samples/latents.ts';
import type {
  ExtractorDescription,
  ExtractorRef,
  Quantisation,
  ReferenceDescription,
} from '../scores/scores.ts';
import type { SupportEstimate } from './birthday.ts';

export interface NeighboursSettings {
  readonly extractor: ExtractorRef;
  /** A folder or .zip of real images: those that the generator was trained on. */
  readonly reference: string;
  /** At most this many of them, chosen by the seed; 0: all. */
  readonly referenceSamples: number;
  /** Samples that are searched for suspicious ones. */
  readonly samples: number;
  readonly seed: number;
  readonly source: LatentSource;
  readonly classes: 'all' | number;
  readonly quantisation: Quantisation;
  /** Real images shown with each sample. */
  readonly k: number;
  /** The most suspicious ones, this many; or these, by their place among the samples. */
  readonly shown: number | readonly number[];
}

export interface NeighboursParams {
  readonly model: ModelRef;
  readonly settings: NeighboursSettings;
  readonly cache: string | null;
}

/** A real image near a sample. */
export interface RealNeighbour {
  /** Its place in the reference. */
  readonly index: number;
  readonly file: string;
  /** Euclidean: of features, or root of the mean square difference of pixels in bytes (0 … 255). */
  readonly distance: number;
}

export interface NeighbourRow {
  /** Its place among the samples: a `picks` plan of the same seed draws it again. */
  readonly place: number;
  /**
   * Distance of its features to the nearest real image, over that image's distance to its own nearest: at 1 or below it is
   * as near to it as real images are to each other (AuthPct).
   */
  readonly ratio: number;
  readonly features: readonly RealNeighbour[];
  readonly pixels: readonly RealNeighbour[];
  /**
   * What a shift by one pixel does to the nearest real image: found again by its features, and by its pixels? Pixels are
   * fooled where a picture has fine detail (Theis et al. 2016, arXiv 1511.01844).
   */
  readonly shifted: {
    readonly byFeatures: RealNeighbour;
    readonly byPixels: RealNeighbour;
    readonly file: string;
  };
}

export interface Neighbours {
  readonly schema: 1;
  readonly model: { readonly file: string; readonly sha256: string };
  readonly extractor: ExtractorDescription;
  readonly reference: ReferenceDescription;
  readonly settings: NeighboursSettings;
  /** Pixels are compared at this size. */
  readonly compared: { readonly width: number; readonly height: number };
  /** The most suspicious first, unless places were given. */
  readonly rows: readonly NeighbourRow[];
  /** Over all samples: share that is not authentic, with 95 %, and C_T with 95 %; null where there are too few. */
  readonly copied: {
    readonly share: number;
    readonly interval: readonly [number, number] | null;
    readonly ct: number;
    readonly ctInterval: readonly [number, number] | null;
    /** Copying is beyond chance: C_T, which is a z, lies below −3. */
    readonly alarm: boolean;
  } | null;
  readonly warnings: readonly string[];
}

/** What both tests of variety are made of. */
export type VarietySettings = Omit<NeighboursSettings, 'k' | 'shown' | 'samples'>;

export interface ModesSettings extends VarietySettings {
  readonly samples: number;
  /** Kinds of pictures that the reference is sorted into. */
  readonly k: number;
  /** Pictures shown of each, real and made. */
  readonly shown: number;
}

export interface ModesParams {
  readonly model: ModelRef;
  readonly settings: ModesSettings;
  readonly cache: string | null;
}

/** One kind of real pictures: a cluster of their features. */
export interface Mode {
  readonly cell: number;
  /** Shares of the reference and of the samples that fall into it. */
  readonly real: number;
  readonly made: number;
  /** Of equal shares, after Holm's correction for the number of cells. */
  readonly p: number;
  /** Beyond chance: hardly any samples (below a tenth of the share), fewer, more; else even. */
  readonly verdict: 'missing' | 'rare' | 'frequent' | 'even';
  /** The class that most of its real images have, where the reference has classes. */
  readonly label: number | null;
  /** Places in the reference and among the samples, those nearest to the centre first. */
  readonly realPlaces: readonly number[];
  readonly madePlaces: readonly number[];
}

export interface Modes {
  readonly schema: 1;
  readonly model: { readonly file: string; readonly sha256: string };
  readonly extractor: ExtractorDescription;
  readonly reference: ReferenceDescription;
  readonly settings: ModesSettings;
  /** Missing ones first, then by how much they lack. */
  readonly modes: readonly Mode[];
  /** Samples unlike all real images, the least real first, with their realism. */
  readonly strange: readonly { readonly place: number; readonly realism: number }[];
  readonly warnings: readonly string[];
}

export interface DuplicatesSettings extends Omit<VarietySettings, 'reference' | 'referenceSamples'> {
  /** Samples in a batch, and batches. */
  readonly batch: number;
  readonly batches: number;
  /** At this distance of features two samples count as the same; null: a person says it. */
  readonly threshold: number | null;
}

export interface DuplicatesParams {
  readonly model: ModelRef;
  readonly settings: DuplicatesSettings;
  readonly cache: string | null;
}

/** The two samples of a batch that are most alike. */
export interface ClosestPair {
  readonly batch: number;
  /** Places among all samples. */
  readonly places: readonly [number, number];
  readonly distance: number;
}

export interface Duplicates {
  readonly schema: 1;
  readonly model: { readonly file: string; readonly sha256: string };
  readonly extractor: ExtractorDescription;
  readonly settings: DuplicatesSettings;
  /** One a batch, closest first. */
  readonly pairs: readonly ClosestPair[];
  /** Answered by the threshold; null without one. */
  readonly estimate: SupportEstimate | null;
  readonly warnings: readonly string[];
}

export interface ArtifactsSettings extends VarietySettings {
  /** By name or tensor. */
  readonly layer: string;
  readonly samples: number;
  /** Samples that drive a unit hardest, by whose looks it is judged. */
  readonly top: number;
  /** The worst units are ablated together, this many, against as many sets of units drawn at random; 0: only ranked. */
  readonly worst: number;
  readonly random: number;
}

export interface ArtifactsParams {
  readonly model: ModelRef;
  readonly settings: ArtifactsSettings;
  readonly cache: string | null;
}

/** A unit by how far from real images the samples lie that drive it hardest. */
export interface ArtifactUnit {
  readonly unit: number;
  /** Mean distance of features to the nearest real images, over its top samples; what their class is farther off than others is taken off. */
  readonly distance: number;
  /** In standard errors above as many samples drawn at random. */
  readonly z: number;
  /** One-sided, after Holm's correction for the layer's units. */
  readonly p: number;
  /** Places of its top samples, the hardest driven first. */
  readonly places: readonly number[];
}

export interface Artifacts {
  readonly schema: 1;
  readonly model: { readonly file: string; readonly sha256: string };
  readonly extractor: ExtractorDescription;
  readonly reference: ReferenceDescription;
  readonly settings: ArtifactsSettings;
  readonly layer: string;
  /** The worst first; those that were never active come last. */
  readonly units: readonly ArtifactUnit[];
  /** Mean distance over all samples. */
  readonly usual: number;
  /** FID after less before on the same latents: of the worst units, and of each random set; null where none was asked for. */
  readonly ablated: {
    readonly units: readonly number[];
    readonly before: number;
    readonly change: number;
    readonly interval: readonly [number, number] | null;
    readonly random: readonly { readonly units: readonly number[]; readonly change: number }[];
    /** The pictures are better without them: the whole interval is below 0, and no random set did as much. */
    readonly alarm: boolean;
  } | null;
  readonly warnings: readonly string[];
}
