/** What cannot be dissected, or not be kept: a clear sentence each, and nothing lost. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { GenscopeError } from '../../src/shared/kernel/errors.ts';
import { DISSECT_DEFAULTS } from '../../src/shared/units/dissection.ts';
import {
  copyFolder,
  dissected,
  editJson,
  interrupted,
  SEGMENTER,
  withModels,
  writeTinyGenerator,
} from './support/dissection.ts';
import { FIXTURES, temporaryFolder } from './support/engine.ts';

describe('what cannot be dissected', () => {
  const refused = (asked: Omit<Parameters<typeof dissected>[0], 'models'>) =>
    dissected({ ...asked, models: withModels() }).then(
      () => {
        throw new Error('It was dissected.');
      },
      (thrown: unknown) => {
        expect(thrown).toBeInstanceOf(GenscopeError);
        return thrown as GenscopeError;
      },
    );

  it('is a layer that the model has not: those that it has are said', async () => {
    const error = await refused({ settings: { layers: ['l8b', 'l9'] } });
    expect([error.code, error.message]).toEqual([
      'input.invalid',
      'generator.onnx has no layer “l9” that can be dissected.',
    ]);
    expect(error.advice).toBe('Its layers are bn4/relu, l8, l8b, l16, l16b, l32, l64.');
  });

  it('is a model without maps', async () => {
    const path = writeTinyGenerator(temporaryFolder(), 'flat.onnx', { units: 0, side: 8 });
    const error = await refused({ model: { path }, settings: { layers: ['any'] } });
    expect(error.message).toBe(
      'flat.onnx has no layer that can be dissected: none has maps of 2×2 cells or more.',
    );
  });

  it.each([
    [{ samples: 1 }, '1 samples cannot be dissected'],
    [{ level: { mode: 'quantile', quantile: 2 } }, '2 is no share of the pixels'],
    [{ level: { mode: 'quantile', quantile: 0 } }, '0 is no share of the pixels'],
    [{ leastIou: 1.5 }, '1.5 is no IoU'],
    [{ resolution: 0 }, 'Maps of 0 pixels'],
    [{ classes: 7 }, 'no class 7'],
    [{ layers: [] }, 'No layer was chosen'],
    [{ source: { ...DISSECT_DEFAULTS.source, truncation: { mode: 'psi', psi: 0.7 } } }, 'without ψ'],
  ] as const)('is %j', async (settings, says) => {
    const error = await refused({ settings });
    expect([error.code, error.message]).toEqual(['input.invalid', expect.stringContaining(says)]);
  });

  it('is done with no classifier, and nothing without names', async () => {
    const folder = temporaryFolder();
    const classifier = copyFolder(SEGMENTER, path.join(folder, 'classifier'), (to) =>
      fs.copyFileSync(path.join(FIXTURES, 'classifier.onnx'), path.join(to, 'onnx', 'model.onnx')),
    );
    const nameless = copyFolder(SEGMENTER, path.join(folder, 'nameless'), (to) =>
      editJson(
        path.join(to, 'config.json'),
        ({ id2label: _, label2id: __, num_labels: ___, ...rest }) => rest,
      ),
    );
    const codes = [];
    for (const segmenter of [classifier, nameless, path.join(folder, 'gone')])
      codes.push((await refused({ segmenter })).code);
    expect(codes).toEqual([expect.stringMatching(/^segmenter\./), 'segmenter.invalid', 'segmenter.missing']);
  });

  it('is a generator that makes NaN', async () => {
    const model = { path: path.join(FIXTURES, 'nan.onnx') };
    const error = await refused({ model, settings: { layers: ['b16'], samples: 8 } });
    expect(error.code).toBe('model.nonFinite');
  });
});

describe('a cache that cannot be written', () => {
  it('is refused before any work when nothing can be made there', async () => {
    const file = path.join(temporaryFolder(), 'a file');
    fs.writeFileSync(file, 'in the way');
    const error = await dissected({ models: withModels(), cache: file }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'output.notWritable', message: expect.stringContaining('a file') });
    expect(fs.readFileSync(file, 'utf8')).toBe('in the way');
  });

  it('loses nothing when it fails at the end', async () => {
    const models = withModels();
    const asked = { models, cache: temporaryFolder() };
    const { file, dissection } = await dissected(asked);
    // Something else in its place: renaming fails as a full disk would make it.
    fs.rmSync(file ?? '');
    fs.mkdirSync(path.join(file ?? '', 'in the way'), { recursive: true });
    const again = await dissected(asked);
    expect(again).toMatchObject({ cached: false, file: null });
    expect(again.dissection.warnings).toEqual([expect.stringContaining('not kept for another time')]);
    expect(again.dissection.layers).toEqual(dissection.layers);
    // A state may be there, where the work took long enough to keep one.
    const rest = fs.readdirSync(path.dirname(file ?? '')).filter((name) => name !== 'state.bin');
    expect(rest).toEqual(['dissection.json']);
  });

  it('loses nothing when it fails on the way, and says so', async () => {
    const models = withModels();
    const asked = { models, cache: temporaryFolder() };
    const { file, dissection } = await dissected(asked);
    fs.rmSync(file ?? '');
    fs.mkdirSync(path.join(path.dirname(file ?? ''), 'state.bin', 'in the way'), { recursive: true });
    expect(await interrupted(asked, 'agreement', 1)).toMatchObject({
      code: 'output.notWritable',
      message: expect.stringContaining('What was found so far could not be kept.'),
    });
    const again = await dissected(asked);
    expect(again.dissection.layers).toEqual(dissection.layers);
  });
});
