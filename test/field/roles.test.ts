/** Generators whose inputs and outputs are not what most have: labels as floats, a baked batch, no channels, no inputs. */
import fs from 'node:fs';
import path from 'node:path';
import { create } from '@bufbuild/protobuf';
import { type NodeProto, TensorProtoSchema } from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import { planLatents } from '../../src/algorithms/latent/plan.ts';
import { EditedGenerator } from '../../src/engine/edits/editedGenerator.ts';
import { sampleEdited } from '../../src/engine/edits/editedSampling.ts';
import type { Generator } from '../../src/engine/generator/generator.ts';
import { checkBatch } from '../../src/engine/open/batchCheck.ts';
import { layersIn } from '../../src/engine/open/layers.ts';
import { encodePng } from '../../src/engine/runtime/imageCodec.ts';
import { asLoadError, Session } from '../../src/engine/runtime/session.ts';
import { layerMaps } from '../../src/engine/samples/layerMaps.ts';
import { requestOf, samplePictures } from '../../src/engine/samples/sampling.ts';
import { serialize } from '../../src/onnx/open.ts';
import { FLOAT, floatTensor, int64Tensor, makeNode, makeValue } from '../../src/onnx/surgery/build.ts';
import type { Edit } from '../../src/shared/edits/edits.ts';
import { genscope, readNpy } from '../engine/support/cli.ts';
import { withModels } from '../engine/support/dissection.ts';
import { ROOT, seeds, temporaryFolder } from '../engine/support/engine.ts';
import { modelOf } from '../unit/onnx/support.ts';

const FIELD = path.join(ROOT, 'test', 'fixtures', 'field');
const model = (kind: string, file: string) => path.join(FIELD, kind, file);

/** A model alone in a folder, so that no sidecar and no earlier answer counts. */
function alone(kind: string, file: string): string {
  const folder = temporaryFolder();
  fs.copyFileSync(model(kind, file), path.join(folder, file));
  return path.join(folder, file);
}

/** uint8 pictures of `genscope sample --npy`. */
function sampled(file: string, ...args: string[]) {
  const npy = path.join(temporaryFolder(), 'images.npy');
  const { status, stderr } = genscope('sample', file, '--npy', npy, ...args);
  if (status !== 0) throw new Error(stderr);
  const { header, data } = readNpy(npy);
  const shape = (/\(([\d, ]+)\)/.exec(header)?.[1] ?? '').split(',').map(Number);
  const size = shape.slice(1).reduce((a, b) => a * b, 1);
  const pictures = Array.from({ length: shape[0] ?? 0 }, (_, i) => data.subarray(i * size, (i + 1) * size));
  return { shape, pictures, stderr };
}

function described(file: string) {
  const { status, stdout, stderr } = genscope('describe', file, '--json');
  return { status, stderr, ...JSON.parse(stdout) };
}

describe('a label as a float', () => {
  it('is the index of a class, and each class makes its own picture', () => {
    const file = model('float-label', 'cgan.onnx');
    const { inputs, classes } = described(file);
    expect(inputs[1]).toMatchObject({ role: 'class', encoding: 'index', classes: 10, certainty: 'sure' });
    expect(classes).toBe(10);
    const ofClass = (k: number) => sampled(file, '--count', '1', '--class', String(k)).pictures[0];
    expect(new Set([0, 1, 9].map((k) => ofClass(k)?.toString('hex'))).size).toBe(3);
  });
});

/** Weights that are the same each time, on about [−1, 1]. */
function waves(name: string, dims: readonly number[], pace: number) {
  const count = dims.reduce((a, b) => a * b, 1);
  return floatTensor(
    name,
    dims,
    Array.from({ length: count }, (_, i) => Math.sin(pace * (i + 1))),
  );
}

type Dim = number | string;

