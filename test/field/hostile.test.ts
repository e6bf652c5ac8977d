/** Files made to harm: refused in words, in no time, in little memory. And a fuzz of every reader, with counts. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { deflateRawSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { visible } from '../../src/cli/terminal.ts';
import { parseJson } from '../../src/engine/extractor/json.ts';
import { readArraysSide } from '../../src/engine/features/arrays.ts';
import { merge } from '../../src/engine/features/merge.ts';
import { openImageSource } from '../../src/engine/features/side.ts';
import { npyHeader } from '../../src/engine/files/npy.ts';
import { readNpyFloats } from '../../src/engine/files/npyReader.ts';
import { type NpzValue, writeNpz } from '../../src/engine/files/npz.ts';
import { writeZip } from '../../src/engine/files/zipFile.ts';
import { requireSafe } from '../../src/engine/hub/request.ts';
import { openTorchFile } from '../../src/engine/inception/torchFile.ts';
import { openModelFile } from '../../src/engine/open/modelFile.ts';
import { readPictureFile } from '../../src/engine/pictures/folderSource.ts';
import { decodeLikePil, decodePicture } from '../../src/engine/runtime/imageCodec.ts';
import { readSmallFile } from '../../src/shared/files/readSmall.ts';
import { csvCell } from '../../src/shared/kernel/csv.ts';
import { asGenscopeError } from '../../src/shared/kernel/errors.ts';
import { DEMO, temporaryFolder } from '../engine/support/engine.ts';

const at = (name: string) => path.join(temporaryFolder(), name);
const signal = new AbortController().signal;
const mergeContext = { threads: 1, signal, report: () => {} };

/** The code that something ends with; '' where it does not fail. */
async function codeOf(act: () => unknown): Promise<string> {
  try {
    await act();
    return '';
  } catch (thrown) {
    return asGenscopeError(thrown).code;
  }
}

function fifo(name: string): string {
  const file = at(name);
  execFileSync('mkfifo', [file]);
  return file;
}

function device(name: string): string {
  const file = at(name);
  fs.symlinkSync('/dev/zero', file);
  return file;
}

describe.skipIf(os.platform() === 'win32')('pipes and devices are refused at once', () => {
  const readers: [string, string, (file: string) => unknown][] = [
    ['an array', 'a.npy', (file) => readNpyFloats(file)],
    ['features', 'a.npz', (file) => readArraysSide(file, null)],
    ['a zip of pictures', 'a.zip', (file) => openImageSource(file, signal)],
    ['an array of pictures', 'p.npy', (file) => readArraysSide(file, null)],
    ['weights', 'w.pth', (file) => openTorchFile(file)],
    ['a model', 'm.onnx', (file) => openModelFile({ path: file })],
    ['a config', 'config.json', (file) => parseJson(file)],
    ['a picture', 'a.png', (file) => readPictureFile(file)],
    ['a part', 'part.npz', (file) => merge({ parts: [file], out: at('all.npz') }, mergeContext)],
  ];

  it.each(readers)('as %s', async (_, name, read) => {
    for (const file of [fifo(name), device(name)]) {
      const code = await codeOf(() => read(file));
      expect(code).not.toBe('');
      expect(code).not.toBe('internal');
    }
  });

  it('as a sidecar: said, and the model is opened without it', () => {
    for (const make of [fifo, device]) {
      const sidecar = make('m.genscope.json');
      const model = path.join(path.dirname(sidecar), 'm.onnx');
      fs.copyFileSync(DEMO, model);
      const { sidecar: read, sidecarProblem } = openModelFile({ path: model });
      expect([read, sidecarProblem?.code]).toEqual([null, 'sidecar.invalid']);
    }
  });
});

