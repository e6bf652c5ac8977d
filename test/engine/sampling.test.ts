/** What comes out: pixels and latents, the same however they are asked for. */
import fs from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { ModelDescription } from '../../src/shared/generator/model.ts';
import type { ImageRole } from '../../src/shared/generator/roles.ts';
import { DEFAULT_SOURCE, type LatentPlan } from '../../src/shared/samples/latents.ts';
import { collector, DEMO, FIXTURES, seeds, startEngine, temporaryFolder } from './support/engine.ts';

const model = { path: DEMO };

async function pixels(client: ReturnType<typeof startEngine>['client'], plan = seeds(4), maxSide = 64) {
  const got = collector();
  await client.request('sample', { model, plan, maxSide, encoding: 'rgba' }, { onProgress: got.onProgress });
  return got.pixels();
}

describe('sampling the demo', () => {
  it('gives each seed its picture, whatever the count and wherever the row starts', async () => {
    const { client } = startEngine();
    const size = 64 * 64 * 4;
    const all = await pixels(client, seeds(40));
    const few = await pixels(client, seeds(3));
    const later = await pixels(client, seeds(5, { seed: 30 }));
    expect(few).toEqual(all.subarray(0, 3 * size));
    expect(later).toEqual(all.subarray(30 * size, 35 * size));
  });

  it('is the same with one thread and in another process', async () => {
    const one = await pixels(startEngine({ threads: 1 }).client, seeds(8));
    const two = await pixels(startEngine({ threads: 2 }).client, seeds(8));
    expect(one).toEqual(two);
  });

  it('draws the class that was asked for', async () => {
    const { client } = startEngine();
    const all = await pixels(client, seeds(7));
    const size = 64 * 64 * 4;
    for (const index of [0, 3, 6]) {
      const one = await pixels(client, seeds(1, { seed: index, classes: index }));
      expect(one).toEqual(all.subarray(index * size, (index + 1) * size));
    }
    expect(await pixels(client, seeds(1, { classes: 5 }))).not.toEqual(all.subarray(0, size));
  });

  it('interpolates from one sample to the other, ends included', async () => {
    const { client } = startEngine();
    const size = 64 * 64 * 4;
    const key = (seed: number) => ({ seed, classIndex: seed % 7 });
    const strip = await pixels(client, {
      kind: 'path',
      source: DEFAULT_SOURCE,
      keys: [key(3), key(11)],
      steps: 9,
      method: 'slerp',
      loop: false,
    });
    expect(strip).toHaveLength(9 * size);
    const start = await pixels(client, seeds(1, { seed: 3 }));
    const end = await pixels(client, seeds(1, { seed: 11 }));
    expect(strip.subarray(0, size)).toEqual(start);
    expect(strip.subarray(8 * size)).toEqual(end);
    expect(strip.subarray(4 * size, 5 * size)).not.toEqual(start);
  });

  it('sends the same pixels as lossless WebP', async () => {
    const { client } = startEngine();
    const raw = await pixels(client, seeds(6));
    const got = collector();
    await client.request(
      'sample',
      { model, plan: seeds(6), maxSide: 64, encoding: 'webp' },
      { onProgress: got.onProgress },
    );
    // A Buffer would not survive the way to a webview.
    for (const { data } of got.frames) expect(Object.getPrototypeOf(data)).toBe(Uint8Array.prototype);
    const decoded = await Promise.all(
      got.frames.map(({ data }) => sharp(data).ensureAlpha().raw().toBuffer()),
    );
    expect(Buffer.concat(decoded)).toEqual(Buffer.from(raw));
  });

  it('makes frames smaller for a small place, never larger', async () => {
    const { client } = startEngine();
    const got = collector();
    await client.request(
      'sample',
      { model, plan: seeds(5), maxSide: 20, encoding: 'rgba' },
      { onProgress: got.onProgress },
    );
    expect(got.frames.map(({ width, height }) => [width, height])).toEqual(got.frames.map(() => [20, 20]));
    const large = collector();
    await client.request(
      'sample',
      { model, plan: seeds(1), maxSide: 999, encoding: 'rgba' },
      { onProgress: large.onProgress },
    );
    expect(large.frames[0]).toMatchObject({ width: 64, height: 64 });
  });

  it('encodes grids and animations at the size they should have', async () => {
    const { client } = startEngine();
    const grid = await client.request('encodeStill', { model, plan: seeds(10), columns: 4 });
    expect(await sharp(grid.bytes).metadata()).toMatchObject({
      format: 'png',
      width: 4 * 64,
      height: 3 * 64,
    });
    for (const format of ['gif', 'webp'] as const) {
      const params = { model, plan: seeds(5), format, framesPerSecond: 10, minSide: 128 };
      const file = await client.request('encodeAnimation', params);
      expect(await sharp(file.bytes, { pages: -1 }).metadata()).toMatchObject({
        format,
        width: 128,
        pageHeight: 128,
        pages: 5,
      });
    }
  });

  it('answers the Python that makes the latents', async () => {
    const { client } = startEngine();
    const { text } = await client.request('latentCode', { model, plan: seeds(1, { seed: 5 }) });
    expect(text).toContain('RandomState');
    expect(text).toContain('category');
  });
});

