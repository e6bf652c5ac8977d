/** Roles put to work: codes, rows of w, embeddings from a file, pictures laid out flat, and functions written out. */
import fs from 'node:fs';
import path from 'node:path';
import { create } from '@bufbuild/protobuf';
import { FunctionProtoSchema, type ModelProto } from 'onnx-buf';
import { describe, expect, it, onTestFinished } from 'vitest';
import { embeddingFeed } from '../../src/engine/feeds/embeddings.ts';
import { buildFeeds } from '../../src/engine/feeds/feeds.ts';
import { NpyWriter, npyHeader } from '../../src/engine/files/npy.ts';
import { readNpyFloats } from '../../src/engine/files/npyReader.ts';
import type { Generator } from '../../src/engine/generator/generator.ts';
import { describe as describeModel } from '../../src/engine/models/describe.ts';
import { Models } from '../../src/engine/models/models.ts';
import { modelStamp, openModelFile } from '../../src/engine/open/modelFile.ts';
import type { TensorValue } from '../../src/engine/runtime/session.ts';
import { samplePictures } from '../../src/engine/samples/sampling.ts';
import { memorySource, openModel, serialize } from '../../src/onnx/open.ts';
import type { Sidecar } from '../../src/shared/generator/roles.ts';
import { GenscopeError } from '../../src/shared/kernel/errors.ts';
import { DEFAULT_SOURCE, type LatentPlan } from '../../src/shared/samples/latents.ts';
import { FIXTURES, ROOT, seeds, temporaryFolder } from './support/engine.ts';

const ZOO = path.join(ROOT, 'test', 'fixtures', 'zoo', 'models');

const signal = new AbortController().signal;

function newModels(): Models {
  const models = new Models({ threads: 1 });
  onTestFinished(() => models.releaseAll());
  return models;
}

/** A copy of a zoo file in a folder of its own, so that files can be put beside it. */
function placed(file: string): { model: string; folder: string } {
  const folder = temporaryFolder();
  const model = path.join(folder, file);
  fs.copyFileSync(path.join(ZOO, file), model);
  return { model, folder };
}

/** The pictures of a plan, RGBA, one array a sample. */
async function pictures(generator: Generator, plan: LatentPlan): Promise<Buffer[]> {
  const all: Buffer[] = [];
  for await (const batch of samplePictures(generator, plan, { signal })) {
    const { count, width, height, data } = batch.pictures;
    const size = width * height * 4;
    for (let i = 0; i < count; i++) all.push(Buffer.from(data.subarray(i * size, (i + 1) * size)));
  }
  return all;
}

function saveRows(file: string, rows: readonly (readonly number[])[], shape?: readonly number[]): void {
  const writer = new NpyWriter(file, '<f4', shape ?? [rows.length, rows[0]?.length ?? 0]);
  for (const row of rows) writer.append(Float32Array.from(row));
  writer.close();
}

/** Rows that differ from one another, of numbers like those of an embedding. */
function someRows(count: number, width: number): number[][] {
  return Array.from({ length: count }, (_, k) =>
    Array.from({ length: width }, (_, i) => Math.sin(1 + 7 * k + 3 * i) * 2),
  );
}

const path2 = (from: number, to: number, steps: number, classes: boolean): LatentPlan => ({
  kind: 'path',
  source: DEFAULT_SOURCE,
  keys: [from, to].map((seed) => ({ seed, classIndex: classes ? seed : null })),
  steps,
  method: 'lerp',
  loop: false,
});

async function failure(promise: Promise<unknown>): Promise<GenscopeError> {
  const thrown: unknown = await promise.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(thrown instanceof GenscopeError)) throw new Error(`no GenscopeError: ${String(thrown)}`);
  return thrown;
}

