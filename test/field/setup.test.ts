/** The networks of published scores, set up once, from a hub on this machine. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { publishedExtractor } from '../../src/engine/models/published.ts';
import { setUpExtractor } from '../../src/engine/models/setUpExtractor.ts';
import { CLI, genscope } from '../engine/support/cli.ts';
import { withModels } from '../engine/support/dissection.ts';
import { ROOT, temporaryFolder } from '../engine/support/engine.ts';
import { COMMIT, startHub } from '../engine/support/fakeHub.ts';
import { tinyExtractor } from '../engine/support/scoring.ts';

const FOLDER = path.join(ROOT, 'test', 'fixtures', 'field', 'extractor-range');
const [FAKE, REAL] = ['fake', 'real'].map((name) => path.join(FOLDER, name)) as [string, string];

/** A network of so many features: the three colours again and again. */
function network(features: number): Buffer {
  const file = tinyExtractor(path.join(temporaryFolder(), 'model.onnx'), {
    inputName: 'pixel_values',
    nodes: [
      ['Concat', new Array(Math.ceil(features / 3)).fill('pixel_values'), ['wide'], { axis: 1n }],
      ['GlobalAveragePool', ['wide'], ['maps']],
      ['Flatten', ['maps'], ['all'], { axis: 1n }],
      ['Slice', ['all', 'begin', 'end', 'axis'], ['features']],
    ],
    outputs: { features: ['N', features] },
    constants: { begin: [0], end: [features], axis: [1] },
  });
  return fs.readFileSync(file);
}

const PROCESSOR = {
  ...{ image_processor_type: 'BitImageProcessor', do_resize: true, size: { height: 16, width: 16 } },
  ...{ resample: 3, do_rescale: true, rescale_factor: 1 / 255, do_normalize: false },
};

async function hubWith(id: string, model: string, features: number) {
  const hub = await startHub(
    new Map([
      ['config.json', Buffer.from('{}')],
      ['preprocessor_config.json', Buffer.from(JSON.stringify(PROCESSOR))],
      [model, network(features)],
    ]),
    /\.onnx/,
    id,
  );
  const folder = temporaryFolder();
  const env = {
    ...process.env,
    HF_ENDPOINT: hub.endpoint,
    HF_HUB_CACHE: path.join(folder, 'hub'),
    HF_TOKEN: '',
  };
  // The hub answers in this process, so the command may not block it.
  const run = (...args: string[]) =>
    new Promise<{ code: number | null; stderr: string }>((resolve) => {
      const child = spawn(process.execPath, [CLI, ...args, '--cache', path.join(folder, 'cache')], {
        ...{ env, stdio: ['ignore', 'ignore', 'pipe'] },
      });
      let stderr = '';
      child.stderr.on('data', (chunk) => {
        stderr += chunk;
      });
      child.once('close', (code) => resolve({ code, stderr }));
    });
  return { hub, run, cache: path.join(folder, 'cache'), hubCache: path.join(folder, 'hub') };
}

function found(folder: string, name: string): string {
  const [match = ''] = fs
    .readdirSync(folder, { recursive: true })
    .map(String)
    .filter((one) => one.endsWith(name));
  return path.join(folder, match);
}

describe('genscope setup', () => {
  it('dinov2: nothing without a yes; then fetched, tried out, pinned, and what its preset is made with', async () => {
    const { hub, run, cache, hubCache } = await hubWith('Xenova/dinov2-large', 'onnx/model.onnx', 1024);
    const unasked = await run('setup', 'dinov2', '--download');
    expect(unasked).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/1\.2 GB from Xenova\/dinov2-large .*Apache-2\.0.*add --yes/),
    });
    expect(hub.requests).toEqual([]);
    const missing = await run('score', FAKE, REAL, '--preset', 'fd-dinov2');
    expect(missing).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('genscope setup dinov2 --download'),
    });

    const { code, stderr } = await run('setup', 'dinov2', '--download', '--yes');
    expect([code, stderr]).toEqual([0, expect.stringContaining(`commit ${COMMIT.slice(0, 12)}`)]);
    const score = (...more: string[]) =>
      genscope('score', FAKE, REAL, '--preset', 'fd-dinov2', '--cache', cache, '--json', ...more);
    const run1 = JSON.parse(score().stdout);
    expect([run1.extractor.features, run1.extractor.resize]).toEqual([1024, 'own']);
    // The folder may be a person's; what lies in it later is held against the pin.
    const settings = found(hubCache, 'preprocessor_config.json');
    const text = fs.readFileSync(settings, 'utf8').replace('"resample":3', '"resample":2');
    fs.rmSync(settings);
    fs.writeFileSync(settings, text);
    expect(score()).toMatchObject({ status: 2, stderr: expect.stringContaining('is not what was set up') });
  });

  it('clip: the half that looks at pictures; a folder does as well, and another network is refused', async () => {
    const { run, hubCache } = await hubWith(
      'Xenova/clip-vit-large-patch14-336',
      'onnx/vision_model.onnx',
      768,
    );
    expect((await run('setup', 'clip', '--download', '--yes')).code).toBe(0);
    const folder = path.dirname(found(hubCache, 'preprocessor_config.json'));
    expect((await run('setup', 'clip', folder)).code).toBe(0);
    const wrong = await run('setup', 'dinov2', folder);
    expect(wrong).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('it gives 768 features, not 1024'),
    });
  });

  it('the palette’s request: the same, with progress, under the hub address of the settings', async () => {
    const { hub, cache, hubCache } = await hubWith('Xenova/dinov2-large', 'onnx/model.onnx', 1024);
    const models = withModels();
    const seen: number[] = [];
    const context = {
      models,
      signal: new AbortController().signal,
      report: ({ done }: { readonly done: number }) => void seen.push(done),
    };
    const params = { id: 'dinov2', folder: null, endpoint: hub.endpoint, hubCache, cache };
    const result = await setUpExtractor(params, context);
    expect([result.commit, result.extractor.features]).toEqual([COMMIT, 1024]);
    expect(Math.max(...seen)).toBeGreaterThan(1000);
    expect(publishedExtractor(cache, 'dinov2')).toEqual({
      path: result.folder,
      sha256: result.extractor.sha256,
    });
    const again = await setUpExtractor({ ...params, folder: result.folder }, context);
    expect(again.commit).toBeNull();
    await expect(setUpExtractor({ ...params, id: 'resnet' }, context)).rejects.toMatchObject({
      code: 'input.invalid',
      advice: 'Choose dinov2 or clip.',
    });
    const stopped = { ...context, signal: AbortSignal.abort() };
    const elsewhere = { ...params, hubCache: temporaryFolder() };
    await expect(setUpExtractor(elsewhere, stopped)).rejects.toMatchObject({ code: 'request.cancelled' });
  });

  it('says what there is, and refuses the rest', () => {
    expect(genscope('setup').stdout).toMatch(/inception[\s\S]*dinov2[\s\S]*clip/);
    for (const args of [['resnet'], ['dinov2'], ['dinov2', 'a', 'b'], ['dinov2', 'a', '--download']])
      expect(genscope('setup', ...args).status).toBe(2);
  });
});
