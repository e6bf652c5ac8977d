/** Image-to-image: rows of input, translation and way back, whatever the model and the pictures are like. */
import fs from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { Translated, TranslateParams, TranslateResult } from '../../src/shared/protocol.ts';
import { DEMO, FIXTURES, ROOT, startEngine, temporaryFolder } from './support/engine.ts';
import { SUMMER, TO_SUMMER, TO_WINTER, writePlainModel } from './support/translation.ts';

interface Done {
  readonly rows: readonly Translated[];
  readonly result: TranslateResult;
}

const PLAIN = { first: 0, count: 100, blur: 0, maxSide: 4096, encoding: 'rgba' } as const;

async function run(
  params: Pick<TranslateParams, 'model' | 'inputs'> & Partial<TranslateParams>,
  client = startEngine().client,
): Promise<Done> {
  const rows: Translated[] = [];
  const onProgress = (row: Translated) => void rows.push(row);
  const result = await client.request('translate', { ...PLAIN, ...params }, { onProgress });
  return { rows, result };
}

/** The pictures of a row, RGBA bytes each. */
function columns({ frames }: Translated): Uint8Array[] {
  const size = frames.width * frames.height * 4;
  return Array.from({ length: frames.count }, (_, i) => frames.data.subarray(i * size, (i + 1) * size));
}

async function rgba(file: string): Promise<Uint8Array> {
  return new Uint8Array(await sharp(file).ensureAlpha().raw().toBuffer());
}

/** A picture of bytes that are all different nearby, RGB. */
function speckled(width: number, height: number, channels: 1 | 3 | 4 = 3) {
  const data = Buffer.from(Array.from({ length: width * height * channels }, (_, i) => (i * 97 + 13) % 256));
  return sharp(data, { raw: { width, height, channels } });
}

describe('translating the demo', () => {
  it('gives a row a picture, in the order of the paths: the picture itself, and what becomes of it', async () => {
    const { rows, result } = await run({ model: { path: TO_WINTER }, inputs: [SUMMER] });
    const files = fs.readdirSync(SUMMER).sort();
    expect(result).toMatchObject({ columns: ['input', 'translation'], found: 12, skipped: [], cycle: null });
    expect(rows.map(({ index, file }) => [index, file])).toEqual(
      files.map((name, i) => [i, path.join(SUMMER, name)]),
    );
    for (const row of rows) {
      const [input, translation] = columns(row);
      expect(input).toEqual(await rgba(row.file));
      expect(translation).not.toEqual(input);
      expect(row.cycleError).toBeNull();
    }
  });

  it('goes there and back, with and without a blur on the way, and both ways', async () => {
    const { client } = startEngine();
    const way = { model: { path: TO_WINTER }, back: { path: TO_SUMMER }, inputs: [SUMMER], count: 3 };
    const plain = await run(way, client);
    expect(plain.result.columns).toEqual(['input', 'translation', 'reconstruction']);
    expect(plain.result.cycle?.n).toBe(3);
    const blurred = await run({ ...way, blur: 1 }, client);
    expect(blurred.result.columns).toEqual(['input', 'translation', 'sentBack', 'reconstruction']);
    plain.rows.forEach((row, i) => {
      const before = columns(row);
      const after = columns(blurred.rows[i] as Translated);
      expect(after.slice(0, 2)).toEqual(before.slice(0, 2));
      expect(after[2]).not.toEqual(after[1]);
      expect(blurred.rows[i]?.cycleError).toBeGreaterThan(row.cycleError as number);
    });
    const turned = await run(
      { ...way, model: { path: TO_SUMMER }, back: { path: TO_WINTER }, inputs: [SUMMER] },
      client,
    );
    expect(turned.result.cycle?.mean).not.toBe(plain.result.cycle?.mean);
  });

  it('gives the same numbers each time, whatever else is in the request', async () => {
    const { client } = startEngine();
    const way = { model: { path: TO_WINTER }, back: { path: TO_SUMMER }, inputs: [SUMMER] };
    const all = await run(way, client);
    const one = await run({ ...way, first: 7, count: 1 }, client);
    expect(one.rows).toEqual([all.rows[7]]);
    expect(one.result.cycle).toEqual({
      mean: all.rows[7]?.cycleError,
      interval: [all.rows[7]?.cycleError, all.rows[7]?.cycleError],
      n: 1,
    });
    expect(one.result.warnings.join()).toContain('without an interval');
    const again = await run(way, startEngine({ threads: 1 }).client);
    const pixels = ({ rows }: Done) => Buffer.concat(rows.map(({ frames }) => frames.data));
    expect(pixels(again).equals(pixels(all))).toBe(true);
  });

  it('sends the same pixels as lossless WebP, and smaller ones for a small place', async () => {
    const { client } = startEngine();
    const way = { model: { path: TO_WINTER }, inputs: [SUMMER], count: 1 };
    const raw = await run(way, client);
    const webp = await run({ ...way, encoding: 'webp' }, client);
    const decoded = await sharp(webp.rows[0]?.frames.data).ensureAlpha().raw().toBuffer();
    expect(decoded).toEqual(Buffer.from(raw.rows[0]?.frames.data as Uint8Array));
    const small = await run({ ...way, maxSide: 20 }, client);
    expect(small.rows[0]?.frames).toMatchObject({ width: 20, height: 20, count: 2 });
  });

  it('is described as what it is', async () => {
    const { client } = startEngine();
    const described = await client.request('describe', { model: { path: TO_WINTER }, depth: 'full' });
    expect(described).toMatchObject({
      kind: 'imageToImage',
      refusal: null,
      imageInput: { name: 'image', channels: 3, size: { width: 64, height: 64 }, multiple: 1 },
      image: { width: 64, height: 64, channels: 3 },
      batch: 'free',
      latentSize: 0,
      needsAnswers: false,
    });
    expect(described.layers?.length).toBeGreaterThan(3);
    const generator = await client.request('describe', { model: { path: DEMO }, depth: 'quick' });
    expect(generator.imageInput).toBeNull();
    const classifier = { path: path.join(FIXTURES, 'classifier.onnx') };
    expect((await client.request('describe', { model: classifier, depth: 'quick' })).imageInput).toBeNull();
  });
});