describe('codes', () => {
  const file = path.join(ZOO, 'vq.ts.op13.onnx');

  it('a picture is a function of its seed, whatever the batch', async () => {
    const generator = await newModels().generator({ path: file });
    expect(generator.latentSize).toBe(0);
    const eight = await pictures(generator, seeds(8));
    expect(new Set(eight.map((picture) => picture.toString('base64'))).size).toBe(8);
    const [fifth] = await pictures(generator, seeds(1, { seed: 5 }));
    expect(fifth).toEqual(eight[5]);
  });

  it('a stream has other codes for each sample', async () => {
    const generator = await newModels().generator({ path: file });
    const plan = seeds(4, { source: { ...DEFAULT_SOURCE, layout: 'stream' } });
    const four = await pictures(generator, plan);
    expect(new Set(four.map((picture) => picture.toString('base64'))).size).toBe(4);
  });

  it('between two keys it is the nearer one', async () => {
    const generator = await newModels().generator({ path: file });
    const frames = await pictures(generator, path2(2, 6, 6, false));
    const [two] = await pictures(generator, seeds(1, { seed: 2 }));
    const [six] = await pictures(generator, seeds(1, { seed: 6 }));
    expect(frames).toEqual([two, two, two, six, six, six]);
  });

  it('draws every entry of the codebook, evenly', async () => {
    const generator = await newModels().generator({ path: file });
    const drawn = new Array<number>(32).fill(0);
    const request = { count: 1, latents: new Float32Array(0), classWeights: new Float32Array(0) };
    for (let seed = 0; seed < 64; seed++) {
      const feeds = buildFeeds(generator.session, generator.inputRoles, [], {
        ...request,
        seeds: [seed],
        noise: 'random',
        truncation: 1,
      });
      const { data } = feeds.codes as TensorValue;
      for (const code of data as BigInt64Array) drawn[Number(code)] = (drawn[Number(code)] as number) + 1;
    }
    // 64 · 256 draws over 32 entries: 512 each, with a standard deviation of 22.
    for (const count of drawn) expect(Math.abs(count - 512)).toBeLessThan(5 * 22);
  });

  it('is described as what it is', async () => {
    const context = { models: newModels(), signal, report: () => undefined };
    const described = await describeModel({ model: { path: file }, depth: 'quick' }, context);
    expect(described).toMatchObject({ kind: 'generator', latentSize: 0, classes: 0, refusal: null });
    expect(described.inputs[0]?.guess.role).toEqual({ role: 'codes', entries: 32 });
  });
});

describe('styles (w+)', () => {
  const file = 'stylegan2-unfused-ws.dynamo.op19.onnx';

  it('draws one w a sample for all layers, and says that it is not what a mapping network makes', async () => {
    const generator = await newModels().generator({ path: path.join(ZOO, file) });
    expect(generator.latentSize).toBe(12);
    expect(generator.latents).toEqual([{ name: 'ws', size: 12, tail: [8, 12] }]);
    expect(generator.warnings.join(' ')).toMatch(/“ws” takes w\+.*N\(0, 1\).*pictures may be off/);
    const [first, second] = await pictures(generator, seeds(2));
    expect(first).not.toEqual(second);
  });

  it('takes rows of real w from a file, one for all layers or one a layer', async () => {
    const { model, folder } = placed(file);
    const rows = someRows(3, 12);
    saveRows(path.join(folder, 'w.npy'), rows);
    saveRows(
      path.join(folder, 'wplus.npy'),
      rows.map((row) => Array(8).fill(row).flat() as number[]),
      [3, 8, 12],
    );
    const sidecar = (name: string): Sidecar => ({
      schema: 1,
      inputs: { ws: { role: 'embedding', file: name } },
    });
    const models = newModels();
    const shared = await models.generator({ path: model, sidecar: sidecar('w.npy') });
    const each = await models.generator({ path: model, sidecar: sidecar('wplus.npy') });
    expect(shared.classes).toBe(3);
    expect(shared.latentSize).toBe(0);
    expect(shared.warnings.join()).not.toMatch(/N\(0, 1\)|zeros/);
    const plan = seeds(3);
    const three = await pictures(shared, plan);
    expect(new Set(three.map((picture) => picture.toString('base64'))).size).toBe(3);
    expect(await pictures(each, plan)).toEqual(three);
  });
});

