/** Damaged files in the real engine, runtime included: it answers every one with a description or a coded error. */
import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memorySource, openModel } from '../../src/onnx/open.ts';
import { asGenscopeError } from '../../src/shared/kernel/errors.ts';
import { mutate, type Step, steps } from '../unit/onnx/mutate.ts';
import { FIXTURES, ROOT, startEngine, temporaryFolder } from './support/engine.ts';

const COUNT = 500;
const ZOO = path.join(ROOT, 'test', 'fixtures', 'zoo', 'models');

const corpus = [
  ...['dcgan.onnx', 'noise-inside.onnx', 'label.onnx', 'truncation.onnx', 'dynamo.onnx'].map((file) =>
    path.join(FIXTURES, file),
  ),
  ...[
    'dcgan.ts.op13.onnx',
    'vae.dynamo.op18.onnx',
    'vae-whole.ts.op13.onnx',
    'wgan-gp-conv.ts.op13.onnx',
  ].map((file) => path.join(ZOO, file)),
].map((file) => new Uint8Array(fs.readFileSync(file)));

/** The first `COUNT` damaged files of a fixed series that still open, so that the runtime gets to see them. */
function* damaged(): Generator<Uint8Array> {
  let found = 0;
  const series = fc.sample(fc.tuple(fc.nat(corpus.length - 1), steps), { numRuns: 4 * COUNT, seed: 7 });
  for (const [which, all] of series) {
    const bytes = (all as readonly Step[]).reduce(
      (sofar, step) => mutate(sofar, step, corpus),
      corpus[which] as Uint8Array,
    );
    try {
      openModel(memorySource(bytes), 'm.onnx');
    } catch {
      continue;
    }
    yield bytes;
    if (++found === COUNT) return;
  }
}

describe('damaged files in the engine', () => {
  it(`${COUNT} that open are described or refused`, { timeout: 180_000 }, async () => {
    const { client, states } = startEngine({ threads: 1 });
    const file = path.join(temporaryFolder(), 'm.onnx');
    const counts = { described: 0, refused: 0 };
    let slowest = 0;
    let asked = 0;
    for (const bytes of damaged()) {
      fs.writeFileSync(file, bytes);
      const start = performance.now();
      const depth = asked++ % 4 === 0 ? 'full' : 'quick';
      const code = await client.request('describe', { model: { path: file }, depth }).then(
        ({ refusal }) => refusal?.code,
        (thrown: unknown) => asGenscopeError(thrown).code,
      );
      slowest = Math.max(slowest, performance.now() - start);
      expect(['internal', 'engine.crashed', 'engine.dying']).not.toContain(code);
      counts[code === undefined ? 'described' : 'refused']++;
    }
    expect(states).not.toContain('crashed');
    expect(slowest).toBeLessThan(5000);
    expect(counts.described + counts.refused).toBe(COUNT);
    expect(counts.described).toBeGreaterThan(COUNT / 10);
    expect(counts.refused).toBeGreaterThan(COUNT / 10);
  });
});