describe('pictures', () => {
  it('are found through folders, sorted, once each, without hidden ones and links that lead out', async () => {
    const root = temporaryFolder();
    const folder = path.join(root, 'Bilder 絵 ü');
    fs.mkdirSync(path.join(folder, 'b', 'deep'), { recursive: true });
    fs.mkdirSync(path.join(folder, '.hidden'));
    const make = (...names: string[]) =>
      names.map((name) => speckled(64, 64).toFile(path.join(folder, name)));
    await Promise.all(make('z.png', 'B.JPG', 'b/a.webp', 'b/deep/ä.tiff', '.hidden/x.png', '.y.png'));
    await speckled(64, 64).toFile(path.join(root, 'outside.png'));
    fs.writeFileSync(path.join(folder, 'notes.txt'), 'no picture');
    fs.symlinkSync(path.join(root, 'outside.png'), path.join(folder, 'out.png'));
    fs.symlinkSync(path.join(folder, 'z.png'), path.join(folder, 'inside.png'));
    fs.symlinkSync(root, path.join(folder, 'loop'));
    const inputs = [path.join(folder, 'z.png'), folder];
    const { rows, result } = await run({ model: { path: TO_WINTER }, inputs });
    expect(rows.map(({ file }) => path.relative(folder, file))).toEqual([
      'B.JPG',
      path.join('b', 'a.webp'),
      path.join('b', 'deep', 'ä.tiff'),
      'inside.png',
      'z.png',
    ]);
    expect(result.found).toBe(5);
    expect(result.warnings).toEqual([expect.stringContaining('link that leads out')]);
  });

  it('that cannot be decoded are named with the reason and take no row', async () => {
    const folder = temporaryFolder();
    const at = (name: string) => path.join(folder, name);
    await speckled(64, 64).png().toFile(at('b good.png'));
    await speckled(64, 64).jpeg({ quality: 100 }).toFile(at('whole.jpg'));
    fs.writeFileSync(at('a text.png'), 'this is no picture');
    fs.writeFileSync(at('c empty.png'), '');
    const bytes = fs.readFileSync(at('whole.jpg'));
    fs.writeFileSync(at('d cut.jpg'), bytes.subarray(0, bytes.length / 2));
    fs.writeFileSync(at('e.bmp'), Buffer.from('BM old bitmap'));
    const { rows, result } = await run({ model: { path: TO_WINTER }, inputs: [folder] });
    expect(rows.map(({ index, file }) => [index, path.basename(file)])).toEqual([
      [1, 'b good.png'],
      [5, 'whole.jpg'],
    ]);
    expect(result.found).toBe(6);
    expect(result.skipped.map(({ file }) => path.basename(file))).toEqual([
      'a text.png',
      'c empty.png',
      'd cut.jpg',
      'e.bmp',
    ]);
    for (const { reason } of result.skipped) expect(reason).toMatch(/^It .+\.$/);
  });

  it('go through a model that leaves them alone without a change, in either layout', async () => {
    const folder = temporaryFolder();
    const at = (name: string) => path.join(folder, name);
    const { client } = startEngine();
    const input = speckled(16, 24);
    await input.clone().png().toFile(at('plain.png'));
    const wanted = await rgba(at('plain.png'));
    for (const layout of ['NCHW', 'NHWC'] as const) {
      const model = { path: writePlainModel(folder, `${layout}.onnx`, { channels: 3, layout }) };
      const { rows } = await run({ model, back: model, inputs: [at('plain.png')] }, client);
      expect(rows[0]?.frames).toMatchObject({ width: 16, height: 24, count: 3 });
      for (const column of columns(rows[0] as Translated)) expect(column).toEqual(wanted);
      expect(rows[0]?.cycleError).toBeLessThan(1e-7);
    }
  });

  it('are turned as the camera was held, laid on white where transparent, and grey by their luma', async () => {
    const folder = temporaryFolder();
    const at = (name: string) => path.join(folder, name);
    const { client } = startEngine();
    await speckled(16, 24).jpeg().withMetadata({ orientation: 6 }).toFile(at('turned.jpg'));
    await speckled(16, 16, 4).png().toFile(at('alpha.png'));
    await speckled(16, 16).toColourspace('rgb16').png().toFile(at('deep.png'));
    const colour = { path: writePlainModel(folder, 'colour.onnx', { channels: 3 }) };
    const inputs = ['alpha.png', 'deep.png', 'turned.jpg'].map(at);
    const { rows } = await run({ model: colour, inputs }, client);
    expect(rows[2]?.frames).toMatchObject({ width: 24, height: 16 });
    const source = await rgba(at('alpha.png'));
    const shown = columns(rows[0] as Translated)[0] as Uint8Array;
    for (let i = 0; i < source.length; i += 4) {
      const alpha = (source[i + 3] as number) / 255;
      const onWhite = (source[i] as number) * alpha + 255 * (1 - alpha);
      expect(Math.abs((shown[i] as number) - onWhite)).toBeLessThanOrEqual(1);
      expect(shown[i + 3]).toBe(255);
    }
    expect(columns(rows[1] as Translated)[0]).toEqual(await rgba(at('deep.png')));
    const grey = { path: writePlainModel(folder, 'grey.onnx', { channels: 1 }) };
    await speckled(16, 16).png().toFile(at('plain.png'));
    const luma = await run({ model: grey, inputs: [at('plain.png')] }, client);
    const rgb = await rgba(at('plain.png'));
    const values = columns(luma.rows[0] as Translated)[1] as Uint8Array;
    for (let i = 0; i < rgb.length; i += 4) {
      const [r, g, b] = [rgb[i] as number, rgb[i + 1] as number, rgb[i + 2] as number];
      const wanted = 0.299 * r + 0.587 * g + 0.114 * b;
      for (let c = 0; c < 3; c++) expect(Math.abs((values[i + c] as number) - wanted)).toBeLessThan(0.51);
    }
  });

  it('are scaled to cover a model of fixed size, and cut about their centre', async () => {
    const folder = temporaryFolder();
    // Thirds in red, green and blue: what is cut away is the outer two.
    const stripes = Buffer.alloc(96 * 32 * 3);
    for (let i = 0; i < 96 * 32; i++) stripes[i * 3 + Math.floor((i % 96) / 32)] = 255;
    const wide = path.join(folder, 'wide.png');
    await sharp(stripes, { raw: { width: 96, height: 32, channels: 3 } }).toFile(wide);
    const fixed = { path: writePlainModel(folder, 'fixed.onnx', { channels: 3, size: [64, 64] }) };
    const { rows } = await run({ model: fixed, inputs: [wide] });
    expect(rows[0]?.frames).toMatchObject({ width: 64, height: 64 });
    const pixels = columns(rows[0] as Translated)[0] as Uint8Array;
    const middle = (32 * 64 + 32) * 4;
    expect([...pixels.subarray(middle, middle + 4)]).toEqual([0, 255, 0, 255]);
  });

  it('of any size are cut to the multiples that the model was found to take, large ones made smaller', async () => {
    const folder = temporaryFolder();
    const { client } = startEngine();
    const model = { path: writePlainModel(folder, 'unet.onnx', { channels: 3, halvings: 3 }) };
    const described = await client.request('describe', { model, depth: 'quick' });
    expect(described.imageInput).toEqual({ name: 'picture', channels: 3, size: null, multiple: 8 });
    const sizes = [
      [30, 21],
      [1000, 300],
      [7, 50],
    ] as const;
    const inputs = await Promise.all(
      sizes.map(async ([width, height]) => {
        const file = path.join(folder, `${width}.png`);
        await speckled(width, height).toFile(file);
        return file;
      }),
    );
    const { rows, result } = await run({ model, inputs }, client);
    expect(rows.map(({ file, frames }) => [path.basename(file), frames.width, frames.height])).toEqual([
      ['1000.png', 512, 152],
      ['30.png', 24, 16],
    ]);
    expect(result.skipped).toEqual([
      { file: inputs[2], reason: expect.stringContaining('no less than 8×8') },
    ]);
    expect(result.warnings.join()).toContain('One picture had to be made smaller');
  });

  it('are shown enlarged beside what a super-resolution model makes of them', async () => {
    const folder = temporaryFolder();
    const model = { path: writePlainModel(folder, 'double.onnx', { channels: 3, doublings: 1 }) };
    const file = path.join(folder, 'small.png');
    await speckled(10, 12).toFile(file);
    const { client } = startEngine();
    const { rows } = await run({ model, inputs: [file] }, client);
    expect(rows[0]?.frames).toMatchObject({ width: 20, height: 24 });
    const [input, translation] = columns(rows[0] as Translated);
    expect(translation).toEqual(input);
    // There is no way back from a larger picture with the same model.
    const back = client.request('translate', { ...PLAIN, model, back: model, inputs: [file] });
    await expect(back).rejects.toMatchObject({
      code: 'input.invalid',
      message: expect.stringContaining('no way back'),
    });
  });
});

