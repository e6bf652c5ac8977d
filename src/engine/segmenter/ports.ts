/** Which input of a segmenter takes the picture, and which outputs are logits. */
import { GenscopeError } from '../../shared/errors.ts';
import type { TensorValue, ValueInfo } from '../runtime/session.ts';
import type { LabelGroup } from './labels.ts';

/** One output [N, K, h, w] and the concepts that its classes are. */
export interface LogitPort {
  readonly output: string;
  readonly category: string;
  readonly classes: number;
  /** Concepts of a file are numbered one group after the other; this is where the group's begin. */
  readonly first: number;
}

const MASK_MODELS = /^(mask2?former|oneformer|detr|eomt)/;

/** @throws GenscopeError `segmenter.unsuitable` where no input takes a picture, or more than that is asked for */
export function pictureInput(inputs: readonly ValueInfo[], fileName: string): ValueInfo {
  const pictures = inputs.filter(({ shape }) => shape.length === 4);
  const input = pictures.find(({ name }) => name === 'pixel_values') ?? pictures[0];
  if (!input) {
    const says = `${fileName} takes no picture: none of its inputs (${inputs.map(({ name }) => name).join(', ')}) has four axes.`;
    throw unsuitable(says);
  }
  const [, channels, , last] = input.shape;
  if (channels !== 3 && (typeof channels === 'number' || last === 3)) {
    const order = last === 3 ? 'with their channels last' : `with ${channels} channels`;
    throw unsuitable(`${fileName} takes pictures ${order}; a segmenter here takes [N, 3, h, w].`);
  }
  const others = inputs.filter((other) => other !== input);
  if (others.length > 0)
    throw unsuitable(`${fileName} needs more than a picture: ${others.map(({ name }) => name).join(', ')}.`);
  if (!['float32', 'float16', 'uint8'].includes(input.dtype))
    throw unsuitable(`${fileName} takes pictures as ${input.dtype}, which no image processor makes.`);
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
): readonly LogitPort[] {
  if (typeof modelType === 'string' && MASK_MODELS.test(modelType))
    throw unsuitable(
      `${fileName} is a ${modelType}, which gives masks of objects instead of classes of pixels.`,
    );
  const maps = Object.entries(outputs).flatMap(([output, { shape }]) =>
    shape.length === 4 ? [{ output, classes: shape[1] as number }] : [],
  );
  if (maps.length === 0) {
    const shapes = Object.entries(outputs).map(([name, { shape }]) => `${name} [${shape.join(', ')}]`);
    const what = Object.values(outputs).every(({ shape }) => shape.length <= 2)
      ? ' It classifies whole pictures.'
      : '';
    throw unsuitable(`${fileName} names no concept per pixel: its outputs are ${shapes.join(', ')}.${what}`);
  }
  let first = 0;
  return groups.map((group) => {
    const port = { ...portOf(group, maps, fileName), category: group.category, first };
    first += group.names.length;
    return port;
  });
}

interface Map4 {
  readonly output: string;
  readonly classes: number;
}

/** By name where the group has one, else the one called logits, else the first with as many channels. */
function portOf({ category, names }: LabelGroup, maps: readonly Map4[], fileName: string): Map4 {
  const named = maps.filter(
    ({ output }) => category !== '' && output.toLowerCase().includes(category.toLowerCase()),
  );
  const candidates = category === '' ? maps : named;
  const fits = candidates.filter(({ classes }) => classes === names.length);
  const found = fits.find(({ output }) => output === category || output === 'logits') ?? fits[0];
  if (found) return found;
  const [closest] = candidates;
  const ofGroup = category === '' ? '' : ` of “${category}”`;
  const advice =
    'Take config.json and the model from the same export: “id2label” has one entry per channel of the logits.';
  const says = closest
    ? `config.json names ${names.length} concepts${ofGroup}, but ${fileName} tells ${closest.classes} apart (output ${closest.output}).`
    : `config.json has concepts${ofGroup}, but no output of ${fileName} is called that.`;
  throw new GenscopeError('segmenter.mismatch', says, advice);
}

export function unsuitable(says: string): GenscopeError {
  return new GenscopeError(
    'segmenter.unsuitable',
    says,
    'Choose a semantic-segmentation model whose logits are [N, classes, h, w], such as SegFormer, UPerNet, DeepLab, MobileViT, DPT or BEiT.',
  );
}
