/** Image-to-image models are taken apart as generators are: pictures of a folder go in, what comes out is segmented. */
import fs from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { serialize } from '../../src/onnx/open.ts';
import { floatTensor, makeNode, makeValue } from '../../src/onnx/surgery/build.ts';
import type { Dissection } from '../../src/shared/units/dissection.ts';
import { genscope, readNpy } from '../engine/support/cli.ts';
import { dissected, lasting, SEGMENTER, type settings, withModels } from '../engine/support/dissection.ts';
import { DEMO, ROOT, temporaryFolder } from '../engine/support/engine.ts';
import { SUMMER, TO_WINTER, writePlainModel } from '../engine/support/translation.ts';
import { modelOf } from '../unit/onnx/support.ts';

const BRIGHT = path.join(ROOT, 'test', 'fixtures', 'field', 'segmenters', 'one-logit');
const SIDE = 32;

/** Pictures of 8×8 blocks, half of them bright and half dark; `n` of them, all different. */
async function writeBlocks(folder: string, n: number): Promise<string[]> {
  const names: string[] = [];
  for (let k = 0; k < n; k++) {
    const data = Buffer.alloc(SIDE * SIDE * 3);
    for (let i = 0; i < SIDE * SIDE; i++) {
      const block = (i >> 8) * 4 + ((i % SIDE) >> 3);
      const isBright = (block * 5 + k * 3) % 16 < 8;
      data.fill((isBright ? 200 : 0) + ((block * 7 + k * 11) % 55), i * 3, i * 3 + 3);
    }
    const name = path.join(folder, `${String(k).padStart(3, '0')}.png`);
    await sharp(data, { raw: { width: SIDE, height: SIDE, channels: 3 } })
      .png()
      .toFile(name);
    names.push(name);
  }
  return names;
}

