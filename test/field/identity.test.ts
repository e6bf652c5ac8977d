/** One opened model is one identity: a file that is replaced while somebody works with it never gives a mixed answer. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { features } from '../../src/engine/features/features.ts';
import { hashModel, openModelFile } from '../../src/engine/open/modelFile.ts';
import { exportSamples } from '../../src/engine/samples/exportSamples.ts';
import { samplePictures } from '../../src/engine/samples/sampling.ts';
import type { DissectProgress } from '../../src/shared/units/dissection.ts';
import { CLI } from '../engine/support/cli.ts';
import { dissected, withModels } from '../engine/support/dissection.ts';
import { DEMO, FIXTURES, seeds, temporaryFolder } from '../engine/support/engine.ts';
import { EXTRACTOR, neverCancelled, settings } from '../engine/support/scoring.ts';

const CHANGED = expect.objectContaining({ code: 'model.changed' });
/** Another checkpoint: the demo with one weight's last byte turned over, so of the same size. */
function checkpoints() {
  const folder = temporaryFolder();
  const [model, next] = [path.join(folder, 'generator.onnx'), path.join(folder, 'next.onnx')] as const;
  fs.copyFileSync(DEMO, model);
  const bytes = fs.readFileSync(DEMO);
  bytes[bytes.length - 1000] = (bytes[bytes.length - 1000] as number) ^ 1;
  fs.writeFileSync(next, bytes);
  // The same time as well: only the inode tells them apart.
  const { atime, mtime } = fs.statSync(model);
  fs.utimesSync(model, atime, mtime);
  fs.utimesSync(next, atime, mtime);
  return { model, replace: () => fs.renameSync(next, model) };
}

function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (!done) work();
    done = true;
  };
}

describe('a model that is replaced while it is open', () => {
  for (const phase of ['levels', 'agreement'] as const)
    it(`dissecting (${phase}): refused, and nothing is kept under either hash`, async () => {
      const { model, replace } = checkpoints();
      const cache = temporaryFolder();
      let done = false;
      const onProgress = (progress: DissectProgress) => {
        if (progress.phase !== phase || progress.done === 0 || done) return;
        done = true;
        replace();
      };
      const asked = { models: withModels(), model: { path: model }, cache };
      await expect(dissected({ ...asked, onProgress })).rejects.toEqual(CHANGED);
      const kept = fs.readdirSync(cache, { recursive: true }).map(String);
      expect(kept.filter((name) => name.endsWith('.json'))).toEqual([]);
      // What is asked next is the new file's alone.
      const fresh = await dissected({ ...asked, models: withModels() });
      const sha256 = await hashModel(openModelFile({ path: model }), neverCancelled);
      expect(fresh.dissection.model.sha256).toBe(sha256);
    });

  it('sampling in batches: the batch after it is refused', async () => {
    const { model, replace } = checkpoints();
    const generator = await withModels().generator({ path: model });
    const batches = samplePictures(generator, seeds(64), { signal: neverCancelled });
    expect((await batches.next()).done).toBe(false);
    replace();
    await expect(batches.next()).rejects.toEqual(CHANGED);
  });

  it('exporting and extracting features: refused, and no file is left', async () => {
    const models = withModels();
    const first = checkpoints();
    const folder = path.join(temporaryFolder(), 'out');
    const exporting = exportSamples(
      { model: { path: first.model }, plan: seeds(800), folder, images: 'npy' },
      { models, signal: neverCancelled, report: once(first.replace) },
    );
    await expect(exporting).rejects.toEqual(CHANGED);
    expect(fs.readdirSync(folder)).toEqual([]);
    const second = checkpoints();
    const out = path.join(temporaryFolder(), 'features.npz');
    const { source, classes, quantisation } = settings();
    const input = { kind: 'model', model: { path: second.model }, samples: 256, seed: 0 } as const;
    const extracting = features(
      {
        input: { ...input, source, classes, quantisation },
        ...{ extractor: { path: EXTRACTOR }, out, cache: null },
      },
      { models, signal: neverCancelled, report: once(second.replace) },
    );
    await expect(extracting).rejects.toEqual(CHANGED);
    expect(fs.existsSync(out)).toBe(false);
  });

  it('written over in place, the weights beside it alone, its sidecar: each is another model', async () => {
    const folder = temporaryFolder();
    for (const name of ['external.onnx', 'external.onnx.data'])
      fs.copyFileSync(path.join(FIXTURES, name), path.join(folder, name));
    const model = path.join(folder, 'external.onnx');
    const open = async () => {
      const generator = await withModels().generator({ path: model });
      const batches = samplePictures(generator, seeds(4), { signal: neverCancelled });
      return () => batches.next();
    };
    const overData = await open();
    const data = fs.readFileSync(path.join(folder, 'external.onnx.data'));
    data[0] = (data[0] as number) ^ 1;
    fs.writeFileSync(path.join(folder, 'external.onnx.data'), data);
    await expect(overData()).rejects.toEqual(CHANGED);
    const overSidecar = await open();
    fs.writeFileSync(path.join(folder, 'external.genscope.json'), '{"schema": 1}');
    await expect(overSidecar()).rejects.toEqual(CHANGED);
  });

  it('a hash is of the bytes that were opened, or refused', async () => {
    const { model, replace } = checkpoints();
    const file = openModelFile({ path: model });
    replace();
    await expect(hashModel(file, neverCancelled)).rejects.toEqual(CHANGED);
  });

  it('named by a relative path it is the same file, whatever the working directory is meanwhile', () => {
    const cwd = path.dirname(DEMO);
    const args = ['describe', path.basename(DEMO), '--json'];
    const { status, stdout } = spawnSync(process.execPath, [CLI, ...args], { cwd, encoding: 'utf8' });
    expect([status, JSON.parse(stdout).layers.length]).toEqual([0, 7]);
  });
});
