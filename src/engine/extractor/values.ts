/**
 * Which values a network takes for black and white. A plain .onnx says it at most in its first operators; where those say
 * nothing the usual [−1, 1] is a guess, and is called one.
 */

import type { GraphIndex } from '../../onnx/graph.ts';
import { type ChannelAffine, type Head, readHead } from '../../onnx/roles/head.ts';
import type { ValuesSource } from '../../shared/scores/scores.ts';
import { type Affine, ofRange } from './settings.ts';

export interface InputValues {
  /** From bytes, 0…255. */
  readonly affine: Affine;
  readonly source: ValuesSource;
  /** As a part of a sentence: "its first operators (Sub, Div) take [0, 1]". */
  readonly reason: string;
}

const BYTES: Affine = { scale: [1, 1, 1], offset: [0, 0, 0] };
/** torchvision's, over [0, 1]. */
const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;

/** Ways to feed pictures that are in use, commonest first. */
const WAYS: readonly { readonly name: string; readonly affine: Affine }[] = [
  { name: '[0, 1]', affine: ofRange([0, 1]) },
  { name: '[−1, 1]', affine: ofRange([-1, 1]) },
  { name: '[0, 255]', affine: BYTES },
  { name: 'ImageNet’s mean and deviation', affine: imageNet() },
];

function imageNet(): Affine {
  const { mean, std } = IMAGENET;
  const per = (c: 0 | 1 | 2) => [1 / 255 / std[c], -mean[c] / std[c]] as const;
  const [red, green, blue] = [per(0), per(1), per(2)];
  return { scale: [red[0], green[0], blue[0]], offset: [red[1], green[1], blue[1]] };
}

/**
 * @param asked what a person has said; goes before everything
 * @param wholeNumbers the input takes integers: bytes as they are
 */
export function valuesOf(
  graph: GraphIndex,
  input: { readonly name: string; readonly channels: 1 | 3; readonly wholeNumbers: boolean },
  asked: readonly [number, number] | null,
): InputValues {
  if (asked !== null) return { affine: ofRange(asked), source: 'confirmed', reason: 'as it was said' };
  if (input.wholeNumbers)
    return { affine: BYTES, source: 'graph', reason: 'its input takes whole numbers, so bytes' };
  const head = readHead(graph, input.name, input.channels);
  const fitting =
    head.affine === null ? [] : WAYS.filter(({ affine }) => fits(affine, head.affine as ChannelAffine));
  const [only] = fitting;
  if (only !== undefined && fitting.length === 1)
    return {
      affine: only.affine,
      source: 'graph',
      reason: `its first operators (${head.by}) take ${only.name}`,
    };
  return {
    affine: ofRange([-1, 1]),
    source: 'guess',
    reason: silence(
      head,
      fitting.map(({ name }) => name),
    ),
  };
}

function silence({ by, affine }: Head, fitting: readonly string[]): string {
  if (affine === null) return 'nothing in its graph says which values it takes';
  if (fitting.length > 1) return `its first operators (${by}) would do with ${fitting.join(' and with ')}`;
  return `its first operators (${by}) fit no usual way of feeding pictures`;
}

/** Whether bytes fed this way come out of the first operators as networks take them inside. */
function fits(way: Affine, { scale, offset }: ChannelAffine): boolean {
  return scale.every((a, c) => {
    const at = (byte: number) =>
      a * (byte * (way.scale[c] as number) + (way.offset[c] as number)) + (offset[c] as number);
    return isCustomary(at(0), at(255));
  });
}

/**
 * [−1, 1] and [0, 1], each with the rounding that x / 128 makes; about zero and a few wide (mean and deviation of ImageNet,
 * CLIP, CIFAR); or bytes with the mean of all pictures taken off (Caffe).
 */
function isCustomary(black: number, white: number): boolean {
  const near = (x: number, y: number) => Math.abs(x - y) < 0.02;
  if (near(black, -1) && near(white, 1)) return true;
  if (near(black, 0) && near(white, 1)) return true;
  const width = white - black;
  const centre = (white + black) / 2;
  if (width > 3 && width < 6.5) return Math.abs(centre) < 0.8;
  return Math.abs(width - 255) < 3 && Math.abs(centre) < 40;
}

/** Black and white of each channel: what two sets of features have to have in common. */
export function valuesText({ scale, offset }: Affine): string {
  const ends = scale.map((a, c) => {
    const low = offset[c] as number;
    return `[${short(low)}, ${short(255 * a + low)}]`;
  });
  return new Set(ends).size === 1 ? (ends[0] as string) : ends.join(' ');
}

function short(value: number): string {
  return String(Number(value.toPrecision(4))).replace('-', '−');
}
