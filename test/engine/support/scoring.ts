/** Small extractors and folders of pictures for tests of scores. */
import fs from 'node:fs';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { Models } from '../../../src/engine/models/models.ts';
import { encodePng } from '../../../src/engine/runtime/imageCodec.ts';
import { serialize } from '../../../src/onnx/open.ts';
import { FLOAT, floatTensor, int64Tensor, makeNode, makeValue } from '../../../src/onnx/surgery/build.ts';
import { SCORE_DEFAULTS, type ScoreSettings } from '../../../src/shared/scores/scores.ts';
import { modelOf } from '../../unit/onnx/support.ts';
import { ROOT } from './engine.ts';

export const EXTRACTOR = path.join(ROOT, 'media', 'demo', 'extractor.onnx');
export const REFERENCE = path.join(ROOT, 'media', 'demo', 'reference.zip');

type Axis = number | string;

export interface TinyExtractor {
  /** [N, C, h, w] of its input. */
  readonly input?: readonly Axis[];
  readonly inputName?: string;
  /** Nodes from `x` (the picture) to `features`, and more outputs; default: the mean of each channel, and logits. */
  readonly nodes?: readonly Parameters<typeof makeNode>[];
  readonly outputs?: Readonly<Record<string, readonly Axis[]>>;
  /** int64 constants that nodes read, by name. */
  readonly constants?: Readonly<Record<string, readonly number[]>>;
  /** Whether a sidecar says that it takes [−1, 1]; default: it does. */
  readonly confirmed?: boolean;
  /** A second input that no picture feeds. */
  readonly also?: string;
}

/** A network whose features are the means of the channels, as a file. */
export function tinyExtractor(file: string, options: TinyExtractor = {}): string {
  const { input = ['N', 3, 'h', 'w'], inputName = 'x', also } = options;
  const nodes = options.nodes ?? [
    ['GlobalAveragePool', [inputName], ['maps']],
    ['Flatten', ['maps'], ['features'], { axis: 1n }],
    ['MatMul', ['features', 'w'], ['logits']],
  ];
  const outputs = options.outputs ?? { features: ['N', 3], logits: ['N', 2] };
  const used = new Set(nodes.flatMap(([, inputs]) => inputs));
  const weights = [floatTensor('w', [3, 2], [1, -1, 2, 0, 0, 3]), int64Tensor('rows', [0, 3, -1])];
  for (const [name, values] of Object.entries(options.constants ?? {}))
    weights.push(int64Tensor(name, values));
  const model = modelOf({
    nodes: nodes.map((node) => makeNode(...node)),
    inputs: [makeValue(inputName, FLOAT, input), ...(also ? [makeValue(also, FLOAT, [1])] : [])],
    outputs: Object.entries(outputs).map(([name, shape]) => makeValue(name, FLOAT, shape)),
    weights: weights.filter(({ name }) => used.has(name)),
  });
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, serialize(model));
  // Nothing in so small a graph says which values it takes; without this, each test would hear that it is a guess.
  const image = { role: 'image', layout: 'NCHW', range: [-1, 1] };
  const sidecar = { schema: 1, inputs: { [inputName]: image } };
  if (options.confirmed !== false)
    fs.writeFileSync(file.replace(/\.onnx$/, '.genscope.json'), JSON.stringify(sidecar));
  return file;
}

/** Models that go with the test. */
export function testModels(): Models {
  const models = new Models({ threads: 0 });
  onTestFinished(() => models.releaseAll());
  return models;
}

/** PNGs of one colour each: picture i is (i, 2i, 255 − i) mod 256. */
export async function colours(folder: string, count: number, side = 8): Promise<string> {
  fs.mkdirSync(folder, { recursive: true });
  for (let i = 0; i < count; i++) {
    const data = new Uint8Array(side * side * 4).fill(255);
    for (let at = 0; at < data.length; at += 4) data.set([i % 256, (2 * i) % 256, 255 - (i % 256)], at);
    const bytes = await encodePng({ count: 1, width: side, height: side, data });
    fs.writeFileSync(path.join(folder, `${String(i).padStart(4, '0')}.png`), bytes);
  }
  return folder;
}

export function settings(more: Partial<ScoreSettings> = {}): ScoreSettings {
  return {
    ...SCORE_DEFAULTS,
    ...{ extractor: { path: EXTRACTOR }, reference: { kind: 'path', path: REFERENCE } },
    ...{ scores: ['fid'], samples: 32, referenceSamples: 64 },
    ...more,
  };
}

export const neverCancelled = new AbortController().signal;

export function context(models: Models, signal: AbortSignal = neverCancelled) {
  return { models, signal, report: () => {} };
}