/** z ─ Reshape to a row ─ MatMul ─ Tanh ─ Reshape ─ image: pictures of 8·8 numbers a channel, in whatever axes. */
function rowGenerator(latent: readonly Dim[], size: number, image: readonly Dim[], shape: readonly number[]) {
  const pixels = shape.reduce((a, b) => a * (b > 0 ? b : 1), 1);
  const rows = typeof latent[0] === 'number' && latent.length > 1 ? latent[0] : 1;
  return written({
    latent,
    image,
    nodes: [
      makeNode('Reshape', ['z', 'row'], ['zr']),
      makeNode('MatMul', ['zr', 'w'], ['p']),
      makeNode('Tanh', ['p'], ['t']),
      makeNode('Reshape', ['t', 'shape'], ['image']),
    ],
    weights: [
      waves('w', [size, shape[0] === -1 ? pixels : pixels / rows], 0.37),
      int64Tensor('row', [-1, size]),
      int64Tensor('shape', shape),
    ],
  });
}

interface Parts {
  readonly latent: readonly Dim[];
  readonly image: readonly Dim[];
  readonly nodes: NodeProto[];
  readonly weights: NonNullable<Parameters<typeof modelOf>[0]['weights']>;
}

function written({ latent, image, nodes, weights }: Parts): string {
  const file = path.join(temporaryFolder(), 'model.onnx');
  const inputs = [makeValue('z', FLOAT, latent)];
  const outputs = [makeValue('image', FLOAT, image)];
  fs.writeFileSync(file, serialize(modelOf({ inputs, outputs, nodes, weights })));
  return file;
}

function requestFor(generator: Generator, count: number) {
  const plan = seeds(count);
  return requestOf(planLatents(plan, generator.latentSize, generator.classes), plan, 0, count, 'random');
}

async function pixelsOf(generator: Generator, count: number): Promise<string[]> {
  const pictures: string[] = [];
  for await (const { pictures: stack } of samplePictures(generator, seeds(count), {
    signal: new AbortController().signal,
  })) {
    const size = stack.width * stack.height * 4;
    for (let i = 0; i < stack.count; i++)
      pictures.push(Buffer.from(stack.data.subarray(i * size, (i + 1) * size)).toString('hex'));
  }
  return pictures;
}

describe('pictures without all their axes', () => {
  it('[N, 28, 28] are grey pictures, one for each latent, whatever layout was confirmed', () => {
    for (const file of [model('no-channel-axis', 'side.onnx'), alone('no-channel-axis', 'side.onnx')]) {
      const { shape, pictures } = sampled(file, '--count', '5');
      expect(shape).toEqual([5, 28, 28, 3]);
      expect(new Set(pictures.map((one) => one.toString('hex'))).size).toBe(5);
      for (const picture of pictures)
        for (let i = 0; i < picture.length; i += 3)
          expect(picture[i] === picture[i + 1] && picture[i] === picture[i + 2]).toBe(true);
    }
  });

  const grey = { width: 8, height: 8, channels: 1 };
  const colour = { width: 8, height: 8, channels: 3 };
  it.each([
    ['[N, d] → [N, h, w]', ['N', 12], 12, ['N', 8, 8], [-1, 8, 8], 'free', grey],
    ['[1, d] → [1, h, w]', [1, 12], 12, [1, 8, 8], [1, 8, 8], 'free', grey],
    ['[1, d] → [h, w]', [1, 12], 12, [8, 8], [8, 8], 'loop', grey],
    ['[d] → [h, w]', [12], 12, [8, 8], [8, 8], 'loop', grey],
    ['[d] → [1, h, w]', [12], 12, [1, 8, 8], [1, 8, 8], 'loop', grey],
    ['[d] → [C, h, w]', [12], 12, [3, 8, 8], [3, 8, 8], 'loop', colour],
    ['[d] → [h, w, C]', [12], 12, [8, 8, 3], [8, 8, 3], 'loop', colour],
    ['[1, d] → [C, h, w]', [1, 12], 12, [3, 8, 8], [3, 8, 8], 'loop', colour],
    ['[d] → [1, C, h, w]', [12], 12, [1, 3, 8, 8], [1, 3, 8, 8], 'loop', colour],
    ['[3, d] → [3, h, w]', [3, 12], 12, [3, 8, 8], [3, 8, 8], 'free', grey],
  ] as const)('%s', async (_, latent, size, image, shape, batch, picture) => {
    const models = withModels();
    const generator = await models.generator({ path: rowGenerator(latent, size, image, shape) });
    expect(generator.latentSize).toBe(size);
    expect(generator.image).toEqual(picture);
    expect(generator.batch).toBe(batch);
    const { shape: made } = await generator.run(requestFor(generator, 5));
    expect(made[0]).toBe(5);
    expect(made.length).toBe(4);
    const pixels = await pixelsOf(generator, 5);
    expect(new Set(pixels).size).toBe(5);
    // A picture is a function of its seed, however many are drawn.
    expect(await pixelsOf(generator, 2)).toEqual(pixels.slice(0, 2));
  });

  it('rows of styles and of tokens are no pictures', async () => {
    const file = rowGenerator(['N', 12], 12, ['N', 14, 16], [-1, 14, 16]);
    expect(described(file).outputs[0].role).toBe('image');
    const { inferRoles } = await import('../../src/onnx/roles/roles.ts');
    const { graphOf } = await import('../unit/onnx/support.ts');
    const guesses = inferRoles(
      graphOf({
        inputs: [makeValue('z', FLOAT, ['N', 12])],
        outputs: [makeValue('w', FLOAT, ['N', 14, 512])],
        nodes: [makeNode('MatMul', ['z', 'm'], ['p']), makeNode('Reshape', ['p', 's'], ['w'])],
      }),
    );
    expect(guesses.outputs.w?.role.role).toBe('other');
  });
});

