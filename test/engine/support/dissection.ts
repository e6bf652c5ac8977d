/** What the tests of dissection share: the demo's settings in small, and small models whose answer is known. */
import fs from 'node:fs';
import path from 'node:path';
import type { NodeProto } from 'onnx-buf';
import { onTestFinished } from 'vitest';
import { dissect } from '../../../src/engine/dissect/dissect.ts';
import { Models } from '../../../src/engine/models/models.ts';
import { serialize } from '../../../src/onnx/open.ts';
import { floatTensor, int64Tensor, makeNode, makeValue } from '../../../src/onnx/surgery/build.ts';
import {
  DISSECT_DEFAULTS,
  type Dissection,
  type DissectParams,
  type DissectProgress,
  type DissectResult,
  type DissectSettings,
} from '../../../src/shared/units/dissection.ts';
import { modelOf } from '../../unit/onnx/support.ts';
import { DEMO, ROOT } from './engine.ts';

export const SEGMENTER = path.join(ROOT, 'media', 'demo', 'segmenter');
export const ZOO = path.join(ROOT, 'test', 'fixtures', 'zoo', 'models');
export const SMALL_SEGMENTERS = path.join(ROOT, 'test', 'parity', 'segmenter', 'small');

export function settings(more: Partial<DissectSettings> = {}): DissectSettings {
  return { ...DISSECT_DEFAULTS, layers: ['l8b'], samples: 64, ...more };
}

export function withModels(threads = 1): Models {
  const models = new Models({ threads });
  onTestFinished(() => models.releaseAll());
  return models;
}

export interface Asked extends Partial<Omit<DissectParams, 'settings'>> {
  readonly models: Models;
  readonly settings?: Partial<DissectSettings>;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: DissectProgress) => void;
}

/** Through the task, without a cache unless one is given. */
export function dissected(asked: Asked): Promise<DissectResult> {
  const { models, signal, onProgress, settings: own, ...more } = asked;
  return dissect(
    { model: { path: DEMO }, segmenter: SEGMENTER, cache: null, settings: settings(own), ...more },
    { models, signal: signal ?? new AbortController().signal, report: onProgress ?? (() => undefined) },
  );
}

/** What does not depend on the clock. */
export function lasting({ ms: _, runMs: __, made, ...rest }: Dissection) {
  return { ...rest, made: { ...made, date: '' } };
}

/** Called off after this many reports of a pass. */
export async function interrupted(
  asked: Asked,
  phase: DissectProgress['phase'],
  reports: number,
): Promise<unknown> {
  const controller = new AbortController();
  let left = reports;
  const onProgress = (progress: DissectProgress) => {
    if (progress.phase === phase && progress.done > 0 && --left === 0) controller.abort();
  };
  return dissected({ ...asked, signal: controller.signal, onProgress }).catch((thrown: unknown) => thrown);
}

/** Largest difference of two dissections' IoUs, unit by unit and concept by concept. */
export function iouDifference(a: Dissection, b: Dissection): number {
  const flat = ({ layers }: Dissection) => layers.flatMap(({ iou }) => iou.flat());
  const others = flat(b);
  return flat(a).reduce((most, value, i) => Math.max(most, Math.abs(value - (others[i] as number))), 0);
}

/** A copy that may be changed. */
export function copyFolder(from: string, to: string, change: (folder: string) => void): string {
  fs.cpSync(from, to, { recursive: true });
  change(to);
  return to;
}

export function editJson(file: string, edit: (json: Record<string, unknown>) => unknown): void {
  fs.writeFileSync(file, JSON.stringify(edit(JSON.parse(fs.readFileSync(file, 'utf8')))));
}

export interface TinyGenerator {
  /** Units of its one layer `maps`; 0: there is none, the latent becomes the picture at once. */
  readonly units: number;
  readonly side: number;
  /** What the layer is multiplied with. */
  readonly gain?: number;
}

/** z [N, units·side²] → maps → 1×1 convolution → Tanh: what a unit does is what its part of the latent is. */
export function writeTinyGenerator(
  folder: string,
  name: string,
  { units, side, gain = 1 }: TinyGenerator,
): string {
  const channels = units || 3;
  const size = channels * side * side;
  const nodes: NodeProto[] = [
    makeNode('Mul', ['z', 'gain'], ['scaled']),
    makeNode('Reshape', ['scaled', 'shape'], ['rows']),
  ];
  if (units > 0)
    nodes.push(
      makeNode('Relu', ['rows'], ['maps'], {}),
      makeNode('Conv', ['maps', 'mix'], ['colours'], { kernel_shape: [1, 1] }),
      makeNode('Tanh', ['colours'], ['image']),
    );
  else nodes.push(makeNode('Tanh', ['rows'], ['image']));
  const model = modelOf({
    inputs: [makeValue('z', 1, ['N', size])],
    outputs: [makeValue('image', 1, ['N', 3, side, side])],
    nodes,
    weights: [
      floatTensor('gain', [], [gain]),
      int64Tensor('shape', [-1, channels, side, side]),
      floatTensor(
        'mix',
        [3, channels, 1, 1],
        Array.from({ length: 3 * channels }, (_, i) => (i % 2 ? 0.5 : -0.4)),
      ),
    ],
  });
  const file = path.join(folder, name);
  fs.writeFileSync(file, serialize(model));
  return file;
}

/** The names of `writeTinySegmenter`'s concepts; the last never occurs. */
export const TINY_CONCEPTS = ['bright', 'a <b>"dark"</b>, one', 'never'] as const;

/** A folder with a segmenter of three concepts: whether red, green and blue together are above the middle, or never. */
export function writeTinySegmenter(folder: string): string {
  const model = modelOf({
    inputs: [makeValue('pixel_values', 1, ['N', 3, 'h', 'w'])],
    outputs: [makeValue('logits', 1, ['N', 3, 'h', 'w'])],
    nodes: [makeNode('Conv', ['pixel_values', 'weight', 'bias'], ['logits'], { kernel_shape: [1, 1] })],
    weights: [
      floatTensor('weight', [3, 3, 1, 1], [1, 1, 1, -1, -1, -1, 0, 0, 0]),
      floatTensor('bias', [3], [0, 0, -1000]),
    ],
  });
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'model.onnx'), serialize(model));
  const id2label = Object.fromEntries(TINY_CONCEPTS.map((name, i) => [i, name]));
  fs.writeFileSync(path.join(folder, 'config.json'), JSON.stringify({ id2label }));
  fs.copyFileSync(
    path.join(SEGMENTER, 'preprocessor_config.json'),
    path.join(folder, 'preprocessor_config.json'),
  );
  return folder;
}