describe('sizes', () => {
  it('a side file of 4 GB is refused unread', () => {
    const file = at('big.json');
    fs.writeFileSync(file, '{');
    fs.truncateSync(file, 2 ** 32);
    expect(() => readSmallFile(file, { most: 1000, what: 'The config' })).toThrow(
      /4\.29 GB, and may have 1 kB/,
    );
  });

  it('an array of 2.5 GiB is read slice by slice, as one of pictures or of features', async () => {
    const file = at('big.npy');
    const shape = [40_000, 128, 128, 4];
    const header = npyHeader('|u1', shape);
    fs.writeFileSync(file, header);
    fs.truncateSync(file, header.length + shape.reduce((a, b) => a * b, 1));
    const source = await openImageSource(file, signal);
    expect(source.names).toHaveLength(40_000);
    const { width, data } = await decodeLikePil(await source.read(39_999));
    expect([width, data[0], data[3]]).toEqual([128, 0, 255]);
    source.close();
  });

  it('an archive with an entry beyond 1 GiB is written and read (ZIP64 above 4)', async () => {
    const file = at('big.npz');
    const rows = 2 ** 17 + 1;
    const piece = new Uint8Array(4 * 2048 * 1024);
    const values: NpzValue = {
      ...{ shape: [rows, 2048], descr: '<f4' },
      async *pieces() {
        for (let left = 4 * 2048 * rows; left > 0; left -= piece.length)
          yield piece.subarray(0, Math.min(left, piece.length));
      },
    };
    await writeNpz(file, { features: values });
    expect(fs.statSync(file).size).toBeGreaterThan(2 ** 30);
    const { side, count } = await readArraysSide(file, null);
    expect([count, side.features?.columns]).toEqual([rows, 2048]);
    fs.rmSync(file);
  }, 100_000);

  it('more than the memory has room for is refused with figures', async () => {
    const file = at('huge.npy');
    const shape = [2 ** 30, 2048];
    const header = npyHeader('<f4', shape);
    fs.writeFileSync(file, header);
    fs.truncateSync(file, header.length + 4 * 2 ** 41);
    await expect(readArraysSide(file, null)).rejects.toMatchObject({
      code: 'reference.invalid',
      message: expect.stringMatching(/take 8\.8 TB of memory/),
    });
  });

  it('a listing that unpacks to gigabytes, and an entry that claims them, cost nothing', async () => {
    const zip = at('bomb.zip');
    const picture = new Uint8Array(
      await sharp({ create: { width: 4, height: 4, channels: 3, background: 'red' } })
        .png()
        .toBuffer(),
    );
    await writeZip(zip, [
      { name: 'a.png', bytes: picture },
      { name: 'dataset.json', bytes: new Uint8Array(2) },
    ]);
    // A listing of 4 GB in deflate, claimed in the archive's directory.
    const bytes = fs.readFileSync(zip);
    const entry = bytes.lastIndexOf('dataset.json') - 46;
    bytes.writeUInt32LE(0xf0000000, entry + 24);
    fs.writeFileSync(zip, bytes);
    const code = await codeOf(async () => {
      const source = await openImageSource(zip, signal);
      expect(source.labels).toBeNull();
      expect(source.warnings.length).toBeGreaterThan(0);
      source.close();
    });
    expect(code).not.toBe('internal');
    expect(deflateRawSync(Buffer.alloc(1 << 20)).length).toBeGreaterThan((1 << 20) / 1032);
  });
});

describe('pickles', () => {
  const legacy = (...bytes: number[]) => {
    const file = at('w.pth');
    // PROTO 2, then what is given.
    fs.writeFileSync(file, Uint8Array.from([0x80, 2, ...bytes]));
    return file;
  };

  it('of lists in lists in lists as a name end at once', async () => {
    // ] q0 ; then h0 h0 \x86 (tuple of two) q0, 60 times: 2^60 entries as text.
    const doubling = Array.from({ length: 60 }, () => [0x68, 0, 0x68, 0, 0x86, 0x71, 0]).flat();
    const file = legacy(0x5d, 0x71, 0, ...doubling, 0x68, 0, 0x93, 0x2e);
    expect(await codeOf(() => openTorchFile(file))).toBe('extractor.invalid');
  });

  it.each([
    ['dictionaries', 0x7d],
    ['lists', 0x5d],
    ['marks', 0x28],
    ['nothings', 0x4e],
  ])('of millions of %s end at their budget', async (_, code) => {
    const file = at('w.pth');
    fs.writeFileSync(
      file,
      Buffer.concat([Buffer.from([0x80, 2]), Buffer.alloc(2_600_000, code), Buffer.from('.')]),
    );
    const before = process.memoryUsage().rss;
    expect(await codeOf(() => openTorchFile(file))).toBe('extractor.invalid');
    expect(process.memoryUsage().rss - before).toBeLessThan(500e6);
  });
});

