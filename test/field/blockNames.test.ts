/** A layer that has a module's name is what a forward hook on that module sees. */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { describe as describeModel } from '../../src/engine/models/describe.ts';
import { Models } from '../../src/engine/models/models.ts';
import { openModelFile } from '../../src/engine/open/modelFile.ts';
import { asNumbers } from '../../src/engine/pictures/pixels.ts';
import { Session } from '../../src/engine/runtime/session.ts';
import { serialize } from '../../src/onnx/open.ts';
import { expose } from '../../src/onnx/surgery/expose.ts';

const FOLDER = path.join(import.meta.dirname, '..', 'fixtures', 'field', 'block-names');

interface Seen {
  readonly shape: readonly number[];
  readonly first: readonly number[];
  readonly mean: number;
}
const right = JSON.parse(fs.readFileSync(path.join(FOLDER, 'hooks.json'), 'utf8')) as Readonly<
  Record<string, { readonly z: readonly number[]; readonly hooks: Readonly<Record<string, readonly Seen[]>> }>
>;

/** Modules that the layers of each must be among, in their order. */
const MODULES: Readonly<Record<string, readonly string[]>> = {
  'biggan.ts.onnx': ['blocks.0.0', 'blocks.1.0', 'blocks.1.1', 'blocks.2.0'],
  'biggan.dy.onnx': ['blocks.0.0', 'blocks.1.0', 'blocks.1.1', 'blocks.2.0'],
  'sngan.ts.onnx': ['block2', 'block3', 'activation'],
  'sngan.dy.onnx': ['block2', 'block3', 'activation'],
  'sagan.ts.onnx': ['blocks.0.activation', 'blocks.0', 'blocks.1', 'blocks.2.activation', 'blocks.2'],
  'lw.ts.onnx': ['initial_conv.2', 'layers.0.0.3', 'layers.1.0.3', 'layers.2.0.3'],
  'progan.ts.onnx': [],
};

const models = new Models({ threads: 1 });
afterAll(() => models.releaseAll());

describe('names of modules', () => {
  it.each(Object.entries(MODULES))('%s', async (file, modules) => {
    const model = { path: path.join(FOLDER, file) };
    const context = { models, signal: new AbortController().signal, report: () => undefined };
    const layers = (await describeModel({ model, depth: 'full' }, context)).layers ?? [];
    const { z = [], hooks = {} } = right[file.split('.')[0] ?? ''] ?? {};
    const tensors = layers.map(({ tensor }) => tensor);
    const session = await Session.unfused(
      serialize(expose(openModelFile(model).opened.model, tensors)),
      FOLDER,
      { threads: 1 },
    );
    const outputs = await session.run({
      z: { dtype: 'float32', shape: [1, z.length], data: Float32Array.from(z) },
    });
    await session.release();
    for (const { name, tensor } of layers) {
      const seen = hooks[name]?.[0];
      if (seen === undefined) continue;
      const value = outputs[tensor];
      const data = Array.from(asNumbers(value?.data ?? new Float32Array(), 'float32'));
      expect([name, ...(value?.shape ?? [])]).toEqual([name, ...seen.shape]);
      expect(data.reduce((a, b) => a + b, 0) / data.length, name).toBeCloseTo(seen.mean, 3);
      for (const [i, first] of seen.first.entries()) expect(data[i], name).toBeCloseTo(first, 3);
    }
    expect(layers.length).toBeGreaterThan(2);
    expect(layers.map(({ name }) => name).filter((name) => name in hooks)).toEqual(modules);
  });
});
