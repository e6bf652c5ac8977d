import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Session } from '../../../src/engine/runtime/session.ts';
import { GraphIndex } from '../../../src/onnx/graph.ts';
import { candidateLayers } from '../../../src/onnx/layers/layers.ts';
import { memorySource, openModel } from '../../../src/onnx/open.ts';
import { type LayerEdit, planBake } from '../../../src/onnx/surgery/bake/bake.ts';
import { bakedFiles } from '../../../src/onnx/surgery/bakeWriter.ts';
import { intervene } from '../../../src/onnx/surgery/intervene.ts';
import { faults } from '../../unit/surgery/support.ts';
import { DEMO, distance, type Feeds, f32, feedsFor, type Opened, open, run, shapesOf } from './support.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'genscope bäke '));
beforeAll(() => expect(readdirSync(folder)).toEqual([]));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes the baked model into a folder of its own, and opens that. */
async function bake(opened: Opened, edits: readonly LayerEdit[], limit?: number) {
  const plan = planBake(opened.model, edits);
  expect(faults(plan.model)).toEqual([]);
  const weights = (location: string) =>
    memorySource(new Uint8Array(readFileSync(path.join(opened.folder, location))));
  const files = bakedFiles(plan, weights, {
    dataName: 'edited.onnx.data',
    ...(limit === undefined ? {} : { limit }),
  });
  for (const { kind, bytes, chunks } of files) {
    const parts: Uint8Array[] = [];
    for await (const chunk of chunks) parts.push(chunk);
    const file = Buffer.concat(parts);
    expect(file.length).toBe(bytes);
    writeFileSync(path.join(folder, kind === 'model' ? 'edited.onnx' : 'edited.onnx.data'), file);
  }
  const file = path.join(folder, 'edited.onnx');
  const reopened = openModel(memorySource(new Uint8Array(readFileSync(file))), 'edited.onnx');
  return { plan, file, files, reopened };
}

async function runFile(file: string, feeds: Feeds) {
  const session = await Session.fromFile(file, { threads: 1, optimize: 'all' });
  try {
    return { inputs: session.inputs.map(({ name }) => name), outputs: await session.run(feeds) };
  } finally {
    await session.release();
  }
}

const filled = (count: number, value: (i: number) => number) =>
  Float64Array.from({ length: count }, (_, i) => value(i));

/** The same edit as feeds of `intervene`. */
function asFeeds(edits: readonly LayerEdit[]): Feeds {
  return Object.fromEntries(
    edits.flatMap(({ scale, shift, size = [1, 1] }, i) => {
      const shape = [1, scale.length / (size[0] * size[1]), ...size];
      return [
        [`genscope_A_${i}`, f32(shape, scale)],
        [`genscope_B_${i}`, f32(shape, shift)],
      ];
    }),
  );
}

async function layersOf(opened: Opened, feeds: Feeds) {
  const shapes = await shapesOf(opened, feeds);
  return candidateLayers(new GraphIndex(opened.model)).flatMap(({ tensor }) => {
    const shape = shapes.get(tensor) ?? [];
    return shape.length === 4 && (shape[2] ?? 0) > 1 ? [{ tensor, shape }] : [];
  });
}

/** bake(edits) against intervene(edits), from another folder. @returns the largest difference */
async function compare(opened: Opened, edits: readonly LayerEdit[], feeds: Feeds, limit?: number) {
  const { plan, file, files, reopened } = await bake(opened, edits, limit);
  const { outputs, inputs } = await runFile(file, feeds);
  expect(inputs).toEqual(new GraphIndex(opened.model).inputs.map(({ name }) => name));
  const edited = intervene(
    opened.model,
    edits.map(({ tensor }) => tensor),
  );
  const expected = await run(edited.model, opened.folder, { ...feeds, ...asFeeds(edits) }, true);
  const most = Math.max(...Object.entries(expected).map(([name, value]) => distance(outputs[name], value)));
  return { most, plan, files, reopened };
}

describe('bake(ablate) = intervene(ablate)', () => {
  const files = [
    'dcgan.onnx',
    'noise-input.onnx',
    'dynamo.onnx',
    'float-data.onnx',
    'external.onnx',
    'keep-initializers.onnx',
    'two-outputs.onnx',
    DEMO,
  ];
  for (const name of files) {
    it(`at every layer of ${name.replace(/.*\//, '')}`, async () => {
      const opened = open(name);
      const feeds = feedsFor(opened.model, { rows: 2 });
      for (const { tensor, shape } of await layersOf(opened, feeds)) {
        const units = shape[1] ?? 0;
        const edit = {
          tensor,
          scale: filled(units, (i) => (i % 3 === 0 ? 0 : 1)),
          shift: filled(units, () => 0),
        };
        const { most, plan, files } = await compare(opened, [edit], feeds);
        expect(most).toBeLessThanOrEqual(1e-5);
        expect(files.map(({ kind }) => kind)).toEqual(['model']);
        expect([...plan.folded, ...plan.inserted]).toEqual([tensor]);
      }
    });
  }
});

