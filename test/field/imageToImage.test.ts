/** Image-to-image models are taken apart as generators are: pictures of a folder go in, what comes out is segmented. */
import fs from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Dissection } from '../../src/shared/dissection.ts';
import { genscope, readNpy } from '../engine/support/cli.ts';
import { dissected, lasting, SEGMENTER, type settings, withModels } from '../engine/support/dissection.ts';
import { DEMO, ROOT, temporaryFolder } from '../engine/support/engine.ts';
import { SUMMER, TO_WINTER, writePlainModel } from '../engine/support/translation.ts';

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