/** Its batch cannot be freed: a weight depends, by nothing, on the latents. */
function fixedGenerator(rows: number): string {
  return written({
    latent: [rows, 12],
    image: [rows, 3, 16, 16],
    nodes: [
      makeNode('MatMul', ['z', 'w'], ['p']),
      makeNode('Reshape', ['p', 'grid'], ['g']),
      makeNode('Relu', ['g'], ['r']),
      makeNode('ReduceMean', ['z'], ['m'], { keepdims: 0n }),
      makeNode('Mul', ['m', 'zero'], ['m0']),
      makeNode('Add', ['k', 'm0'], ['live']),
      makeNode('ConvTranspose', ['r', 'live'], ['c'], { strides: [2, 2] }),
      makeNode('Tanh', ['c'], ['image']),
    ],
    weights: [
      waves('w', [12, 4 * 64], 0.37),
      waves('k', [4, 3, 2, 2], 0.71),
      floatTensor('zero', [], [0]),
      int64Tensor('grid', [rows, 4, 8, 8]),
    ],
  });
}

describe('a command that fails while its files are open', () => {
  it('shows its own error', () => {
    const file = path.join(ROOT, 'test', 'fixtures', 'models', 'nan.onnx');
    const folder = temporaryFolder();
    const at = (name: string) => path.join(folder, name);
    const { status, stderr } = genscope('sample', file, '--npy', at('i.npy'), '--latents', at('z.npy'));
    expect(status).not.toBe(0);
    expect(stderr).toContain('not finite');
    expect(stderr).not.toContain('EBADF');
    expect(fs.readdirSync(folder)).toEqual([]);
  });

  it('names the place that cannot be written, and leaves no file behind', () => {
    const file = rowGenerator(['N', 12], 12, ['N', 8, 8], [-1, 8, 8]);
    const folder = temporaryFolder();
    const at = (name: string) => path.join(folder, name);
    fs.mkdirSync(at('taken'));
    const { status, stderr } = genscope('sample', file, '--npy', at('i.npy'), '--latents', at('taken'));
    expect(status).not.toBe(0);
    expect(stderr).toContain('taken');
    expect(stderr).not.toContain('EBADF');
    expect(fs.readdirSync(folder)).toEqual(['taken']);
  });
});