describe('where edits go', () => {
  const opened = open('dcgan.onnx');
  const feeds = feedsFor(opened.model, { rows: 2 });
  const zeros = (n: number) => filled(n, () => 0);

  it('scales ≥ 0 and constants ≥ 0 fold through Relu, others are nodes', async () => {
    const [{ tensor = '', shape = [] } = {}] = await layersOf(opened, feeds);
    const [, C = 0, h = 0, w = 0] = shape;
    const cases: [LayerEdit, 'folded' | 'inserted'][] = [
      [{ tensor, scale: filled(C, (i) => i / 4), shift: zeros(C) }, 'folded'],
      [{ tensor, scale: filled(C, (i) => i % 2), shift: filled(C, (i) => (i % 2 ? 0 : i)) }, 'folded'],
      [{ tensor, scale: filled(C, () => -1), shift: zeros(C) }, 'inserted'],
      [{ tensor, scale: filled(C, () => 1), shift: filled(C, () => 0.5) }, 'inserted'],
      [
        {
          tensor,
          scale: filled(C * h * w, (i) => i % 2),
          shift: filled(C * h * w, (i) => i / 64),
          size: [h, w],
        },
        'inserted',
      ],
    ];
    for (const [edit, where] of cases) {
      const { most, plan } = await compare(opened, [edit], feeds);
      expect(most).toBeLessThanOrEqual(1e-5);
      expect(plan[where]).toEqual([tensor]);
      // Folded, the graph has the very same nodes.
      const same = plan.model.graph?.node.length === opened.model.graph?.node.length;
      expect(same).toBe(where === 'folded');
    }
  });

  it('several layers at once', async () => {
    const edits = (await layersOf(opened, feeds)).map(({ tensor, shape }, at): LayerEdit => {
      const units = shape[1] ?? 0;
      return {
        tensor,
        scale: filled(units, (i) => ((i + at) % 2 ? 0.25 : 2)),
        shift: filled(units, () => at),
      };
    });
    expect(edits.length).toBe(2);
    const { most, plan } = await compare(opened, edits, feeds);
    expect(most).toBeLessThanOrEqual(1e-5);
    expect([plan.folded.length, plan.inserted.length]).toEqual([1, 1]);
  });

  it('a Conv, ConvTranspose, BatchNormalization or Gemm that is itself the layer', async () => {
    for (const name of ['dcgan.onnx', 'noise-input.onnx', 'onehot.onnx']) {
      const here = open(name);
      const fed = feedsFor(here.model, { rows: 2 });
      const shapes = await shapesOf(here, fed);
      for (const {
        opType,
        output: [tensor = ''],
      } of here.model.graph?.node ?? []) {
        if (!/^(Conv|ConvTranspose|BatchNormalization|Gemm)$/.test(opType)) continue;
        const units = shapes.get(tensor)?.[1] ?? 0;
        const rank = shapes.get(tensor)?.length ?? 4;
        const edit = {
          tensor,
          rank,
          scale: filled(units, (i) => (i % 3) - 1),
          shift: filled(units, (i) => i / units),
        };
        const { plan, file } = await bake(here, [edit]);
        expect(plan.folded).toEqual([tensor]);
        const { outputs } = await runFile(file, fed);
        const one = (values: ArrayLike<number>) => f32(rank === 4 ? [1, units, 1, 1] : [1, units], values);
        const expected = await run(
          intervene(here.model, [tensor]).model,
          here.folder,
          { ...fed, genscope_A_0: one(edit.scale), genscope_B_0: one(edit.shift) },
          true,
        );
        for (const [key, value] of Object.entries(expected))
          expect(distance(outputs[key], value)).toBeLessThanOrEqual(1e-5);
      }
    }
  });

  it('beyond the limit the weights lie in a second file', async () => {
    const demo = open(DEMO);
    const fed = feedsFor(demo.model, { rows: 2 });
    const [{ tensor = '', shape = [] } = {}] = await layersOf(demo, fed);
    const units = shape[1] ?? 0;
    const edit = { tensor, scale: filled(units, (i) => i % 2), shift: zeros(units) };
    const { most, files, reopened } = await compare(demo, [edit], fed, 100_000);
    expect(files.map(({ kind }) => kind)).toEqual(['model', 'data']);
    expect(files[0]?.bytes).toBeLessThan(100_000);
    expect(reopened.externalFiles).toEqual(['edited.onnx.data']);
    expect(most).toBeLessThanOrEqual(1e-5);
  });

  it('no edit at all writes the same model', async () => {
    for (const name of ['external.onnx', 'float-data.onnx', 'label.onnx']) {
      const here = open(name);
      const fed = feedsFor(here.model, { rows: 2 });
      const { file, reopened } = await bake(here, []);
      expect(reopened.externalFiles).toEqual([]);
      const { outputs } = await runFile(file, fed);
      for (const [key, value] of Object.entries(await run(here.model, here.folder, fed, true)))
        expect(distance(outputs[key], value)).toBe(0);
    }
  });
});