describe('embeddings', () => {
  const file = 'text-dcgan.ts.op13.onnx';
  const withRows = (name: string): Sidecar => ({
    schema: 1,
    inputs: { text_embedding: { role: 'embedding', file: name } },
  });

  it('without a file: zeros, and a warning that says how to give one', async () => {
    const generator = await newModels().generator({ path: path.join(ZOO, file) });
    expect(generator.classes).toBe(0);
    expect(generator.latentSize).toBe(12);
    expect(generator.warnings.join(' ')).toMatch(/“text_embedding” .*zeros.*\.npy/);
  });

  it('rows are classes: chosen, cycled through, and mixed between keys', async () => {
    const { model, folder } = placed(file);
    saveRows(path.join(folder, 'prompts.npy'), someRows(3, 48));
    fs.writeFileSync(model.replace('.onnx', '.genscope.json'), JSON.stringify(withRows('prompts.npy')));
    const models = newModels();
    const generator = await models.generator({ path: model });
    expect(generator.classes).toBe(3);
    const context = { models, signal, report: () => undefined };
    const described = await describeModel({ model: { path: model }, depth: 'quick' }, context);
    expect(described.classes).toBe(3);
    const [row0] = await pictures(generator, seeds(1, { seed: 4, classes: 0 }));
    const [row1] = await pictures(generator, seeds(1, { seed: 4, classes: 1 }));
    const [own] = await pictures(generator, seeds(1, { seed: 4 }));
    expect(row0).not.toEqual(row1);
    expect(own).toEqual(row1);
    const frames = await pictures(generator, path2(0, 1, 5, true));
    expect(new Set(frames.map((picture) => picture.toString('base64'))).size).toBe(5);
  });

  it('mixes rows by weight, and takes the row of a class modulo K', () => {
    const input = { name: 'e', dtype: 'float32', shape: ['N', 2] };
    const rows = { file: 'e.npy', shape: [2, 2], values: Float32Array.of(1, 10, 3, 30) };
    const request = {
      count: 2,
      latents: new Float32Array(0),
      // Of three classes; the third has the first row again.
      classWeights: Float32Array.of(0.25, 0.75, 0, 0, 0.5, 0.5),
      seeds: [null, null],
      noise: 'random' as const,
      truncation: 1,
    };
    const { data, shape } = embeddingFeed(input, rows, request);
    expect(shape).toEqual([2, 2]);
    expect([...(data as Float32Array)]).toEqual([2.5, 25, 2, 20]);
  });

  it('reads half and double precision, and either byte order', () => {
    const folder = temporaryFolder();
    const save = (descr: string, bytes: Uint8Array): string => {
      const name = path.join(folder, 'rows.npy');
      const header = Buffer.from(npyHeader('<f4', [1, 2]))
        .toString('latin1')
        .replace('<f4', descr);
      fs.writeFileSync(name, Buffer.concat([Buffer.from(header, 'latin1'), bytes]));
      return name;
    };
    const doubles = new Uint8Array(Float64Array.of(1.5, -2).buffer);
    expect(readNpyFloats(save('<f8', doubles))).toEqual({ shape: [1, 2], values: Float32Array.of(1.5, -2) });
    // 1.5 is 0x3e00 and −2 is 0xc000 in binary16.
    expect([...readNpyFloats(save('<f2', Uint8Array.of(0x00, 0x3e, 0x00, 0xc0))).values]).toEqual([1.5, -2]);
    expect([...readNpyFloats(save('>f2', Uint8Array.of(0x3e, 0x00, 0xc0, 0x00))).values]).toEqual([1.5, -2]);
    const big = Uint8Array.of(0x3f, 0xc0, 0, 0, 0xc0, 0, 0, 0);
    expect([...readNpyFloats(save('>f4', big)).values]).toEqual([1.5, -2]);
  });

  it('says what is wrong with a file', async () => {
    const { model, folder } = placed(file);
    const models = newModels();
    const open = (name: string) => failure(models.generator({ path: model, sidecar: withRows(name) }));
    const rows: readonly (readonly [string, (place: string) => void, RegExp])[] = [
      ['missing.npy', () => undefined, /There is no “missing.npy”/],
      ['narrow.npy', (place) => saveRows(place, someRows(2, 40)), /\[2, 40\].*\[K, 48\]/],
      ['flat.npy', (place) => saveRows(place, someRows(1, 48), [48]), /not rows/],
      ['empty.npy', (place) => saveRows(place, [], [0, 48]), /no rows/],
      ['nan.npy', (place) => saveRows(place, [Array<number>(48).fill(Number.NaN)]), /not finite/],
      ['text.npy', (place) => fs.writeFileSync(place, 'a text that is long enough'), /no \.npy file/],
      ['short.npy', (place) => fs.writeFileSync(place, npyHeader('<f4', [2, 48])), /bytes long/],
      ['bytes.npy', (place) => new NpyWriter(place, '|u1', [0, 48]).close(), /\|u1, not float16/],
      [
        'cut.npy',
        (place) => fs.writeFileSync(place, npyHeader('<f4', [2, 48]).subarray(0, 20)),
        /within its header/,
      ],
    ];
    for (const [name, make, words] of rows) {
      make(path.join(folder, name));
      const error = await open(name);
      expect(error.code).toBe('input.invalid');
      expect(error.message).toMatch(words);
      expect(error.advice).not.toBe('');
    }
  });

  it('the file is part of the stamp, from the sidecar or from the answers', () => {
    const { model, folder } = placed(file);
    const place = path.join(folder, 'prompts.npy');
    saveRows(place, someRows(3, 48));
    const sidecar = withRows('prompts.npy');
    fs.writeFileSync(model.replace('.onnx', '.genscope.json'), JSON.stringify(sidecar));
    const before = [modelStamp({ path: model }), modelStamp({ path: model, sidecar })];
    expect([modelStamp({ path: model }), modelStamp({ path: model, sidecar })]).toEqual(before);
    saveRows(place, someRows(4, 48));
    const after = [modelStamp({ path: model }), modelStamp({ path: model, sidecar })];
    expect(after[0]).not.toBe(before[0]);
    expect(after[1]).not.toBe(before[1]);
  });
});

