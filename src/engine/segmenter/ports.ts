/** Which input of a segmenter takes the picture, and which outputs are logits. */
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { TensorValue, ValueInfo } from '../runtime/session.ts';
import type { LabelGroup } from './labels.ts';
import { type NetworkInput, networkInput } from './networkInput.ts';

/** What the numbers of an output are. */
export type MapKind =
  /** Logits or probabilities of several classes: the largest wins. */
  | { readonly kind: 'classes' }
  /** One number a pixel: above the level it is the group's last concept, else its first, where it has two. */
  | { readonly kind: 'single'; readonly level: number }
  /** The number of the class itself: the network has chosen. */
  | { readonly kind: 'indices' };

/** One output and the concepts that its classes are. */
export interface LogitPort {
  readonly output: string;
  readonly category: string;
  /** Channels of the output; 1 for indices. */
  readonly classes: number;
  /** Concepts of the group. */
  readonly concepts: number;
  /** Concepts of a file are numbered one group after the other; this is where the group's begin. */
  readonly first: number;
  readonly layout: 'NCHW' | 'NHWC';
  readonly map: MapKind;
  /** The first channel is what has no name: background. */
  readonly background: boolean;
}

const MASK_MODELS = /^(mask2?former|oneformer|detr|eomt)/;

/** @throws GenscopeError `segmenter.unsuitable` where no input takes a picture, or more than that is asked for */
export function pictureInput(inputs: readonly ValueInfo[], fileName: string): NetworkInput {
  const input = networkInput(inputs, fileName, 'a segmenter', unsuitable);
  if (input.channels !== 3)
    throw unsuitable(`${fileName} takes grey pictures; a segmenter here takes colour.`);
  return input;
}

/**
 * The outputs that hold logits for the groups of labels, seen from one run.
 * @throws GenscopeError `segmenter.unsuitable` for what is no segmenter, `segmenter.mismatch` where labels and channels differ
 */
export function logitPorts(
  outputs: Readonly<Record<string, TensorValue>>,
  groups: readonly LabelGroup[],
  modelType: unknown,
  fileName: string,
  boundsOf: BoundsOf,
): readonly LogitPort[] {
  if (typeof modelType === 'string' && MASK_MODELS.test(modelType))
    throw unsuitable(
      `${fileName} is a ${modelType}, which gives masks of objects instead of classes of pixels.`,
    );
  const maps = Object.entries(outputs).flatMap(([output, value]) => candidates(output, value, groups));
  if (maps.length === 0) {
    const shapes = Object.entries(outputs).map(([name, { shape }]) => `${name} [${shape.join(', ')}]`);
    const what = Object.values(outputs).every(({ shape }) => shape.length <= 2)
      ? ' It classifies whole pictures.'
      : '';
    throw unsuitable(`${fileName} names no concept per pixel: its outputs are ${shapes.join(', ')}.${what}`);
  }
  let first = 0;
  return groups.map((group) => {
    const { output, classes, layout, isIndex } = portOf(group, maps, fileName);
    const concepts = group.names.length;
    const background = classes === 2 && concepts === 1;
    const port = { output, classes, concepts, layout, category: group.category, first, background };
    first += concepts;
    return { ...port, map: kindOf(output, classes, isIndex, boundsOf) };
  });
}

interface MapOutput {
  readonly output: string;
  readonly classes: number;
  readonly layout: 'NCHW' | 'NHWC';
  readonly isIndex: boolean;
}

const INTEGERS = /^u?int\d+$|^bool$/;

/**
 * An output as maps: [N, K, h, w] or [N, h, w, K] of numbers, [N, h, w] or with one channel of classes chosen already. Where
 * both orders of axes are possible the channels are first, unless only the last are as many as a group's concepts.
 */
function candidates(
  output: string,
  { shape, dtype }: TensorValue,
  groups: readonly LabelGroup[],
): MapOutput[] {
  const isIndex = INTEGERS.test(dtype);
  if (shape.length === 3 && (shape[1] ?? 0) > 1 && (shape[2] ?? 0) > 1)
    return [{ output, classes: 1, layout: 'NCHW', isIndex }];
  if (shape.length !== 4) return [];
  const [, second = 0, , last = 0] = shape;
  const could = (classes: number) =>
    groups.some(({ names }) => classes === names.length || (classes <= 2 && names.length <= 2));
  const isLast = last > 0 && could(last) && !could(second);
  return [{ output, classes: isLast ? last : second, layout: isLast ? 'NHWC' : 'NCHW', isIndex }];
}

/** By name where the group has one, else the one called logits, else the first that fits. */
function portOf({ category, names }: LabelGroup, maps: readonly MapOutput[], fileName: string): MapOutput {
  const named = maps.filter(
    ({ output }) => category !== '' && output.toLowerCase().includes(category.toLowerCase()),
  );
  const all = category === '' ? maps : named;
  const fits = all.filter(
    ({ classes, isIndex }) =>
      (!isIndex && classes === names.length) ||
      (isIndex && classes === 1) ||
      // One number for each pixel decides between two; two channels, between a concept and what is none.
      (classes === 1 && names.length === 2) ||
      (classes === 2 && names.length === 1),
  );
  const found =
    fits.find(({ output }) => output === category || output === 'logits') ??
    fits.find(({ classes }) => classes === names.length) ??
    fits[0];
  if (found) return found;
  const [closest] = all;
  const ofGroup = category === '' ? '' : ` of “${category}”`;
  const advice =
    'Take config.json and the model from the same export: “id2label” has one entry per channel of the logits.';
  const says = closest
    ? `config.json names ${names.length} concepts${ofGroup}, but ${fileName} tells ${closest.classes} apart (output ${closest.output}).`
    : `config.json has concepts${ofGroup}, but no output of ${fileName} is called that.`;
  throw new GenscopeError('segmenter.mismatch', says, advice);
}

function kindOf(output: string, classes: number, isIndex: boolean, boundsOf: BoundsOf): MapKind {
  if (isIndex) return { kind: 'indices' };
  if (classes > 1) return { kind: 'classes' };
  // A Sigmoid has been applied already: then even odds are at ½, not at 0.
  const [low, high] = boundsOf(output) ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  return { kind: 'single', level: Number.isFinite(low) && Number.isFinite(high) ? (low + high) / 2 : 0 };
}

/** What bounds the values of an output, as far as the graph says. */
export type BoundsOf = (output: string) => readonly [number, number] | null;

export function unsuitable(says: string): GenscopeError {
  return new GenscopeError(
    'segmenter.unsuitable',
    says,
    'Choose a semantic-segmentation model that gives logits [N, classes, h, w] or a class for each pixel, such as SegFormer, UPerNet, DeepLab, MobileViT, DPT or BEiT.',
  );
}