describe('a model named by a relative path', () => {
  it('is described in full: sessions that change the working directory do not lose it', () => {
    const relative = path.relative(process.cwd(), model('fixed-batch', 'dcgan_b16.onnx'));
    const { status, layers, refusal } = described(relative);
    expect({ status, refusal, layers: layers.length }).toEqual({ status: 0, refusal: null, layers: 2 });
  });
});

describe('a batch above 1 that the file fixes', () => {
  it('any count can be drawn, and a picture is a function of its seed', () => {
    const file = model('fixed-batch', 'dcgan_b16.onnx');
    const one = sampled(file, '--count', '1').pictures;
    const five = sampled(file, '--count', '5').pictures;
    const many = sampled(file, '--count', '35').pictures;
    expect([one.length, five.length, many.length]).toEqual([1, 5, 35]);
    expect(many.slice(0, 5)).toEqual(five);
    expect(five[0]).toEqual(one[0]);
    expect(new Set(many.map((picture) => picture.toString('hex'))).size).toBe(35);
  });

  it('also where it cannot be freed: sampled, dissected and edited as one by one', async () => {
    const models = withModels();
    const [fixed, single] = [
      await models.generator({ path: fixedGenerator(4) }),
      await models.generator({ path: fixedGenerator(1) }),
    ];
    expect(fixed).toMatchObject({ batch: 'fixed', rowsPerRun: 4 });
    expect(fixed.batchReason).toContain('the file fixes 4 samples a run');
    expect(await pixelsOf(fixed, 7)).toEqual(await pixelsOf(single, 7));

    const signal = new AbortController().signal;
    const mapsOf = async (generator: Generator) => {
      const found: number[] = [];
      for await (const { part } of layerMaps(
        generator,
        { plan: seeds(7), layer: { tensor: 'r', channelAxis: 1 } },
        true,
        signal,
      )) {
        expect(part.image?.shape[0]).toBe(part.count);
        found.push(...(part.maps[0] ?? []));
      }
      return found;
    };
    expect(await mapsOf(fixed)).toEqual(await mapsOf(single));

    const editedPixels = async (generator: Generator) => {
      const found = await layersIn(generator);
      const layers = found.all;
      expect(layers[0]).toMatchObject({ tensor: 'r', shape: [1, 4, 8, 8] });
      const edited = new EditedGenerator(generator, found.shapes);
      const edit: Edit = {
        ...{ id: 'e', name: 'edit', layer: layers[0]?.name ?? '', tensor: 'r', strength: 1, muted: false },
        intent: { kind: 'ablate', to: 'zero' },
        units: [{ unit: 1, scale: 0, shift: 0.5 }],
        region: null,
        samples: null,
      };
      const own: Edit = { ...edit, id: 'f', samples: [{ seed: 2, classIndex: null }] };
      const pictures: Buffer[] = [];
      for await (const batch of sampleEdited({ generator, edited, found, layers }, seeds(7), [edit, own], {
        signal,
      }))
        pictures.push(Buffer.from(batch.pictures.data));
      return Buffer.concat(pictures).toString('hex');
    };
    expect(await editedPixels(fixed)).toBe(await editedPixels(single));
  });
});

