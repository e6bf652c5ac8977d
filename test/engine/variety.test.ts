/** What is missing, and how much there is: a generator that drops kinds, one of few pictures, and honest ones. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { duplicates } from '../../src/engine/checks/duplicates.ts';
import { modes } from '../../src/engine/checks/modes.ts';
import type { Duplicates, Modes, ModesSettings } from '../../src/shared/checks/looks.ts';
import { SCORE_DEFAULTS } from '../../src/shared/scores/scores.ts';
import { genscope } from './support/cli.ts';
import { DEMO, temporaryFolder } from './support/engine.ts';
import { EXTRACTOR, REFERENCE, testModels } from './support/scoring.ts';
import { FLAT, folderOf, patches, pixelExtractor, tableGenerator } from './support/tables.ts';

const COMMON = { seed: 1, source: SCORE_DEFAULTS.source, classes: 'all', quantisation: 'round' } as const;
const context = () => ({ models: testModels(), signal: new AbortController().signal, report: () => {} });

/** Seven kinds: patches that all brighten one seventh of the picture; picture i is of kind i mod `kinds`. */
function sevenKinds(count: number, seed: number, kinds = 7): Uint8Array[] {
  return patches(count, seed).map((planes, i) =>
    planes.map((byte, at) => (Math.floor((at * 7) / FLAT) === i % kinds ? 200 + (byte >> 3) : byte >> 2)),
  );
}

describe('missing modes', () => {
  it('two of seven kinds that are never made are named, with pictures of them, and no other', async () => {
    const folder = temporaryFolder();
    const reference = await folderOf(path.join(folder, 'real'), sevenKinds(210, 1));
    const extractor = { path: pixelExtractor(path.join(folder, 'pixels.onnx')) };
    const settings: ModesSettings = {
      ...{ ...COMMON, extractor, reference, referenceSamples: 0, samples: 300, k: 7, shown: 3 },
    };
    const look = (kinds: number): Promise<Modes> => {
      const model = tableGenerator(path.join(folder, `${kinds}.onnx`), sevenKinds(210, 2, kinds));
      return modes({ model: { path: model }, settings, cache: null }, context());
    };
    const five = await look(5);
    const missing = five.modes.filter(({ verdict }) => verdict === 'missing');
    expect(missing).toHaveLength(2);
    expect(five.modes.slice(0, 2)).toEqual(missing);
    const kindsMissing = missing.map(({ realPlaces, madePlaces, made }) => {
      expect([made, madePlaces]).toEqual([0, []]);
      expect(realPlaces).toHaveLength(3);
      return new Set(realPlaces.map((place) => place % 7));
    });
    expect(kindsMissing.flatMap((kinds) => [...kinds]).sort()).toEqual([5, 6]);
    const all = await look(7);
    expect(all.modes.filter(({ verdict }) => verdict === 'missing')).toEqual([]);
    expect(all.modes.reduce((sum, { real }) => sum + real, 0)).toBeCloseTo(1, 9);
    expect(all.strange.map(({ realism }) => realism)).toEqual(
      all.strange.map(({ realism }) => realism).sort((a, b) => a - b),
    );
  });

  it('genscope modes: a table and a sheet; what is wrong is one line', () => {
    const out = path.join(temporaryFolder(), 'modes.png');
    const common = ['--extractor', EXTRACTOR, '--no-cache'];
    const few = [
      '--reference',
      REFERENCE,
      '--reference-samples',
      '120',
      '--samples',
      '60',
      '--k',
      '4',
      '--show',
      '2',
    ];
    const { status, stdout } = genscope('modes', DEMO, ...common, ...few, '--out', out);
    expect(status).toBe(0);
    expect(stdout).toMatch(/generator\.onnx against reference\.zip \(120 images\) in 4 kinds/);
    expect(stdout).toMatch(/Least real of 60 samples/);
    expect(fs.readFileSync(out).readUInt32BE(20)).toBe(4 * 64 + 3 * 2);
    expect(genscope('modes', DEMO, ...common).stderr).toContain('--reference');
    const many = ['--reference', REFERENCE, '--reference-samples', '3', '--samples', '8', '--k', '50'];
    expect(genscope('modes', DEMO, ...common, ...many).status).toBe(2);
  });
});

describe('the birthday-paradox test', () => {
  it('a generator of 60 pictures is found to make about 60; one of many, more than can be told', async () => {
    const folder = temporaryFolder();
    const extractor = { path: pixelExtractor(path.join(folder, 'pixels.onnx')) };
    const settings = { ...COMMON, extractor, batch: 10, batches: 40, threshold: 1e-3 };
    const look = (count: number): Promise<Duplicates> => {
      const model = tableGenerator(path.join(folder, `${count}.onnx`), patches(count, 5));
      return duplicates({ model: { path: model }, settings, cache: null }, context());
    };
    const few = await look(60);
    expect(few.estimate?.support).toBeGreaterThan(25);
    expect(few.estimate?.support).toBeLessThan(150);
    const [low, high] = few.estimate?.interval ?? [null, null];
    expect(low).toBeLessThan(60);
    expect(high).toBeGreaterThan(60);
    for (const { places, batch, distance } of few.pairs) {
      for (const place of places) expect(Math.floor(place / 10)).toBe(batch);
      expect(places[0]).toBeLessThan(places[1]);
      expect(distance).toBeGreaterThanOrEqual(0);
    }
    const many = await look(2000);
    expect(many.estimate?.share).toBeLessThan(0.2);
    expect(many.estimate?.interval[0]).toBeGreaterThan(100);
    const asked = await duplicates(
      {
        ...{ model: { path: path.join(folder, '60.onnx') }, cache: null },
        settings: { ...settings, batches: 2, threshold: null },
      },
      context(),
    );
    expect(asked.estimate).toBeNull();
  });

  it('genscope duplicates: pairs, a picture, and who answered', () => {
    const out = path.join(temporaryFolder(), 'pairs.png');
    const common = ['--extractor', EXTRACTOR, '--no-cache', '--batch', '8', '--batches', '3'];
    const { status, stdout } = genscope('duplicates', DEMO, ...common, '--threshold', '0.01', '--out', out);
    expect(status).toBe(0);
    expect(stdout).toContain('By the distance (≤ 0.01), not by a person: 0.0 %');
    expect(stdout).toContain('Fewer than 20 batches say little.');
    const png = fs.readFileSync(out);
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([2 * 64 + 2, 3 * 64 + 2 * 2]);
    expect(genscope('duplicates', DEMO, ...common).stdout).toContain('Look at the pairs');
    expect(genscope('duplicates', DEMO, '--extractor', EXTRACTOR, '--batch', '1').status).toBe(2);
  });
});
