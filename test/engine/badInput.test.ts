/** Whatever a person opens by mistake: one coded sentence from the engine, the same with exit 2 from the command line. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { asGenscopeError, GenscopeError } from '../../src/shared/kernel/errors.ts';
import { collector, DEMO, FIXTURES, ROOT, seeds, startEngine, temporaryFolder } from './support/engine.ts';

type Make = (folder: string) => string;

const copy =
  (name: string): Make =>
  (folder) => {
    const target = path.join(folder, name);
    fs.copyFileSync(path.join(FIXTURES, name), target);
    return target;
  };
const write =
  (name: string, content: string | Uint8Array): Make =>
  (folder) => {
    const target = path.join(folder, name);
    fs.writeFileSync(target, content);
    return target;
  };
const demo = () => fs.readFileSync(DEMO);
const LFS =
  'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n';
const PICKLE = Uint8Array.from([
  0x80,
  2,
  0x63,
  ...new TextEncoder().encode('torch._utils\n_rebuild_tensor\n'),
]);
const ZIP = Uint8Array.from([
  0x50,
  0x4b,
  3,
  4,
  ...new TextEncoder().encode('archive/data.pkl'),
  ...new Array<number>(64).fill(0),
]);

const CASES: readonly (readonly [string, string, Make])[] = [
  ['a file that is not there', 'model.missing', (folder) => path.join(folder, 'gone.onnx')],
  ['a folder', 'model.unreadable', (folder) => folder],
  ['an empty file', 'model.empty', write('empty.onnx', '')],
  [
    'a truncated file',
    'model.truncated',
    (folder) => write('cut.onnx', demo().subarray(0, 2_000_000))(folder),
  ],
  [
    'random bytes',
    'model.notOnnx',
    write(
      'random.onnx',
      Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919 + 13) % 251),
    ),
  ],
  ['a Git LFS pointer', 'model.lfsPointer', write('pointer.onnx', LFS)],
  ['a PyTorch checkpoint', 'model.checkpoint', write('generator.pt', ZIP)],
  ['a pickle named .onnx', 'model.checkpoint', write('pickle.onnx', PICKLE)],
  ['weights that are missing', 'model.externalDataMissing', copy('external-missing.onnx')],
  ['an unknown operator', 'model.unsupported', copy('custom-domain.onnx')],
  ['a classifier', 'model.notGenerator', copy('classifier.onnx')],
  ['a language model', 'model.notGenerator', copy('language-model.onnx')],
  ['a segmenter', 'model.notGenerator', copy('segmenter.onnx')],
  ['a discriminator', 'model.notGenerator', copy('discriminator.onnx')],
  ['three inputs that fit nothing', 'model.rolesUnknown', copy('unknown.onnx')],
  ['weights that are not numbers', 'model.nonFinite', copy('nan.onnx')],
  [
    'a sidecar that is not JSON',
    'sidecar.invalid',
    (folder) => {
      write('dcgan.genscope.json', '{ "schema": 1, ')(folder);
      return copy('dcgan.onnx')(folder);
    },
  ],
];

describe('bad input', () => {
  it.each(CASES)('%s: %s', async (_, code, make) => {
    const file = make(temporaryFolder());
    const { client, states } = startEngine();
    const thrown = await client
      .request('sample', { model: { path: file }, plan: seeds(4), maxSide: 64, encoding: 'rgba' })
      .catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(GenscopeError);
    const error = asGenscopeError(thrown);
    expect(error.code).toBe(code);
    expectPlainSentences(error);
    // Nothing else breaks: the same process goes on.
    expect(states).toEqual(['starting', 'ready']);
    expect(
      (
        await client.request('sample', {
          model: { path: DEMO },
          plan: seeds(1),
          maxSide: 64,
          encoding: 'rgba',
        })
      ).count,
    ).toBe(1);

    const cli = spawnSync(process.execPath, [
      path.join(ROOT, 'dist', 'cli.js'),
      'sample',
      file,
      '--out',
      path.join(temporaryFolder(), 'x.png'),
    ]);
    expect(cli.stderr.toString().trim().split('\n').at(-1)).toBe(
      `genscope: ${error.message} ${error.advice}`,
    );
    expect(cli.stdout.toString()).toBe('');
    expect(cli.status).toBe(2);
  });

  it('a file deleted while it is open: what is drawn stays, the next request says so', async () => {
    const file = copy('dcgan.onnx')(temporaryFolder());
    const { client } = startEngine();
    const request = { model: { path: file }, plan: seeds(2), maxSide: 64, encoding: 'rgba' as const };
    await client.request('sample', request);
    fs.rmSync(file);
    await expect(client.request('sample', request)).rejects.toMatchObject({ code: 'model.missing' });
  });

  it('a file overwritten while it is open: the next request shows the new one', async () => {
    const folder = temporaryFolder();
    const file = path.join(folder, 'generator.onnx');
    fs.copyFileSync(path.join(FIXTURES, 'dcgan.onnx'), file);
    const { client } = startEngine();
    expect((await client.request('describe', { model: { path: file }, depth: 'quick' })).latentSize).toBe(16);
    fs.copyFileSync(path.join(FIXTURES, 'label.onnx'), file);
    expect(await client.request('describe', { model: { path: file }, depth: 'quick' })).toMatchObject({
      latentSize: 12,
      classes: 5,
    });
  });

  it('a caller that works from an older file is told so, instead of being given pictures of another', async () => {
    const folder = temporaryFolder();
    const file = path.join(folder, 'external.onnx');
    for (const name of ['external.onnx', 'external.onnx.data'])
      fs.copyFileSync(path.join(FIXTURES, name), path.join(folder, name));
    const { client } = startEngine();
    const { stamp } = await client.request('describe', { model: { path: file }, depth: 'quick' });
    const request = { model: { path: file }, stamp, plan: seeds(2), maxSide: 64, encoding: 'rgba' as const };
    const before = collector();
    await client.request('sample', request, { onProgress: before.onProgress });
    // Only the weights change, in the file beside the graph.
    const weights = fs.readFileSync(`${file}.data`);
    for (let at = 0; at + 4 <= weights.length; at += 4)
      weights.writeFloatLE(weights.readFloatLE(at) * -1.5, at);
    fs.writeFileSync(`${file}.data`, weights);
    await expect(client.request('sample', request)).rejects.toMatchObject({ code: 'model.changed' });
    const after = collector();
    const fresh = await client.request('describe', { model: { path: file }, depth: 'full' });
    await client.request('sample', { ...request, stamp: fresh.stamp }, { onProgress: after.onProgress });
    expect(after.pixels()).not.toEqual(before.pixels());
    expect(fresh.stamp).not.toBe(stamp);
  });

  it('describes what it can of a model whose sidecar is broken, so that the person can mend it', async () => {
    const folder = temporaryFolder();
    write('dcgan.genscope.json', '{ "schema": 2 }')(folder);
    const file = copy('dcgan.onnx')(folder);
    const { client } = startEngine();
    const described = await client.request('describe', { model: { path: file }, depth: 'quick' });
    expect(described.refusal).toMatchObject({ code: 'sidecar.invalid' });
    expect(described.inputs.map(({ name }) => name)).toEqual(['z']);
  });

  it('answers that a person gave open what could not be guessed', async () => {
    const { client } = startEngine();
    const file = path.join(FIXTURES, 'embedded.onnx');
    const before = await client.request('describe', { model: { path: file }, depth: 'quick' });
    expect(before.needsAnswers).toBe(true);
    const inputs = Object.fromEntries(before.inputs.map(({ name }) => [name, { role: 'latent' as const }]));
    const answered = { path: file, sidecar: { schema: 1 as const, inputs } };
    const after = await client.request('describe', { model: answered, depth: 'quick' });
    expect(after.needsAnswers).toBe(false);
    expect(after.inputs.every(({ guess }) => guess.certainty === 'confirmed')).toBe(true);
  });
});

/** One sentence that says what is wrong and one that says what to do; no codes, no stack, no source paths. */
function expectPlainSentences(error: GenscopeError): void {
  for (const sentence of [error.message, error.advice]) {
    expect(sentence).toMatch(/[.!?]$/);
    expect(sentence).not.toMatch(
      /\n|\bat .*:\d+:\d+|onnxruntime_src|\[ONNXRuntimeError\]|undefined|\[object/,
    );
    expect(sentence.length).toBeLessThan(330);
  }
}