describe('inputs as large as the picture', () => {
  const labels = () => alone('picture-sized-inputs', 'label_map.onnx');

  it('are asked about, and never fed with noise', () => {
    const { status, stderr } = genscope('sample', labels(), '--out', path.join(temporaryFolder(), 'a.png'));
    expect(status).not.toBe(0);
    expect(stderr).toContain('label map');
    const { inputs, refusal, needsAnswers } = described(labels());
    expect(needsAnswers).toBe(true);
    expect(refusal).toMatchObject({ code: 'model.rolesUnknown' });
    expect(inputs[0]).toMatchObject({ role: 'labelMap', classes: 35, certainty: 'ask' });
  });

  it.each([
    ['a picture and its mask', ['N', 4, 64, 64], ['N', 3, 64, 64]],
    ['seven frames, enlarged', ['N', 21, 16, 16], ['N', 3, 64, 64]],
    ['two pictures', ['N', 6, 32, 32], ['N', 3, 32, 32]],
    ['a sharper picture from a label map', [1, 19, 32, 32], [1, 3, 32, 32]],
    ['open sides', ['N', 12, 'h', 'w'], ['N', 3, 'h', 'w']],
  ] as const)('%s is no latent', (_, latent, image) => {
    const file = written({
      latent,
      image,
      nodes: [makeNode('Conv', ['z', 'k'], ['c']), makeNode('Tanh', ['c'], ['image'])],
      weights: [waves('k', [3, Number(latent[1]), 1, 1], 0.7)],
    });
    const { inputs, refusal } = described(file);
    expect(inputs[0]).toMatchObject({ certainty: 'ask' });
    expect(['labelMap', 'other']).toContain(inputs[0].role);
    expect(refusal).toMatchObject({ code: 'model.rolesUnknown' });
  });

  it('a folder of label maps is translated once the answer is there', async () => {
    const file = labels();
    const sidecar = { schema: 1, inputs: { input: { role: 'labelMap', classes: 35 } } };
    fs.writeFileSync(file.replace('.onnx', '.genscope.json'), JSON.stringify(sidecar));
    const folder = temporaryFolder();
    const maps: Record<string, (x: number, y: number) => number> = {
      'a.png': (x) => Math.floor(x / 8),
      'b.png': (_, y) => Math.floor(y / 8) + 20,
      'c.png': () => 255,
    };
    for (const [name, at] of Object.entries(maps)) {
      const data = new Uint8Array(64 * 64 * 4);
      for (let i = 0; i < 64 * 64; i++) data.fill(at(i % 64, Math.floor(i / 64)), i * 4, i * 4 + 3);
      for (let i = 3; i < data.length; i += 4) data[i] = 255;
      fs.writeFileSync(path.join(folder, name), await encodePng({ count: 1, width: 64, height: 64, data }));
    }
    const npy = path.join(temporaryFolder(), 'out.npy');
    const { status, stderr } = genscope('translate', file, '--input', folder, '--npy', npy);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(stderr).toMatch(/skipped .*c\.png: It has the label 255; the model takes 0 to 34/);
    const { header, data } = readNpy(npy);
    expect(header).toContain('(2, 64, 64, 3)');

    // What the runtime makes of the one-hot planes themselves.
    const session = await Session.fromFile(file, { threads: 1, optimize: 'all' });
    const planes = new Float32Array(35 * 64 * 64);
    for (let i = 0; i < 64 * 64; i++) planes[Math.floor((i % 64) / 8) * 64 * 64 + i] = 1;
    const { output } = await session.run({
      input: { dtype: 'float32', shape: [1, 35, 64, 64], data: planes },
    });
    await session.release();
    const values = output?.data as Float32Array;
    const bytes = Array.from({ length: 64 * 64 * 3 }, (_, i) =>
      Math.round(((values[(i % 3) * 64 * 64 + Math.floor(i / 3)] as number) + 1) * 127.5),
    );
    const worst = bytes.reduce((most, byte, i) => Math.max(most, Math.abs(byte - (data[i] as number))), 0);
    expect(worst).toBeLessThanOrEqual(1);
  });
});

describe('graphs without inputs', () => {
  it('draw by the seed what they drew inside', async () => {
    const file = model('no-inputs', 'random.onnx');
    const generator = await withModels().generator({ path: file });
    expect(generator).toMatchObject({ latentSize: 32, batch: 'free' });
    expect(generator.warnings.join()).toContain('draws its latent inside');
    const five = await pixelsOf(generator, 5);
    expect(new Set(five).size).toBe(5);
    expect(await pixelsOf(generator, 2)).toEqual(five.slice(0, 2));
    expect(described(file)).toMatchObject({ kind: 'generator', refusal: null });
  });

  it('that draw nothing say that they always give one picture', () => {
    const { refusal, kind } = described(model('no-inputs', 'baked.onnx'));
    expect(kind).toBe('unknown');
    expect(refusal).toMatchObject({ code: 'model.notGenerator' });
    expect(refusal.message).toContain('always gives the same picture');
  });
});

