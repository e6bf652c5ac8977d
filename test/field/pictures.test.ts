/** Pictures that were left out without a word: each is used, or counted and named with the reason. */
import fs from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { readArraysSide } from '../../src/engine/reference/arrays.ts';
import { openImageSource, pathKind } from '../../src/engine/reference/side.ts';
import { npyHeader } from '../../src/engine/runtime/npy.ts';
import { NpzArchive, type NpzValue, writeNpz } from '../../src/engine/runtime/npz.ts';
import { writeZip } from '../../src/engine/runtime/zipFile.ts';
import { describeReference } from '../../src/engine/tasks/describeScoring.ts';
import { features } from '../../src/engine/tasks/features.ts';
import { genscope } from '../engine/support/cli.ts';
import { temporaryFolder } from '../engine/support/engine.ts';
import {
  colours,
  context,
  EXTRACTOR,
  REFERENCE,
  testModels,
  tinyExtractor,
} from '../engine/support/scoring.ts';

const FIELD = path.join(import.meta.dirname, '..', 'fixtures', 'field');
const at = (name: string) => path.join(temporaryFolder(), name);
const signal = new AbortController().signal;
const tiny = () => tinyExtractor(at('tiny.onnx'), { input: ['N', 3, 8, 8] });

async function featuresOf(input: string, out = at('features.npz')) {
  const params = { input: { kind: 'path', path: input, most: 0, seed: 0 } } as const;
  return features({ ...params, extractor: { path: tiny() }, cache: null, out }, context(testModels()));
}

async function values(file: string, name: string): Promise<number[]> {
  const npz = await NpzArchive.open(file);
  const { values: found } = await npz.read(name);
  npz.close();
  return [...found];
}

const bytesOf = (file: string) => new Uint8Array(fs.readFileSync(file));
const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