describe('images', () => {
  it('laid out as rows are the same pictures as those that are not', async () => {
    const models = newModels();
    const flat = await models.generator({ path: path.join(ZOO, 'wgan-gp-resnet-flat.ts.op13.onnx') });
    expect(flat.image).toEqual({ width: 64, height: 64, channels: 3 });
    const plain = await models.generator({ path: path.join(ZOO, 'wgan-gp-resnet.ts.op12.onnx') });
    expect(await pictures(flat, seeds(3))).toEqual(await pictures(plain, seeds(3)));
  });

  it('of several outputs the largest is the picture, and the other one can be chosen', async () => {
    const file = path.join(ZOO, 'fastgan-both.ts.op14.onnx');
    const models = newModels();
    expect((await models.generator({ path: file })).image).toMatchObject({ width: 256, height: 256 });
    const sidecar: Sidecar = {
      schema: 1,
      outputs: { image: { role: 'other' }, image_128: { role: 'image' } },
    };
    expect((await models.generator({ path: file, sidecar })).image).toMatchObject({
      width: 128,
      height: 128,
    });
  });

  it('an image that goes in is nothing a sample can give', async () => {
    const generator = await newModels().generator({ path: path.join(ZOO, 'dcgan.ts.op13.onnx') });
    const request = {
      count: 1,
      latents: new Float32Array(0),
      classWeights: new Float32Array(0),
      seeds: [0],
      noise: 'random' as const,
      truncation: 1,
    };
    const role = { role: 'image', layout: 'NCHW', range: [-1, 1] } as const;
    expect(() => buildFeeds(generator.session, { z: role }, [], request)).toThrow(
      expect.objectContaining({ code: 'model.rolesUnknown' }),
    );
    const sidecar: Sidecar = { schema: 1, inputs: { z: { role: 'image' } } };
    const error = await failure(newModels().generator({ path: path.join(FIXTURES, 'dcgan.onnx'), sidecar }));
    expect(error.code).toBe('model.notGenerator');
    const beside: Sidecar = { schema: 1, inputs: { y: { role: 'image' }, z: { role: 'latent' } } };
    const both = await failure(
      newModels().generator({ path: path.join(FIXTURES, 'embedded.onnx'), sidecar: beside }),
    );
    expect(both.code).not.toBe('internal');
  });

  it('a translating model refuses to be sampled in its own words', async () => {
    const error = await failure(newModels().generator({ path: path.join(ZOO, 'cyclegan.ts.op11.onnx') }));
    expect(error.code).toBe('model.notGenerator');
    expect(error.message).toMatch(/translates pictures, and has no latent to sample/);
  });
});

describe('functions inside a model', () => {
  it('are written out on opening: described and sampled as the model without them', async () => {
    const file = 'dcgan.ts.op13.onnx';
    const { model: plain, folder } = placed(file);
    const wrapped = path.join(folder, 'wrapped.onnx');
    const { model } = openModel(memorySource(new Uint8Array(fs.readFileSync(plain))), file);
    fs.writeFileSync(wrapped, serialize(withFunction(model)));
    const opened = openModelFile({ path: wrapped });
    expect(opened.opened.model.functions).toEqual([]);
    expect(opened.graph.nodes.map(({ opType }) => opType)).not.toContain('Activation');
    const models = newModels();
    const context = { models, signal, report: () => undefined };
    const describeIt = (place: string) => describeModel({ model: { path: place }, depth: 'full' }, context);
    const [a, b] = [await describeIt(plain), await describeIt(wrapped)];
    expect(b.refusal).toBeNull();
    expect(b.layers).toEqual(a.layers);
    expect({
      inputs: b.inputs,
      outputs: b.outputs,
      kind: b.kind,
      parameters: b.parameters,
      batch: b.batch,
    }).toEqual({
      inputs: a.inputs,
      outputs: a.outputs,
      kind: a.kind,
      parameters: a.parameters,
      batch: a.batch,
    });
    const sample = async (place: string) => pictures(await models.generator({ path: place }), seeds(2));
    expect(await sample(wrapped)).toEqual(await sample(plain));
  });
});

/** Every Relu as a call of a function that holds it. */
function withFunction(model: ModelProto): ModelProto {
  const graph = model.graph;
  const relu = graph?.node.find(({ opType }) => opType === 'Relu');
  if (graph === undefined || relu === undefined) throw new Error('no Relu to wrap');
  const body = create(FunctionProtoSchema, {
    name: 'Activation',
    domain: 'own',
    input: ['a'],
    output: ['b'],
    node: [{ ...relu, name: 'inner', input: ['a'], output: ['b'] }],
    opsetImport: [...model.opsetImport],
  });
  for (const node of graph.node)
    if (node.opType === 'Relu') Object.assign(node, { opType: 'Activation', domain: 'own' });
  return Object.assign(model, {
    functions: [body],
    opsetImport: [...model.opsetImport, { ...model.opsetImport[0], domain: 'own', version: 1n }],
  });
}