describe('content', () => {
  it('SVG never reaches a decoder, whatever its name says', async () => {
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>';
    for (const text of [svg, `<?xml version="1.0"?>${svg}`, `\uFEFF  ${svg}`]) {
      const bytes = new TextEncoder().encode(text);
      expect(await codeOf(() => decodeLikePil(bytes))).toBe('input.invalid');
      expect(await codeOf(() => decodePicture(bytes, 'keep'))).toBe('input.invalid');
    }
  });

  it('a part that claims 10⁹ parts, or means that are none, is refused', async () => {
    const part = async (more: Record<string, NpzValue>) => {
      const file = at('part.npz');
      await writeNpz(file, {
        mu: { shape: [2], values: new Float64Array(2) },
        sigma: { shape: [2, 2], values: new Float64Array(4) },
        n: { shape: [], values: Int32Array.of(3) },
        ...{ extractor: 'x', extractor_sha256: 'ab', shard_origin: 'here' },
        shard: { shape: [2], values: Int32Array.of(0, 1) },
        ...more,
      });
      return codeOf(() => merge({ parts: [file], out: at('all.npz') }, mergeContext));
    };
    expect(await part({})).toBe('');
    expect(await part({ shard: { shape: [2], values: Int32Array.of(0, 1e9) } })).toBe('input.invalid');
    expect(await part({ shard: { shape: [2], values: Float64Array.of(0, Number.NaN) } })).toBe(
      'input.invalid',
    );
    expect(await part({ mu: { shape: [2], values: Float64Array.of(1, Number.NaN) } })).toBe('input.invalid');
    expect(await part({ n: { shape: [], values: Float64Array.of(Number.NaN) } })).toBe('input.invalid');
  });

  it('names do nothing in a terminal or a spreadsheet', () => {
    expect(visible('a\x1b[2Jb\u202egnp.\x9b7m\r\n\tok ü 絵')).toBe(
      'a\\x1b[2Jb\\u{202e}gnp.\\x9b7m\\x0d\n\tok ü 絵',
    );
    expect(['=1+1', '+x', '-x', '@x', '\t=x', ' =x', 'a=b', '-1.5'].map(csvCell)).toEqual([
      ...["'=1+1", "'+x", "'-x", "'@x", "'\t=x", "' =x", 'a=b', '-1.5'],
    ]);
    expect(csvCell(-2)).toBe('-2');
    expect(csvCell('=a,"b"')).toBe('"\'=a,""b"""');
  });

  it('a token goes over https, or to this machine', () => {
    expect(() => requireSafe('http://hub.example.com', 'hf_x')).toThrow(/unencrypted/);
    expect(() => requireSafe('http://127.0.0.1.example.com', 'hf_x')).toThrow(/unencrypted/);
    for (const safe of ['https://hub.example.com', 'http://localhost:80', 'http://127.0.0.1:9'])
      expect(() => requireSafe(safe, 'hf_x')).not.toThrow();
    expect(() => requireSafe('http://hub.example.com', undefined)).not.toThrow();
  });
});