describe('what does not work is said', () => {
  it('with a code and a next step', async () => {
    const folder = temporaryFolder();
    const { client } = startEngine();
    const grey = { path: writePlainModel(folder, 'grey.onnx', { channels: 1 }) };
    const other = { path: writePlainModel(folder, 'other.onnx', { channels: 3, size: [32, 32] }) };
    const winter = { path: TO_WINTER };
    const wrong: readonly [Partial<TranslateParams>, string, string][] = [
      [{ model: { path: DEMO } }, 'model.notGenerator', 'not an image-to-image model'],
      [{ model: { path: path.join(FIXTURES, 'classifier.onnx') } }, 'model.notGenerator', 'image classifier'],
      [{ back: { path: DEMO } }, 'model.notGenerator', 'not an image-to-image model'],
      [{ back: grey }, 'input.invalid', 'one channel'],
      [{ back: other }, 'input.invalid', 'takes pictures of 32×32'],
      [{ back: { path: path.join(folder, 'gone.onnx') } }, 'model.missing', 'no file'],
      [{ inputs: [path.join(folder, 'gone')] }, 'input.invalid', 'no file or folder'],
      [{ inputs: [path.join(ROOT, 'src', 'engine')] }, 'input.invalid', 'no pictures'],
      [{ stamp: 'another' }, 'model.changed', 'another file by now'],
    ];
    for (const [part, code, message] of wrong) {
      const request = client.request('translate', { ...PLAIN, model: winter, inputs: [SUMMER], ...part });
      await expect(request).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
    }
    // Counting needs no model, and an empty folder has none.
    const counted = { ...PLAIN, model: winter, inputs: [folder], count: 0 };
    expect(await client.request('translate', counted)).toMatchObject({ found: 0 });
    const beyond = await run({ model: winter, inputs: [SUMMER], first: 50 }, client);
    expect([beyond.rows.length, beyond.result.found]).toEqual([0, 12]);
  });

  it('also where numbers are none, and where a picture is just dark', async () => {
    const folder = temporaryFolder();
    const { client } = startEngine();
    const nan = { path: writePlainModel(folder, 'nan.onnx', { channels: 3, gain: Number.NaN }) };
    const request = client.request('translate', { ...PLAIN, model: nan, inputs: [SUMMER] });
    await expect(request).rejects.toMatchObject({ code: 'model.nonFinite' });
    const dark = { path: writePlainModel(folder, 'dark.onnx', { channels: 3, gain: 0 }) };
    const { rows } = await run({ model: dark, inputs: [SUMMER], count: 1 }, client);
    const [, translation] = columns(rows[0] as Translated);
    expect(new Set(translation)).toEqual(new Set([0, 255]));
  });

  it('and a cancel ends it between two pictures', async () => {
    const folder = temporaryFolder();
    const one = fs.readFileSync(path.join(SUMMER, 'lake-0001.png'));
    for (let i = 0; i < 300; i++) fs.writeFileSync(path.join(folder, `${i}.png`), one);
    const { client } = startEngine();
    const stop = new AbortController();
    const rows: Translated[] = [];
    const request = client.request(
      'translate',
      { ...PLAIN, model: { path: TO_WINTER }, inputs: [folder], count: 300 },
      {
        signal: stop.signal,
        onProgress: (row) => {
          rows.push(row);
          if (rows.length === 2) stop.abort();
        },
      },
    );
    await expect(request).rejects.toMatchObject({ code: 'request.cancelled' });
    expect(rows.length).toBeLessThan(300);
    // The engine is as good as before.
    expect((await run({ model: { path: TO_WINTER }, inputs: [SUMMER] }, client)).rows).toHaveLength(12);
  });
});
