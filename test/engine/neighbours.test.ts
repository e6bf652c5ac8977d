/** Does it copy? A generator that gives back its training images is caught, an honest one is not; shifts fool pixels. */
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { neighbours } from '../../src/engine/checks/neighbours.ts';
import type { Neighbours, NeighboursSettings } from '../../src/shared/checks/looks.ts';
import { SCORE_DEFAULTS } from '../../src/shared/scores/scores.ts';
import { genscope } from './support/cli.ts';
import { DEMO, temporaryFolder } from './support/engine.ts';
import { EXTRACTOR, REFERENCE, testModels, tinyExtractor } from './support/scoring.ts';
import { FLAT, folderOf, patches, pixelExtractor, SIDE, tableGenerator } from './support/tables.ts';

const COUNT = 120;

const SETTINGS: Omit<NeighboursSettings, 'extractor' | 'reference'> = {
  ...{ samples: 300, seed: 1, source: SCORE_DEFAULTS.source, classes: 'all', quantisation: 'round' },
  ...{ referenceSamples: 0, k: 3, shown: 5 },
};

async function look(
  model: string,
  given: Pick<NeighboursSettings, 'extractor' | 'reference'> & Partial<NeighboursSettings>,
): Promise<Neighbours> {
  const context = { models: testModels(), signal: new AbortController().signal, report: () => {} };
  return (
    await neighbours({ model: { path: model }, settings: { ...SETTINGS, ...given }, cache: null }, context)
  ).found;
}

describe('nearest real images', () => {
  const training = patches(COUNT, 1);
  let folder: string;
  let pixels: string;
  beforeAll(() => {
    folder = fs.mkdtempSync(path.join(fs.realpathSync('/tmp'), 'genscope-neighbours-'));
    pixels = pixelExtractor(path.join(folder, 'pixels.onnx'));
    return async () => fs.rmSync(folder, { recursive: true, force: true });
  });

  it('of copies are the originals, and it is said beyond chance', async () => {
    const reference = await folderOf(path.join(folder, 'training'), training);
    const copier = tableGenerator(path.join(folder, 'copier.onnx'), training);
    const { rows, copied, compared } = await look(copier, { extractor: { path: pixels }, reference });
    expect(compared).toEqual({ width: SIDE, height: SIDE });
    expect(rows).toHaveLength(5);
    for (const { ratio, features, pixels: near } of rows) {
      expect(ratio).toBe(0);
      expect([features[0]?.distance, near[0]?.distance]).toEqual([0, 0]);
      expect(features[0]?.file).toBe(near[0]?.file);
      expect(features.map(({ distance }) => distance)).toEqual(
        features.map(({ distance }) => distance).sort((a, b) => a - b),
      );
    }
    expect(copied?.share).toBeGreaterThan(0.9);
    expect(copied).toMatchObject({ alarm: true });
    expect(copied?.ct).toBeLessThan(-3);
  });

  it('of an honest generator, and of the demo, raise no alarm', { timeout: 60_000 }, async () => {
    const reference = await folderOf(path.join(folder, 'training'), training);
    const honest = tableGenerator(path.join(folder, 'honest.onnx'), patches(300, 2));
    const fine = await look(honest, { extractor: { path: pixels }, reference });
    expect(fine.copied).toMatchObject({ alarm: false });
    expect(fine.rows[0]?.ratio).toBeGreaterThan(0.3);
    const demo = await look(DEMO, {
      extractor: { path: EXTRACTOR },
      reference: REFERENCE,
      referenceSamples: 400,
    });
    expect(demo.copied).toMatchObject({ alarm: false });
    expect(demo.rows.map(({ ratio }) => ratio)).toEqual(
      demo.rows.map(({ ratio }) => ratio).sort((a, b) => a - b),
    );
  });

  it('a shift by one pixel loses an image of stripes by its pixels, and not by its mean colour', async () => {
    const stripes = Uint8Array.from({ length: FLAT }, (_, at) => (at < 256 && at % 2 === 0 ? 255 : 0));
    const plain = Uint8Array.from({ length: FLAT }, (_, at) => (at < 256 ? 100 : 30));
    const others = patches(6, 3);
    const reference = await folderOf(path.join(folder, 'stripes'), [stripes, plain, ...others]);
    const generator = tableGenerator(path.join(folder, 'stripes.onnx'), [stripes]);
    const means = tinyExtractor(path.join(folder, 'means.onnx'), { input: ['N', 3, SIDE, SIDE] });
    const found = await look(generator, {
      extractor: { path: means },
      reference,
      samples: 4,
      shown: [2],
      k: 2,
    });
    const [row] = found.rows;
    expect(row).toMatchObject({
      ...{
        place: 2,
        shifted: { file: '0000.png', byFeatures: { file: '0000.png' }, byPixels: { file: '0001.png' } },
      },
    });
    expect(found.copied).toBeNull();
  });

  it('what cannot be looked at is said', async () => {
    const reference = await folderOf(path.join(folder, 'few'), training.slice(0, 3));
    const copier = tableGenerator(path.join(folder, 'copier.onnx'), training);
    const given = { extractor: { path: pixels }, reference };
    await expect(look(copier, { ...given, k: 3 })).rejects.toMatchObject({
      message: expect.stringContaining('3 image(s), too few for 3 neighbours'),
    });
    await expect(look(copier, { ...given, k: 1, samples: 10, shown: [10] })).rejects.toMatchObject({
      message: expect.stringContaining('no sample 10: they count from 0 to 9'),
    });
    fs.writeFileSync(path.join(reference, 'broken.png'), 'nothing');
    await expect(look(copier, { ...given, k: 1 })).rejects.toMatchObject({
      message: expect.stringContaining('broken.png'),
    });
    const statistics = path.join(folder, 'statistics.npz');
    fs.writeFileSync(statistics, '');
    await expect(look(copier, { ...given, reference: statistics })).rejects.toMatchObject({
      message: expect.stringContaining('no pictures to look at'),
    });
  });

  it('genscope neighbours: a table, one JSON object, and a picture', () => {
    const out = path.join(temporaryFolder(), 'sheet.png');
    const common = ['--reference', REFERENCE, '--extractor', EXTRACTOR, '--samples', '40', '--no-cache'];
    const few = ['--reference-samples', '60', '--show', '2', '--k', '2'];
    const { status, stdout } = genscope('neighbours', DEMO, ...common, ...few, '--out', out, '--json');
    expect(status).toBe(0);
    const found = JSON.parse(stdout) as Neighbours;
    expect(found.rows.map(({ features, pixels: near }) => [features.length, near.length])).toEqual([
      [2, 2],
      [2, 2],
    ]);
    const png = fs.readFileSync(out);
    // Five pictures of 64 in three groups, two rows.
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([5 * 64 + 2 * 10 + 2 * 2, 2 * 64 + 2]);
    for (const wrong of [
      ['--show', '2', '--places', '1'],
      ['--out', 'x.jpg'],
      ['--k', '0'],
    ])
      expect(genscope('neighbours', DEMO, ...common, ...wrong)).toMatchObject({ status: 2 });
    expect(genscope('neighbours', DEMO, '--extractor', EXTRACTOR).stderr).toContain('--reference');
  });
});