/** Bytes turned over, cut out, doubled, or set to what lengths are feared for. */
function mutated(bytes: Uint8Array, random: () => number): Uint8Array {
  let out = Uint8Array.from(bytes);
  for (let times = 1 + Math.floor(random() * 4); times > 0; times--) {
    const place = Math.floor(random() ** 2 * out.length);
    const kind = random();
    if (kind < 0.5) out[place] = Math.floor(random() * 256);
    else if (kind < 0.65)
      out.set(
        out.length > place + 4 ? [0xff, 0xff, 0xff, random() < 0.5 ? 0x7f : 0xff] : [],
        Math.min(place, out.length),
      );
    else if (kind < 0.75) out = out.slice(0, place);
    else if (kind < 0.85)
      out = Uint8Array.from([
        ...out.subarray(0, place),
        ...out.subarray(place + 1 + Math.floor(random() * 16)),
      ]);
    else {
      const piece = out.subarray(place, place + Math.floor(random() * 64));
      out = Uint8Array.from([...out.subarray(0, place), ...piece, ...out.subarray(place)]);
    }
  }
  return out;
}

function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('fuzz', () => {
  const counts: Record<string, { tried: number; clean: number; read: number; lost: string[] }> = {};
  const folder = temporaryFolder;

  async function fuzz(
    name: string,
    ending: string,
    seeds: readonly Uint8Array[],
    tries: number,
    read: (file: string) => unknown,
  ) {
    const count = { tried: 0, clean: 0, read: 0, lost: [] as string[] };
    counts[name] = count;
    const random = randomOf(name.length * 7919 + tries);
    const file = path.join(folder(), `x${ending}`);
    for (let i = 0; i < tries; i++) {
      const bytes = mutated(seeds[i % seeds.length] as Uint8Array, random);
      fs.writeFileSync(file, bytes);
      const before = process.memoryUsage().rss;
      const started = performance.now();
      count.tried++;
      try {
        await read(file);
        count.read++;
      } catch (thrown) {
        const error = asGenscopeError(thrown);
        if (error.code === 'internal') count.lost.push(`${i}: ${error.detail?.slice(0, 300)}`);
        else count.clean++;
      }
      if (performance.now() - started > 10_000)
        count.lost.push(`${i}: took ${performance.now() - started} ms`);
      if (process.memoryUsage().rss - before > 1.5e9) count.lost.push(`${i}: took gigabytes`);
    }
    expect(count.lost).toEqual([]);
  }

  const load = (file: string) => new Uint8Array(fs.readFileSync(file));

  it('arrays', () => {
    const floats = new Uint8Array(Float32Array.from({ length: 12 }, (_, i) => i).buffer);
    const seeds = ['<f4', '|u1', '<f8', '<i8'].map((descr) => {
      const width = Number(descr.slice(2));
      return new Uint8Array(Buffer.concat([npyHeader(descr, [48 / width / 2, 2]), floats]));
    });
    return fuzz('.npy', '.npy', seeds, 800, async (file) => {
      await readArraysSide(file, null);
      readNpyFloats(file);
    });
  });

  it('archives of arrays', async () => {
    const file = at('a.npz');
    const rows: NpzValue = { shape: [3, 2], values: Float32Array.of(1, 2, 3, 4, 5, 6) };
    await writeNpz(file, {
      features: rows,
      labels: { shape: [3], values: Int32Array.of(0, 1, 2) },
      extractor: 'x',
      extractor_sha256: 'y',
    });
    const one = load(file);
    await writeNpz(file, {
      mu: { shape: [2], values: new Float64Array(2) },
      sigma: { shape: [2, 2], values: new Float64Array(4) },
    });
    const two = load(file);
    await writeNpz(file, {
      arr_0: { shape: [2, 2, 2, 3], values: new Uint8Array(24) },
      arr_1: { shape: [2], values: Int32Array.of(1, 0) },
    });
    await fuzz('.npz', '.npz', [one, two, load(file)], 600, async (given) => {
      const source = await openImageSource(given, signal).catch((thrown: unknown) => {
        if (asGenscopeError(thrown).code === 'internal') throw thrown;
        return null;
      });
      if (source !== null) for (let i = 0; i < Math.min(4, source.names.length); i++) await source.read(i);
      source?.close();
      await readArraysSide(given, null);
    });
  });

  it('archives of pictures', async () => {
    const file = at('a.zip');
    const bytes = new Uint8Array(
      await sharp({ create: { width: 4, height: 4, channels: 3, background: 'red' } })
        .png()
        .toBuffer(),
    );
    await writeZip(file, [
      { name: './a.png', bytes },
      { name: 'b.png', bytes },
      {
        name: 'dataset.json',
        bytes: new TextEncoder().encode('{"labels": [["a.png", 1], ["b.png", [0, 1]]]}'),
      },
    ]);
    await fuzz('.zip', '.zip', [load(file)], 500, async (given) => {
      const source = await openImageSource(given, signal);
      for (let i = 0; i < source.names.length; i++) await decodeLikePil(await source.read(i));
      source.close();
    });
  });

  it('pickles', async () => {
    const name = (text: string) => [0x8c, text.length, ...new TextEncoder().encode(text)];
    const tensor = [
      ...[0x80, 2, 0x7d, 0x71, 0, 0x28, ...name('w')],
      ...[0x63, ...new TextEncoder().encode('torch._utils\n_rebuild_tensor_v2\n'), 0x28],
      ...[
        0x28,
        ...name('storage'),
        0x63,
        ...new TextEncoder().encode('torch\nFloatStorage\n'),
        ...name('0'),
        ...name('cpu'),
        0x4b,
        4,
        0x74,
        0x51,
      ],
      ...[0x4b, 0, 0x4b, 2, 0x4b, 2, 0x86, 0x4b, 2, 0x4b, 1, 0x86, 0x89, 0x7d, 0x74, 0x52, 0x75, 0x2e],
    ];
    const file = at('w.pth');
    await writeZip(file, [
      { name: 'w/data.pkl', bytes: Uint8Array.from(tensor) },
      { name: 'w/data/0', bytes: new Uint8Array(16) },
    ]);
    const zipped = load(file);
    await fuzz('pickle', '.pth', [zipped, Uint8Array.from(tensor)], 800, async (given) => {
      const torch = await openTorchFile(given);
      for (const one of torch.tensors.values()) await one.read();
      torch.close();
    });
  });

  it('pictures', async () => {
    const formats = path.join(import.meta.dirname, '..', 'parity', 'decoding');
    const seeds = ['formats', 'pictures'].flatMap((part) =>
      fs.readdirSync(path.join(formats, part)).map((name) => load(path.join(formats, part, name))),
    );
    await fuzz('pictures', '.png', seeds, 1500, async (given) => {
      const bytes = load(given);
      await decodeLikePil(bytes);
      await decodePicture(bytes, 'onWhite');
    });
  });

  it('models and their sidecars', async () => {
    const model = load(
      path.join(import.meta.dirname, '..', 'fixtures', 'field', 'extractor-range', 'takes01_imagenet.onnx'),
    );
    await fuzz('.onnx', '.onnx', [model.length < 2e6 ? model : load(DEMO)], 150, (given) =>
      openModelFile({ path: given }),
    );
    const sidecar = new TextEncoder().encode(
      '{"schema": 1, "inputs": {"z": {"role": "class", "encoding": "onehot", "classes": 10}, "e": {"role": "embedding", "file": "e.npy"}}, "outputs": {"image": {"role": "image", "range": [0, 1]}}, "classNames": ["a"]}',
    );
    await fuzz('sidecar', '.genscope.json', [sidecar], 300, (given) => {
      const beside = given.replace('.genscope.json', '.onnx');
      if (!fs.existsSync(beside)) fs.copyFileSync(DEMO, beside);
      const { sidecarProblem } = openModelFile({ path: beside });
      if (sidecarProblem !== null) throw sidecarProblem;
    });
    await fuzz('.json', '.json', [sidecar], 500, (given) => parseJson(given));
  });

  afterAll(() => {
    const rows = Object.entries(counts).map(
      ([name, { tried, read, clean, lost }]) =>
        `| ${name} | ${tried} | ${read} | ${clean} | ${lost.length} |`,
    );
    if (process.env.GENSCOPE_FUZZ_TABLE)
      fs.writeFileSync(process.env.GENSCOPE_FUZZ_TABLE, `${rows.join('\n')}\n`);
  });
});