describe('archives', () => {
  it('whose entries begin with ./ are read', async () => {
    const source = await openImageSource(path.join(FIELD, 'pictures-left-out', 'dotslash.zip'), signal);
    expect(source.names.length).toBeGreaterThan(6);
    expect(source.names[0]).toBe('00000/img00000000.png');
    expect((await source.read(0)).length).toBeGreaterThan(50);
    source.close();
  });

  it('with dataset.json in a folder have its classes', async () => {
    const source = await openImageSource(path.join(FIELD, 'pictures-left-out', 'nested.zip'), signal);
    expect([...(source.labels ?? [])].slice(0, 6)).toEqual([0, 1, 2, 0, 1, 2]);
    source.close();
  });

  it.each([
    [
      'one-hot rows',
      [
        ['a.png', [0, 0, 1]],
        ['b.png', [1, 0, 0]],
      ],
    ],
    [
      'rows of one number',
      [
        ['a.png', [2]],
        ['b.png', [0]],
      ],
    ],
    ['an object', { 'a.png': 2, 'b.png': 0 }],
    [
      'names with ./',
      [
        ['./a.png', 2],
        ['./b.png', 0],
      ],
    ],
  ])('with classes as %s have them', async (_, labels) => {
    const folder = await colours(at('pictures'), 2);
    const zip = at('set.zip');
    const [a, b] = ['0000.png', '0001.png'].map((name) => bytesOf(path.join(folder, name))) as [
      Uint8Array,
      Uint8Array,
    ];
    await writeZip(zip, [
      { name: './set/a.png', bytes: a },
      { name: './set/b.png', bytes: b },
      { name: './set/dataset.json', bytes: text({ labels }) },
    ]);
    const source = await openImageSource(zip, signal);
    expect(source.warnings).toEqual([]);
    expect([...(source.labels ?? [])]).toEqual([2, 0]);
    source.close();
  });

  it.each([[1e9], [0.5], ['cat'], [-1], [[0.5, 0.5]], [[1, 1]]])(
    'with the class %s say that it is none',
    async (label) => {
      const folder = await colours(at('pictures'), 1);
      fs.writeFileSync(path.join(folder, 'dataset.json'), JSON.stringify({ labels: [['0000.png', label]] }));
      const source = await openImageSource(folder, signal);
      expect(source.labels).toBeNull();
      expect(source.warnings).toEqual([expect.stringContaining('the classes of the pictures are not used')]);
    },
  );

  it('name what they hold and nobody here can read', async () => {
    const folder = await colours(at('pictures'), 2);
    const zip = at('set.zip');
    const bytes = bytesOf(path.join(folder, '0000.png'));
    await writeZip(
      zip,
      ['a.png', 'e.png', 'b.jp2', '.c.png', 'd.heic', '__MACOSX/._a.png', 'notes.txt'].map((name) => ({
        name,
        bytes,
      })),
    );
    const { input, warnings } = await featuresOf(zip);
    expect(input).toMatchObject({ kind: 'zip', count: 2 });
    expect(input.skipped.map(({ file }) => file)).toEqual(['b.jp2', '.c.png', 'd.heic']);
    expect(warnings.filter((warning) => !warning.includes('which is a guess'))).toEqual([
      expect.stringMatching(/^3 of the 5 pictures of set.zip are left out: b\.jp2 \(JPEG 2000/),
    ]);
  });
});

describe('folders', () => {
  it('follow links inside, and name those that lead out, nowhere, to a pipe or round in a circle', async () => {
    const root = temporaryFolder();
    const folder = await colours(path.join(root, 'pictures'), 2);
    await colours(path.join(folder, 'more'), 1);
    await colours(path.join(root, 'outside'), 1);
    const link = (to: string, name: string) => fs.symlinkSync(to, path.join(folder, name));
    link('0000.png', 'inside.png');
    link('more', 'again');
    link('../outside/0000.png', 'out.png');
    link('../outside', 'outer');
    link('nothing.png', 'nowhere.png');
    link('.', 'circle');
    link('/dev/zero', 'zero.png');
    fs.writeFileSync(path.join(folder, 'x.jp2'), 'jp2');
    fs.writeFileSync(path.join(folder, '.hidden.png'), 'png');
    const { n, input } = await featuresOf(folder);
    expect(n).toBe(5);
    expect(input.skipped.map(({ file }) => file)).toEqual([
      '.hidden.png',
      'circle',
      'nowhere.png',
      'out.png',
      'outer',
      'x.jp2',
      'zero.png',
    ]);
    const described = await describeReference(
      { reference: { kind: 'path', path: folder } },
      context(testModels()),
    );
    expect(described.reference.skipped).toHaveLength(7);
    expect(described.warnings).toEqual([expect.stringContaining('7 pictures are left out')]);
  });

  it('hold PPM, PGM, BMP, TGA and arrays as well, with the same pixels as PNG', async () => {
    const folder = at('pictures');
    fs.mkdirSync(folder);
    const rgb = Buffer.from(Array.from({ length: 8 * 8 * 3 }, (_, i) => (i * 7) % 256));
    await sharp(rgb, { raw: { width: 8, height: 8, channels: 3 } })
      .png()
      .toFile(path.join(folder, 'a.png'));
    fs.writeFileSync(path.join(folder, 'b.ppm'), Buffer.concat([Buffer.from('P6 8 8 255\n'), rgb]));
    fs.writeFileSync(path.join(folder, 'c.npy'), Buffer.concat([npyHeader('|u1', [8, 8, 3]), rgb]));
    const out = at('f.npz');
    expect((await featuresOf(folder, out)).input).toMatchObject({ count: 3, skipped: [] });
    const found = await values(out, 'features');
    const width = found.length / 3;
    for (const row of [1, 2])
      expect(found.slice(row * width, (row + 1) * width)).toEqual(found.slice(0, width));
  });

  it('in every output of the command line', async () => {
    const folder = await colours(at('pictures'), 3);
    fs.symlinkSync(REFERENCE, path.join(folder, 'out.png'));
    const args = ['features', folder, '--extractor', tiny(), '--out', at('f.npz')];
    const json = genscope(...args, '--json');
    expect(JSON.parse(json.stdout).input.skipped).toEqual([
      { file: 'out.png', reason: 'It is a link that leads out of the folder.' },
    ]);
    const plain = genscope(...args);
    expect(plain.stdout + plain.stderr).toContain('1 of the 4 pictures of pictures are left out: out.png');
  });
});

describe('arrays of pictures', () => {
  const SAMPLES = path.join(FIELD, 'npz-layouts', 'samples_60x32x32x3.npz');

  it('are a reference like any other', async () => {
    expect(await pathKind(SAMPLES)).toBe('stack');
    const { n, input } = await featuresOf(SAMPLES);
    expect(n).toBe(60);
    expect(input).toMatchObject({ kind: 'stack', count: 60, skipped: [] });
    const run = genscope(
      ...['score', SAMPLES, '--reference', REFERENCE, '--extractor', EXTRACTOR, '--scores', 'fid', '--json'],
    );
    expect([run.status, run.stderr.includes('Something went wrong')]).toEqual([run.status, false]);
  });

  it.each([
    ['[N, h, w]', [4, 8, 8], 1],
    ['[N, h, w, 1]', [4, 8, 8, 1], 1],
    ['[N, h, w, 4]', [4, 8, 8, 4], 4],
    ['[N, 3, h, w]', [4, 3, 8, 8], 3],
  ] as const)('%s, plain and packed, in .npy and .npz', async (_, shape, channels) => {
    const size = shape.reduce((a: number, b) => a * b, 1);
    const all = Uint8Array.from({ length: size }, (_unused, i) => (i * 31) % 251);
    const npy = at('p.npy');
    fs.writeFileSync(npy, Buffer.concat([npyHeader('|u1', shape), all]));
    const npz = at('p.npz');
    await writeNpz(npz, { imgs: { shape, values: all } });
    const [a, b] = [await openImageSource(npy, signal), await openImageSource(npz, signal)];
    expect([a.names.length, b.names.length]).toEqual([4, 4]);
    expect(Buffer.from(await a.read(3)).equals(Buffer.from(await b.read(3)))).toBe(true);
    expect(Buffer.from(await a.read(1)).subarray(-64 * channels)).toEqual(
      Buffer.from(all.subarray(64 * channels, 128 * channels)),
    );
    a.close();
    b.close();
    expect((await featuresOf(npz)).n).toBe(4);
  });

  it('with classes have them, and text labels spoil nothing', async () => {
    const stack = { shape: [3, 8, 8, 3], values: new Uint8Array(3 * 192) };
    const file = at('p.npz');
    await writeNpz(file, { arr_0: stack, arr_1: { shape: [3], values: Int32Array.of(5, 0, 7) } });
    const source = await openImageSource(file, signal);
    expect([...(source.labels ?? [])]).toEqual([5, 0, 7]);
    source.close();
    const rows: NpzValue = { shape: [3, 2], values: Float32Array.of(1, 2, 3, 4, 5, 6) };
    await writeNpz(file, { reps: rows, labels: 'cats' });
    const side = await readArraysSide(file, null);
    expect([side.kind, side.count, side.side.labels]).toEqual(['features', 3, null]);
    expect(side.warnings).toEqual([expect.stringContaining('the classes are not used')]);
    await writeNpz(file, {
      reps: rows,
      labels: { shape: [3, 2], values: Float32Array.of(0, 1, 1, 0, 0, 1) },
    });
    expect([...((await readArraysSide(file, null)).side.labels ?? [])]).toEqual([1, 0, 1]);
  });

  it('with statistics beside them: these are used, and it is said', async () => {
    const [both, alone] = ['VIRTUAL_ref.npz', 'stats_only.npz'].map((name) =>
      path.join(FIELD, 'npz-layouts', name),
    );
    const [a, b] = [await readArraysSide(both as string, null), await readArraysSide(alone as string, null)];
    expect(await pathKind(both as string)).toBe('arrays');
    expect([a.kind, a.side.statistics]).toEqual(['statistics', b.side.statistics]);
    expect(a.warnings).toEqual([expect.stringContaining('the statistics mu and sigma are used')]);
    expect(b.warnings).toEqual([]);
  });

  it('of floats, cut off or in Fortran’s order are refused', async () => {
    const file = at('p.npy');
    fs.writeFileSync(file, Buffer.concat([npyHeader('<f4', [2, 8, 8, 3]), Buffer.alloc(4 * 384)]));
    await expect(featuresOf(file)).rejects.toMatchObject({ code: 'reference.invalid' });
    fs.writeFileSync(file, Buffer.concat([npyHeader('|u1', [2, 8, 8, 3]), Buffer.alloc(300)]));
    await expect(featuresOf(file)).rejects.toMatchObject({ code: 'reference.invalid' });
    const head = Buffer.from(npyHeader('|u1', [2, 8, 8, 3]))
      .toString('latin1')
      .replace('False', 'True ');
    fs.writeFileSync(file, Buffer.concat([Buffer.from(head, 'latin1'), Buffer.alloc(384)]));
    await expect(featuresOf(file)).rejects.toMatchObject({ code: 'reference.invalid' });
  });
});

it('names that lead out of an archive are names: nothing is unpacked, and no picture is lost for them', async () => {
  const [a, b, c] = await Promise.all(
    [10, 120, 240].map((r) =>
      sharp({ create: { width: 8, height: 8, channels: 3, background: { r, g: 90, b: 30 } } })
        .png()
        .toBuffer(),
    ),
  );
  const file = at('odd.zip');
  // The writer refuses such names, so they are put in afterwards: as long, and under no checksum.
  await writeZip(file, [
    { name: '#etc/a.png', bytes: a as Buffer },
    { name: '##/up.png', bytes: b as Buffer },
    { name: 'C##win#c.png', bytes: c as Buffer },
  ]);
  const bytes = fs.readFileSync(file).toString('latin1');
  const odd = bytes
    .replaceAll('#etc/', '/etc/')
    .replaceAll('##/up', '../up')
    .replaceAll('C##win#', 'C:\\win\\');
  fs.writeFileSync(file, Buffer.from(odd, 'latin1'));
  const source = await openImageSource(file, signal);
  expect([source.names.length, source.leftOut]).toEqual([3, []]);
  source.close();
  expect((await featuresOf(file)).n).toBe(3);
});
