/** Damaged files: an error with a sentence, or a model; never another exception, never long. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GraphIndex } from '../../../src/onnx/graph.ts';
import { classifyModel, notGenerator } from '../../../src/onnx/kind.ts';
import { candidateLayers } from '../../../src/onnx/layers.ts';
import { randomNodes, trainingWarnings } from '../../../src/onnx/noise.ts';
import { memorySource, openModel, serialize } from '../../../src/onnx/open.ts';
import { inferRoles, rolesOf } from '../../../src/onnx/roles.ts';
import { applySidecar, makeSidecar } from '../../../src/onnx/sidecar.ts';
import { HEAD_BYTES, sniffFile } from '../../../src/onnx/sniff.ts';
import { unsupportedOperators } from '../../../src/onnx/support.ts';
import { expose } from '../../../src/onnx/surgery/expose.ts';
import { concat, lengthField } from '../../../src/onnx/wire.ts';
import { GenscopeError } from '../../../src/shared/errors.ts';
import { fixtureBytes, fixtureNames, openFixture } from './support.ts';

/** Whole files, and the same without weights: there nearly every byte is structure, so that every flip tells. */
const corpus = fixtureNames.flatMap((file) => [fixtureBytes(file), serialize(openFixture(file).model)]);

/** More on demand: GENSCOPE_FUZZ=50000 npx vitest run … */
const RUNS = Number(process.env.GENSCOPE_FUZZ ?? 3000);

// Not fc.double, whose values crowd around 0: every file would be damaged at its first byte.
const place = fc.noBias(fc.nat(0xffffff)).map((n) => n / 0x1000000);
const mutation = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('flip' as const), at: place, bit: fc.nat(7) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('set' as const),
      at: place,
      to: fc.constantFrom(0, 1, 127, 128, 255),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut' as const), at: place }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('splice' as const),
      at: place,
      other: fc.nat(),
      from: place,
      length: fc.nat(300),
    }),
  },
);
type Mutation = typeof mutation extends fc.Arbitrary<infer M> ? M : never;

function mutate(bytes: Uint8Array, step: Mutation): Uint8Array {
  const at = Math.floor(step.at * bytes.length);
  if (step.kind === 'cut') return bytes.slice(0, at);
  if (step.kind === 'splice') {
    const other = corpus[step.other % corpus.length] as Uint8Array;
    const from = Math.floor(step.from * other.length);
    return new Uint8Array(
      Buffer.concat([bytes.subarray(0, at), other.subarray(from, from + step.length), bytes.subarray(at)]),
    );
  }
  const out = bytes.slice();
  if (out.length > 0) out[at] = step.kind === 'flip' ? (out[at] as number) ^ (1 << step.bit) : step.to;
  return out;
}

/** Everything that is done with a file before the runtime sees it; even a file that sniffing refused is opened. */
function inspect(bytes: Uint8Array): 'sniffed' | 'refused' | 'opened' {
  const sniffed = sniffFile('m.onnx', bytes.subarray(0, HEAD_BYTES), bytes.length) !== null;
  try {
    const { model } = openModel(memorySource(bytes), 'm.onnx');
    const graph = new GraphIndex(model);
    const guesses = inferRoles(graph);
    applySidecar(guesses, makeSidecar(rolesOf(guesses)));
    inferRoles(graph, {
      outputs: Object.fromEntries(
        graph.outputs.map(({ name }) => [name, { shape: [1, 3, 8, 8], min: -1, max: 1 }]),
      ),
    });
    notGenerator(classifyModel(graph, guesses));
    unsupportedOperators(graph);
    randomNodes(graph);
    trainingWarnings(graph);
    serialize(
      expose(
        model,
        candidateLayers(graph).map(({ tensor }) => tensor),
      ),
    );
    return sniffed ? 'sniffed' : 'opened';
  } catch (error) {
    if (!(error instanceof GenscopeError)) throw error;
    expect(error.message).toMatch(/\.$/);
    expect(error.advice).toMatch(/\.$/);
    return sniffed ? 'sniffed' : 'refused';
  }
}

describe('damaged files', () => {
  it(`${RUNS} of them give an error or a model`, { timeout: 60_000 + 20 * RUNS }, () => {
    const counts = { sniffed: 0, refused: 0, opened: 0 };
    let slowest = 0;
    fc.assert(
      fc.property(
        fc.nat(corpus.length - 1),
        fc.array(mutation, { minLength: 1, maxLength: 6 }),
        (which, steps) => {
          const bytes = steps.reduce(mutate, corpus[which] as Uint8Array);
          const start = performance.now();
          counts[inspect(bytes)]++;
          slowest = Math.max(slowest, performance.now() - start);
        },
      ),
      { numRuns: RUNS },
    );
    expect(slowest).toBeLessThan(5000);
    // All three ways out have been taken, so the mutations are neither too mild nor too wild.
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(RUNS / 60);
  });

  it('every truncation of one is an error', { timeout: 60_000 }, () => {
    const bytes = serialize(openFixture('label.onnx').model);
    for (let length = 0; length < bytes.length; length++) {
      // Cut between the graph and what follows it (the operator sets), a file is whole again, if a poor one.
      const outcome = inspect(bytes.subarray(0, length));
      if (outcome === 'opened') expect(bytes.length - length).toBeLessThan(64);
    }
  });

  it('made to exhaust memory', { timeout: 60_000 }, () => {
    // 8 MB of two-byte messages, at every level: fields, graph inputs, nodes, weights, attributes of one node.
    const size = 8_000_000;
    const pairs = (tag: number) => new Uint8Array(size).map((_, i) => (i % 2 === 0 ? tag : 0));
    const graph = (bytes: Uint8Array) => concat(lengthField(7, [bytes]));
    const node = (bytes: Uint8Array) => concat(lengthField(1, [bytes]));
    const small = node(pairs(0x2a).subarray(0, 1000));
    const files = [
      pairs(0x08),
      graph(pairs(0x5a)),
      graph(pairs(0x0a)),
      graph(pairs(0x2a)),
      graph(node(pairs(0x2a))),
      graph(concat(Array.from({ length: size / 1004 }, () => small))),
      graph(concat(lengthField(5, [pairs(0x08)]))),
    ];
    for (const file of files) {
      const start = performance.now();
      expect(inspect(file)).not.toBe('opened');
      expect(performance.now() - start).toBeLessThan(5000);
    }
  });

  it('a file of one kind of byte', () => {
    for (let byte = 0; byte < 256; byte++) {
      for (const length of [1, 7, 5000])
        expect(inspect(new Uint8Array(length).fill(byte))).not.toBe('opened');
    }
  });
});