describe('a model that the runtime refuses', () => {
  it('is not said to lack a file because its folder has such a name', () => {
    for (const folder of ['external data', 'No such file', 'Protobuf parsing failed']) {
      const place = path.join('/models', folder, 'weights file.onnx');
      const thrown = new Error(
        `Load model from ${place} failed:Type Error: Type 'tensor(double)' is invalid`,
      );
      expect(asLoadError(thrown, place)).toMatchObject({ code: 'model.unsupported' });
      expect(asLoadError(thrown, place).message).toContain('Type Error');
    }
    const missing = new Error('External data file w.data does not exist');
    expect(asLoadError(missing, '/models/a.onnx').code).toBe('model.externalDataMissing');
  });

  it.each([
    ['float64', 11, 8],
    ['bfloat16', 16, 2],
  ] as const)('in %s: the operator and the type that the runtime lacks', (name, type, bytes) => {
    const dims = [4, 3, 2, 2];
    const rawData = new Uint8Array(48 * bytes);
    const kernel = create(TensorProtoSchema, { name: 'k', dims: dims.map(BigInt), dataType: type, rawData });
    const file = path.join(temporaryFolder(), 'model.onnx');
    const built = modelOf({
      inputs: [makeValue('z', type, ['N', 4, 1, 1])],
      outputs: [makeValue('image', type, ['N', 3, 2, 2])],
      nodes: [makeNode('ConvTranspose', ['z', 'k'], ['c']), makeNode('Tanh', ['c'], ['image'])],
      weights: [kernel],
    });
    fs.writeFileSync(file, serialize(built));
    const { refusal } = described(file);
    expect(refusal.message).toContain('ConvTranspose');
    expect(refusal.message).toContain(name);
  });
});

describe('a slow first run', () => {
  const image = { dtype: 'float32', shape: [1, 1, 2, 2], data: Float32Array.of(0, 1, 2, 3) };
  const rows = (_: number, count: number) => count;
  const slowFor = (ms: number) => ({
    ...{ session: { inputs: [] }, inputRoles: {}, fixedRows: 1 },
    async run(count: number) {
      await new Promise((resolve) => setTimeout(resolve, ms));
      const data = Float32Array.from({ length: 4 * count }, (_, i) => i % 4);
      return { ...image, shape: [count, 1, 2, 2], data };
    },
  });

  it('is measured again before batches are given up', async () => {
    expect(await checkBatch(slowFor(1), rows, image, 900)).toMatchObject({ batch: 'free' });
  });

  it('that stays slow says that batches were not tried', async () => {
    const verdict = await checkBatch(slowFor(450), rows, image, 900);
    expect(verdict).toMatchObject({ batch: 'loop', settled: true });
    expect(verdict.reason).toContain('not tried');
  });
});

describe('a declared size of 0', () => {
  /** z [N, 8] → Tanh of a product, as a picture of 4×4. */
  function writeSmall(rows: number | string): string {
    const weights = Array.from({ length: 8 * 48 }, (_, i) => Math.sin(i * i));
    const small = modelOf({
      inputs: [makeValue('z', FLOAT, [rows, 8])],
      outputs: [makeValue('image', FLOAT, ['N', 3, 4, 4])],
      nodes: [
        makeNode('MatMul', ['z', 'w'], ['row']),
        makeNode('Reshape', ['row', 'shape'], ['map']),
        makeNode('Tanh', ['map'], ['image']),
      ],
      weights: [floatTensor('w', [8, 48], weights), int64Tensor('shape', [-1, 3, 4, 4])],
    });
    const file = path.join(temporaryFolder(), 'small.onnx');
    fs.writeFileSync(file, serialize(small));
    return file;
  }

  it('is any number: the pictures are those of the free batch', () => {
    const args = ['--count', '3', '--seed', '5'];
    expect(sampled(writeSmall(0), ...args).pictures).toEqual(sampled(writeSmall('N'), ...args).pictures);
    expect(described(writeSmall(0))).toMatchObject({ status: 0, batch: 'free' });
  });
});
