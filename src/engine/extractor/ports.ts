/** Which input of an extractor takes the picture, and which outputs are features and logits, seen from one run. */
import { GenscopeError } from '../../shared/kernel/errors.ts';
import { asNumbers } from '../pictures/pixels.ts';
import type { TensorValue, ValueInfo } from '../runtime/session.ts';
import { type NetworkInput, networkInput } from '../segmenter/networkInput.ts';
import type { Outputs } from '../segmenter/runs.ts';

/** What becomes of a tensor's axes besides the batch: nothing, the first token, or the mean over tokens or cells. */
export type Reduction = 'none' | 'first' | 'tokens' | 'cells';

export interface FeaturePort {
  readonly output: string;
  readonly size: number;
  readonly reduction: Reduction;
}

export interface LogitsPort {
  readonly output: string;
  readonly classes: number;
  /** They are probabilities already: their logarithm serves as logits. */
  readonly probabilities: boolean;
}

/** @throws GenscopeError `extractor.unsuitable` */
export function imageInput(inputs: readonly ValueInfo[], fileName: string): NetworkInput {
  return networkInput(inputs, fileName, 'an extractor', unsuitable);
}

const FEATURES = [
  /^features?$/i,
  /^pooler_output$/i,
  /^image_embeds$/i,
  /embed|pool|feat/i,
  /^last_hidden_state$/i,
];
const LOGITS = [/^logits$/i, /logit/i, /^(class|prob|score|pred)/i];

/**
 * By name where names say it, else the first output of a kind that can be features; logits serve as features where
 * there is nothing else.
 * @param layer an output to take, whatever it is called
 * @throws GenscopeError `extractor.unsuitable`
 */
export function featurePort(outputs: Outputs, layer: string | null, fileName: string): FeaturePort {
  const usable = Object.entries(outputs).filter(([, { shape }]) => shape.length >= 2 && shape.length <= 4);
  if (layer !== null) {
    const value = outputs[layer];
    if (value !== undefined && usable.some(([name]) => name === layer)) return portOf(layer, value, false);
    throw unsuitable(
      value === undefined
        ? `${fileName} has no tensor “${layer}”.`
        : `“${layer}” of ${fileName} is [${value.shape.join(', ')}], which are no features of pictures.`,
    );
  }
  const named = FEATURES.flatMap((pattern) => usable.filter(([name]) => pattern.test(name)))[0];
  const vector = usable.find(([name, { shape }]) => shape.length === 2 && !LOGITS.some((p) => p.test(name)));
  const found = named ?? vector ?? usable[0];
  if (found) return portOf(found[0], found[1], true);
  const shapes = Object.entries(outputs).map(([name, { shape }]) => `${name} [${shape.join(', ')}]`);
  throw unsuitable(`${fileName} gives no features of pictures: its outputs are ${shapes.join(', ')}.`);
}

/** @param transformer whether tokens of an unchosen output begin with the one that stands for the picture */
function portOf(output: string, { shape }: TensorValue, transformer: boolean): FeaturePort {
  const [, a = 1, b = 1, c = 1] = shape;
  if (shape.length === 2) return { output, size: a, reduction: 'none' };
  if (shape.length === 3) return { output, size: b, reduction: transformer ? 'first' : 'tokens' };
  return { output, size: a, reduction: b * c === 1 ? 'none' : 'cells' };
}

/** Null for an extractor without a classifier. @param declared its name, where the settings give one */
export function logitsPort(outputs: Outputs, declared: string | null): LogitsPort | null {
  const vectors = Object.entries(outputs).filter(([, { shape }]) => shape.length === 2);
  const found =
    declared === null
      ? LOGITS.flatMap((pattern) => vectors.filter(([name]) => pattern.test(name)))[0]
      : vectors.find(([name]) => name === declared);
  if (!found || (found[1].shape[1] ?? 0) < 2) return null;
  const [output, value] = found;
  const classes = value.shape[1] ?? 0;
  return { output, classes, probabilities: sumsToOne(asNumbers(value.data, value.dtype), classes) };
}

function sumsToOne(values: ArrayLike<number>, classes: number): boolean {
  let sum = 0;
  for (let i = 0; i < classes; i++) {
    const value = values[i] as number;
    if (!(value >= 0 && value <= 1)) return false;
    sum += value;
  }
  return Math.abs(sum - 1) < 1e-3;
}

/** Writes `many` rows of features into `out` from `at`. */
export function reduceInto(
  { data, dtype, shape }: TensorValue,
  { size, reduction }: FeaturePort,
  many: number,
  out: Float32Array,
  at: number,
): void {
  const values = asNumbers(data, dtype);
  const each = shape.slice(1).reduce((a, b) => a * b, 1);
  for (let i = 0; i < many; i++) {
    const from = i * each;
    for (let k = 0; k < size; k++) {
      const to = at + i * size + k;
      if (reduction === 'none' || reduction === 'first') out[to] = values[from + k] as number;
      else if (reduction === 'cells') out[to] = mean(values, from + k * (each / size), 1, each / size);
      else out[to] = mean(values, from + k, size, each / size);
    }
  }
}

function mean(values: ArrayLike<number>, from: number, step: number, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += values[from + i * step] as number;
  return sum / count;
}

export function unsuitable(says: string): GenscopeError {
  return new GenscopeError(
    'extractor.unsuitable',
    says,
    'Choose a network that takes pictures [N, 3, h, w] and gives vectors, maps or tokens; with a layer chosen, any tensor inside it will do.',
  );
}