describe('dissection of an image-to-image model', () => {
  let folder = '';
  let model = '';
  let pictures = '';
  beforeAll(async () => {
    folder = fs.mkdtempSync(path.join(fs.realpathSync('/tmp'), 'genscope-i2i-'));
    pictures = path.join(folder, 'pictures');
    fs.mkdirSync(pictures);
    await writeBlocks(pictures, 24);
    model = writePlainModel(folder, 'same.onnx', { channels: 3, size: [SIDE, SIDE] });
    return () => fs.rmSync(folder, { recursive: true, force: true });
  });

  const ask = (
    more: Parameters<typeof settings>[0],
    inputs: readonly string[],
    cache: string | null = null,
  ) =>
    dissected({
      ...{ models: withModels(), model: { path: model }, inputs, cache, segmenter: BRIGHT },
      settings: { layers: ['t0'], samples: 12, resolution: SIDE, ...more },
    });
  const units = ({ layers }: Dissection) => layers[0]?.units.map(({ iou }) => iou) ?? [];

  it('a unit that is the brightness stands for “bright”, with an IoU near 1', async () => {
    const { dissection } = await ask({ level: { mode: 'quantile', quantile: 0.5 } }, [pictures]);
    expect(units(dissection).map((iou) => Math.round(iou * 10) / 10)).toEqual([1, 1, 1]);
    // Half of all cells are bright, and the half of them that are above the level are those.
    expect(dissection.conceptShare[0]).toBeCloseTo(0.5, 1);
    expect(dissection.settings.samples).toBe(12);
    expect(dissection.pictures).toEqual({ found: 24, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    // 24 pictures are enough for two samples that share none.
    expect(dissection.warnings.join()).not.toContain('levels are chosen on');
  });

  it('its two samples share no picture where there are enough, and it says so where there are not', async () => {
    const { dissection } = await ask({ samples: 20 }, [pictures]);
    expect(dissection.warnings.join('\n')).toMatch(/16 of the 20 pictures that levels are chosen on/);
  });

  it('more samples than pictures are refused, with the number there is', async () => {
    await expect(ask({ samples: 25 }, [pictures])).rejects.toMatchObject({
      code: 'input.invalid',
      message: 'There are 24 pictures, and 25 samples were asked for.',
    });
  });

  it('what is kept comes back for the same bytes, and not when a picture has changed', async () => {
    const cache = temporaryFolder();
    const own = temporaryFolder();
    const [first] = await writeBlocks(own, 12);
    const { dissection } = await ask({}, [own], cache);
    const again = await ask({}, [own], cache);
    expect([again.cached, lasting(again.dissection)]).toEqual([true, lasting(dissection)]);
    await sharp({ create: { width: SIDE, height: SIDE, channels: 3, background: 'white' } })
      .png()
      .toFile(first as string);
    expect((await ask({}, [own], cache)).cached).toBe(false);
  });

  it('a picture that cannot be read is named, not left out', async () => {
    const own = temporaryFolder();
    await writeBlocks(own, 11);
    fs.writeFileSync(path.join(own, 'zzz.png'), 'no picture');
    await expect(ask({}, [own])).rejects.toMatchObject({
      code: 'input.invalid',
      message: expect.stringContaining('zzz.png'),
    });
  });
});

describe('genscope dissect and edit of an image-to-image model', () => {
  it('dissects the demo’s translator from the command line, as many samples as there are pictures', () => {
    const out = temporaryFolder();
    const args = ['--input', SUMMER, '--all-layers', '--segmenter', SEGMENTER, '--resolution', '64'];
    const { status, stderr } = genscope('dissect', TO_WINTER, ...args, '--out', out, '--no-cache');
    expect([status, stderr]).toEqual([0, expect.stringContaining('12 samples')]);
    const json = JSON.parse(fs.readFileSync(path.join(out, 'dissect.json'), 'utf8'));
    expect(json.genscope.pictures.found).toBe(12);
    expect(json.layers.length).toBeGreaterThan(1);
  });

  it('says what is missing where no pictures are given, and that a generator takes none', () => {
    const rest = ['--all-layers', '--segmenter', SEGMENTER, '--json', '--no-cache'];
    const without = genscope('dissect', TO_WINTER, ...rest);
    expect([without.status, without.stderr]).toEqual([2, expect.stringContaining('--input DIR')]);
    const generator = genscope('dissect', DEMO, '--input', SUMMER, ...rest);
    expect([generator.status, generator.stderr]).toEqual([
      2,
      expect.stringContaining('not an image-to-image model'),
    ]);
  });

  it('bakes an edit into a file that translates otherwise, and exactly as the edit says', async () => {
    const folder = temporaryFolder();
    const model = writePlainModel(folder, 'same.onnx', { channels: 3, size: [SIDE, SIDE] });
    const [picture] = await writeBlocks(folder, 1);
    const edit = path.join(folder, 'edit.json');
    fs.writeFileSync(
      edit,
      JSON.stringify({
        edits: [{ layer: 't0', units: [0] }],
      }),
    );
    const out = path.join(folder, 'edited.onnx');
    const baked = genscope('edit', model, '--edit', edit, '--out', out);
    expect([baked.status, baked.stderr]).toEqual([0, expect.stringContaining('edited.onnx')]);
    const grid = path.join(folder, 'grid.npy');
    expect(genscope('translate', out, '--input', picture as string, '--npy', grid).status).toBe(0);
    // Red is 0 everywhere, green is what went in.
    const { data } = readNpy(grid);
    const { data: source } = await sharp(picture).raw().toBuffer({ resolveWithObject: true });
    expect(data.length).toBe(3 * SIDE * SIDE);
    for (let i = 0; i < data.length; i++) expect(data[i]).toBe(i % 3 === 0 ? 0 : source[i]);
    const refused = genscope('edit', model, '--edit', edit, '--sample', path.join(folder, 'x.png'));
    expect([refused.status, refused.stderr]).toEqual([2, expect.stringContaining('genscope translate')]);
  });
});

describe('a mask beside each picture', () => {
  /** Puts out the picture where the mask is 0, and white where it is 1, on [0, 1]. */
  function writeFiller(folder: string, maskName = 'mask'): string {
    const model = modelOf({
      inputs: [makeValue(maskName, 1, ['N', 1, SIDE, SIDE]), makeValue('image', 1, ['N', 3, SIDE, SIDE])],
      outputs: [makeValue('out', 1, ['N', 3, SIDE, SIDE])],
      nodes: [
        makeNode('Concat', ['image', maskName], ['both'], { axis: 1n }),
        makeNode('Conv', ['both', 'add'], ['sum']),
        makeNode('Clip', ['sum', 'zero', 'one'], ['out']),
      ],
      weights: [
        // Each colour, and the mask on top of it.
        floatTensor('add', [3, 4, 1, 1], [1, 0, 0, 1, 0, 1, 0, 1, 0, 0, 1, 1]),
        floatTensor('zero', [], [0]),
        floatTensor('one', [], [1]),
      ],
    });
    const file = path.join(folder, 'filler.onnx');
    fs.writeFileSync(file, serialize(model));
    return file;
  }

  const writeMask = (file: string, isHole: (x: number) => boolean, side = SIDE) =>
    sharp(Buffer.from(Array.from({ length: side * side }, (_, i) => (isHole(i % side) ? 255 : 0))), {
      raw: { width: side, height: side, channels: 1 },
    })
      .png()
      .toFile(file);

  async function translated(model: string, inputs: string): Promise<{ data: Buffer; said: string }> {
    const npy = path.join(temporaryFolder(), 'out.npy');
    const { status, stderr } = genscope('translate', model, '--input', inputs, '--npy', npy);
    expect([status, stderr]).toEqual([0, expect.any(String)]);
    return { data: readNpy(npy).data, said: stderr };
  }

  /** White from column `from` on, else the picture. */
  async function expectFilled(data: Buffer, picture: string, from: number, to = SIDE): Promise<void> {
    const source = await sharp(picture).raw().toBuffer();
    expect(data.length).toBe(source.length);
    for (let i = 0; i < data.length; i++) {
      const x = Math.floor(i / 3) % SIDE;
      expect(data[i]).toBe(x >= from && x < to ? 255 : source[i]);
    }
  }

  it.each(['beside', 'in a folder'])('%s: white is filled in, and a mask is no picture', async (where) => {
    const folder = temporaryFolder();
    const model = writeFiller(temporaryFolder());
    const [picture] = await writeBlocks(folder, 1);
    fs.mkdirSync(path.join(folder, 'masks'));
    await writeMask(path.join(folder, where === 'beside' ? '000_mask.png' : 'masks/000.png'), (x) => x >= 20);
    const { data, said } = await translated(model, folder);
    await expectFilled(data, picture as string, 20);
    expect(said).toContain('“mask” is the mask that lies beside each picture');
  });

  it('the other way round where the sidecar says so', async () => {
    const folder = temporaryFolder();
    const models = temporaryFolder();
    const model = writeFiller(models, 'valid');
    fs.writeFileSync(
      model.replace(/onnx$/, 'genscope.json'),
      JSON.stringify({ schema: 1, inputs: { valid: { role: 'mask', range: [1, 0] } } }),
    );
    const [picture] = await writeBlocks(folder, 1);
    await writeMask(path.join(folder, '000.mask.png'), (x) => x >= 20);
    const { data } = await translated(model, folder);
    await expectFilled(data, picture as string, 0, 20);
  });

  it.each([
    ['none', [], /has no mask: neither 000_mask\.png beside it nor masks\/000\.png/],
    ['two', ['000_mask.png', '000-mask.png'], /It has 2 masks/],
    ['another size', ['000_mask.png'], /and its mask 000_mask\.png is 16×16/],
  ] as const)('%s: said of the picture by name', async (what, names, says) => {
    const folder = temporaryFolder();
    const model = writeFiller(temporaryFolder());
    await writeBlocks(folder, 1);
    for (const name of names)
      await writeMask(path.join(folder, name), () => true, what === 'another size' ? 16 : SIDE);
    const { status, stderr } = genscope('translate', model, '--input', folder, '--json');
    expect([status, stderr]).toEqual([2, expect.stringMatching(says)]);
    expect(stderr).toContain('000.png');
  });

  it('a second picture that is not called a mask is asked about, with the mask among the answers', () => {
    const model = writeFiller(temporaryFolder(), 'hint');
    const { stderr } = genscope('translate', model, '--input', SUMMER, '--json');
    expect(stderr).toMatch(/takes 2 pictures at once \(hint, image\).*a mask beside each picture/);
  });

  it('masks come with the pictures into a dissection, and into its key', async () => {
    const folder = temporaryFolder();
    const cache = temporaryFolder();
    const model = writeFiller(temporaryFolder());
    await writeBlocks(folder, 4);
    for (let k = 0; k < 4; k++) await writeMask(path.join(folder, `00${k}_mask.png`), (x) => x >= 20);
    const ask = () =>
      dissected({
        ...{ models: withModels(), model: { path: model }, inputs: [folder], cache, segmenter: BRIGHT },
        settings: { layers: ['sum'], samples: 4, resolution: SIDE },
      });
    const { dissection } = await ask();
    expect(dissection.pictures?.found).toBe(4);
    expect((await ask()).cached).toBe(true);
    await writeMask(path.join(folder, '003_mask.png'), () => false);
    const again = await ask();
    expect(again.cached).toBe(false);
    expect(again.dissection.conceptShare[0]).toBeLessThan(dissection.conceptShare[0] as number);
  });
});
