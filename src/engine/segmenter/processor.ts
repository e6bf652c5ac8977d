/** What is done to a picture before a segmenter sees it, from its `preprocessor_config.json`. */

import type { Placement } from '../../algorithms/images/placement.ts';
import {
  centred,
  fitLongest,
  fitMultiple,
  fitShortest,
  paddedTo,
  placed,
} from '../../algorithms/images/placement.ts';
import { RESAMPLING, type Resampling } from '../../algorithms/images/resample.ts';
import type { ValueRules } from '../../algorithms/images/toTensor.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import { type Defaults, defaultsOf } from './processorKinds.ts';

export interface Processor {
  readonly resampling: Resampling;
  readonly values: ValueRules;
  /** @param picture [height, width] */
  place(picture: readonly [number, number]): Placement;
}

type Json = Readonly<Record<string, unknown>>;
type Side = readonly [number, number];

/** @throws GenscopeError `segmenter.invalid` for settings that make no sense */
export function readProcessor(json: Json): Processor {
  const kind = defaultsOf(kindName(json));
  const said = present(json);
  const config: Json = { ...kind.settings, ...(kind.named ? {} : implied(said)), ...said };
  const resize = resizeRule(config, kind);
  const crop = config.do_center_crop === true ? bothSides(config.crop_size, 'crop_size') : null;
  const divisor = config.do_pad === true ? numberOf(config.size_divisor, 'size_divisor') : null;
  return {
    resampling: resamplingOf(config.resample),
    values: {
      scale: config.do_rescale === true ? numberOf(config.rescale_factor, 'rescale_factor') : null,
      offset: config.do_rescale === true && config.offset === true,
      normal:
        config.do_normalize === true
          ? { mean: triple(config.image_mean, 'image_mean'), std: triple(config.image_std, 'image_std') }
          : null,
      flipChannels: config.do_flip_channel_order === true,
      padding: divisor === null ? 'black' : 'zeros',
    },
    place(picture) {
      const resized = resize(picture);
      if (crop) return centred(resized, crop);
      return divisor === null ? resized : paddedTo(resized, divisor);
    },
  };
}

/** Nulls stand for the default, as in Python. `reduce_labels` is no business of ours: it renumbers ground truth only. */
function present(json: Json): Json {
  return Object.fromEntries(Object.entries(json).filter(([, value]) => value !== null));
}

/** Whoever gives a size or a mean without naming a processor wants it used. */
function implied({ size, image_mean, image_std }: Json): Json {
  return { do_resize: size !== undefined, do_normalize: image_mean !== undefined && image_std !== undefined };
}

function kindName({ image_processor_type, feature_extractor_type }: Json): string {
  return String(image_processor_type ?? feature_extractor_type ?? '');
}

function resizeRule(config: Json, kind: Defaults): (picture: Side) => Placement {
  if (config.do_resize !== true) return (picture) => placed(picture);
  const size = sizeOf(config.size, kind.square, 'size');
  const { height, width, shortest, longest } = size;
  if (kind.cropShare && shortest !== undefined) return warpOrCrop(shortest, Number(config.crop_pct));
  if (kind.multiples && height !== undefined && width !== undefined) {
    const multiple = numberOf(config.ensure_multiple_of, 'ensure_multiple_of');
    const keep = config.keep_aspect_ratio === true;
    return (picture) => placed(picture, fitMultiple(picture, [height, width], multiple, keep));
  }
  if (height !== undefined && width !== undefined) return (picture) => placed(picture, [height, width]);
  if (shortest !== undefined) return (picture) => placed(picture, fitShortest(picture, shortest, longest));
  return (picture) => placed(picture, fitLongest(picture, longest ?? 0));
}

/** ConvNeXT's rule: below 384 a margin is cut off, from there on the picture is stretched to the square. */
function warpOrCrop(side: number, share: number): (picture: Side) => Placement {
  if (side >= 384) return (picture) => placed(picture, [side, side]);
  return (picture) => centred(placed(picture, fitShortest(picture, Math.trunc(side / share))), [side, side]);
}

interface Size {
  readonly height?: number;
  readonly width?: number;
  readonly shortest?: number;
  readonly longest?: number;
}

/** @param square what a plain number means: both sides, or the shorter one */
function sizeOf(value: unknown, square: boolean, name: string): Size {
  if (typeof value === 'number') {
    const side = numberOf(value, name);
    return square ? { height: side, width: side } : { shortest: side };
  }
  // Oldest configurations have [height, width].
  if (Array.isArray(value) && value.length === 2)
    return { height: numberOf(value[0], name), width: numberOf(value[1], name) };
  const { height, width, shortest_edge, longest_edge } = (value ?? {}) as Json;
  if (height !== undefined && width !== undefined)
    return { height: numberOf(height, name), width: numberOf(width, name) };
  const longest = longest_edge === undefined ? {} : { longest: numberOf(longest_edge, name) };
  if (shortest_edge !== undefined) return { shortest: numberOf(shortest_edge, name), ...longest };
  if (longest_edge !== undefined) return longest;
  throw invalid(`“${name}” in preprocessor_config.json is ${JSON.stringify(value) ?? 'missing'}`);
}

function bothSides(value: unknown, name: string): Side {
  const { height, width } = sizeOf(value, true, name);
  if (height !== undefined && width !== undefined) return [height, width];
  throw invalid(
    `“${name}” in preprocessor_config.json is ${JSON.stringify(value)}, without height and width`,
  );
}

const LARGEST = 1e5;

/** A number above zero: a size, a factor. */
function numberOf(value: unknown, name: string): number {
  if (typeof value === 'number' && value > 0 && value <= LARGEST) return value;
  throw invalid(`“${name}” in preprocessor_config.json is ${JSON.stringify(value) ?? 'missing'}`);
}

function triple(value: unknown, name: string): readonly number[] {
  const list = typeof value === 'number' ? [value, value, value] : value;
  if (Array.isArray(list) && list.length === 3 && list.every((entry) => Number.isFinite(entry))) return list;
  throw invalid(`“${name}” in preprocessor_config.json is ${JSON.stringify(value) ?? 'missing'}`);
}

const KNOWN: readonly unknown[] = Object.values(RESAMPLING);

function resamplingOf(value: unknown): Resampling {
  if (KNOWN.includes(value)) return value as Resampling;
  throw invalid(`“resample” in preprocessor_config.json is ${JSON.stringify(value)}, but goes from 0 to 5`);
}

function invalid(says: string): GenscopeError {
  return new GenscopeError(
    'segmenter.invalid',
    `${says}.`,
    'Copy preprocessor_config.json from the model that was exported, with the size, mean and deviation it was trained with.',
  );
}