interface Reference {
  readonly feeds: Readonly<
    Record<
      string,
      { readonly dtype: string; readonly shape: readonly number[]; readonly values: readonly number[] }
    >
  >;
  /** `first`: the first values of the output, computed by ONNX Runtime in Python and compared with PyTorch there. */
  readonly outputs: Readonly<Record<string, { readonly first: readonly number[] }>>;
}

describe('sampling other generators', () => {
  const expected = JSON.parse(fs.readFileSync(path.join(FIXTURES, 'expected.json'), 'utf8')) as Record<
    string,
    Reference
  >;
  const floats = [
    'dcgan',
    'label',
    'onehot',
    'onehot-matmul',
    'truncation',
    'nhwc',
    'affine',
    'sigmoid',
    'clip',
  ];
  const others = ['unbounded', 'grey', 'rgba', 'baked', 'false-batch', 'two-outputs', 'keep-initializers'];

  it.each([...floats, ...others, 'uint8', 'float-data', 'external'])(
    '%s.onnx: the pixels the reference gives',
    async (name) => {
      const reference = expected[`${name}.onnx`] as Reference;
      const { client } = startEngine();
      const ref = { path: path.join(FIXTURES, `${name}.onnx`) };
      const described = await client.request('describe', { model: ref, depth: 'quick' });
      const got = collector();
      const plan = seeds(1, { ...fedLike(described, reference) });
      await client.request(
        'sample',
        { model: ref, plan, maxSide: 64, encoding: 'rgba' },
        { onProgress: got.onProgress },
      );
      const output = described.outputs.find(({ guess }) => guess.role.role === 'image');
      const role = output?.guess.role as ImageRole;
      const first = reference.outputs[output?.name ?? '']?.first ?? [];
      expect(first.length).toBeGreaterThan(3);
      const pixels = got.pixels();
      const [low, high] = role.range;
      first.forEach((value, i) => {
        const pixel = Math.min(255, Math.max(0, ((value - low) / (high - low)) * 255));
        // NCHW begins with one channel's first row, NHWC with the first pixels' channels.
        const channels = described.image.channels;
        const at = role.layout === 'NCHW' ? i * 4 : Math.floor(i / channels) * 4 + (i % channels);
        expect(Math.abs((pixels[at] as number) - pixel)).toBeLessThanOrEqual(0.501);
      });
    },
  );

  it.each(['noise-input', 'dynamo'])('%s.onnx: the same pixels every time', async (name) => {
    const { client } = startEngine();
    const run = async () => {
      const got = collector();
      const ref = { path: path.join(FIXTURES, `${name}.onnx`) };
      await client.request(
        'sample',
        { model: ref, plan: seeds(6), maxSide: 64, encoding: 'rgba' },
        { onProgress: got.onProgress },
      );
      return got.pixels();
    };
    const first = await run();
    expect(new Set(first).size).toBeGreaterThan(8);
    expect(await run()).toEqual(first);
  });

  it('opens models in folders with spaces and umlauts, and external data with them', async () => {
    const folder = temporaryFolder();
    for (const file of ['external.onnx', 'external.onnx.data'])
      fs.copyFileSync(path.join(FIXTURES, file), path.join(folder, file));
    const { client } = startEngine();
    const result = await client.request('describe', {
      model: { path: path.join(folder, 'external.onnx') },
      depth: 'full',
    });
    expect(result.layers?.length).toBeGreaterThan(0);
    expect(result.sha256).toMatch(/^[0-9a-f]{64}$/);
  });
});

/** The class and truncation that the reference was fed with in its first row. */
function fedLike(
  described: ModelDescription,
  reference: Reference,
): Partial<Extract<LatentPlan, { kind: 'seeds' }>> {
  let more: Partial<Extract<LatentPlan, { kind: 'seeds' }>> = {};
  for (const { name, guess } of described.inputs) {
    const fed = reference.feeds[name]?.values ?? [];
    if (guess.role.role === 'class') {
      const row = fed.slice(0, guess.role.classes);
      more = {
        ...more,
        classes: guess.role.encoding === 'index' ? (fed[0] as number) : row.indexOf(Math.max(...row)),
      };
    } else if (guess.role.role === 'truncation') {
      more = {
        ...more,
        source: { ...DEFAULT_SOURCE, truncation: { mode: 'input', value: fed[0] as number } },
      };
    }
  }
  return more;
}
