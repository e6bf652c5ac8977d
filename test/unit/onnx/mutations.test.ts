/** Damaged files: an error with a sentence, or a model; never another exception, never long. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import type { ModelProto } from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import { GraphIndex } from '../../../src/onnx/graph.ts';
import { classifyModel, notGenerator } from '../../../src/onnx/kind.ts';
import { candidateLayers } from '../../../src/onnx/layers/layers.ts';
import { randomNodes, trainingWarnings } from '../../../src/onnx/noise.ts';
import { memorySource, openModel, serialize } from '../../../src/onnx/open.ts';
import { inferRoles, rolesOf } from '../../../src/onnx/roles/roles.ts';
import { applySidecar, makeSidecar } from '../../../src/onnx/sidecar.ts';
import { HEAD_BYTES, sniffFile } from '../../../src/onnx/sniff.ts';
import { unsupportedOperators } from '../../../src/onnx/support.ts';
import { planBake } from '../../../src/onnx/surgery/bake/bake.ts';
import { expose } from '../../../src/onnx/surgery/expose.ts';
import { freeBatch } from '../../../src/onnx/surgery/freeBatch/freeBatch.ts';
import { inlineFunctions } from '../../../src/onnx/surgery/inline.ts';
import { intervene } from '../../../src/onnx/surgery/intervene.ts';
import { pinNoise } from '../../../src/onnx/surgery/pinNoise/pinNoise.ts';
import { exposeShapes } from '../../../src/onnx/surgery/shapes.ts';
import { split } from '../../../src/onnx/surgery/split/split.ts';
import { concat, lengthField } from '../../../src/onnx/wire.ts';
import { GenscopeError } from '../../../src/shared/kernel/errors.ts';
import { mutate, type Step, steps } from './mutate.ts';
import { fixtureBytes, fixtureNames, openFixture } from './support.ts';

const ZOO = fileURLToPath(new URL('../../fixtures/zoo/models/', import.meta.url));

/** The smallest file of each family of the zoo, of each exporter. */
const zooFiles = Object.values(
  Object.fromEntries(
    readdirSync(ZOO)
      .filter((file) => file.endsWith('.onnx') && statSync(ZOO + file).size < 100_000)
      .sort((a, b) => statSync(ZOO + b).size - statSync(ZOO + a).size)
      .map((file) => [file.replace(/^([a-z0-9]+)[^.]*\.(ts|dynamo)\..*$/, '$1 $2'), file]),
  ),
);

/** Whole files, and the same without weights: there nearly every byte is structure, so that every flip tells. */
const corpus = [
  ...fixtureNames.flatMap((file) => [fixtureBytes(file), serialize(openFixture(file).model)]),
  ...zooFiles.map((file) =>
    serialize(openModel(memorySource(new Uint8Array(readFileSync(ZOO + file))), file).model),
  ),
];

/** More on demand: GENSCOPE_FUZZ=50000 npx vitest run … */
const RUNS = Number(process.env.GENSCOPE_FUZZ ?? 10_000);

/** All surgery, at a first and a last layer; what it refuses is refused with a sentence. */
function operate(model: ModelProto, graph: GraphIndex): void {
  const everything = graph.nodes.flatMap(({ output }) => output);
  const layers = candidateLayers(graph, new Map(everything.map((name) => [name, [1, 4, 8, 8]])));
  const refusals = [
    () => inlineFunctions(model),
    () => exposeShapes(model),
    () => freeBatch(model),
    () => pinNoise(model),
    ...[layers[0], layers.at(-1)].flatMap((layer) => {
      const tensor = layer?.tensor ?? 'x';
      return [
        () => split(model, tensor),
        () => intervene(model, [tensor]),
        () => planBake(model, [{ tensor, scale: [0, 1, 1, 1], shift: [0, 0, 0, 0] }]),
      ];
    }),
  ];
  for (const operation of refusals) {
    try {
      operation();
    } catch (error) {
      if (!(error instanceof GenscopeError)) throw error;
      expect(error.message).toMatch(/\.$/);
    }
  }
}

/** Everything that is done with a file before the runtime sees it; even a file that sniffing refused is opened. */
function inspect(bytes: Uint8Array, surgery = true): 'sniffed' | 'refused' | 'opened' {
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
    if (surgery) operate(model, graph);
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
    let inspected = 0;
    let slowest = 0;
    let largest = 0;
    const before = process.memoryUsage.rss();
    fc.assert(
      fc.property(fc.nat(corpus.length - 1), steps, (which, all) => {
        const bytes = (all as readonly Step[]).reduce(
          (sofar, step) => mutate(sofar, step, corpus),
          corpus[which] as Uint8Array,
        );
        const start = performance.now();
        counts[inspect(bytes, inspected++ % 10 === 0)]++;
        slowest = Math.max(slowest, performance.now() - start);
        largest = Math.max(largest, process.memoryUsage.rss() - before);
      }),
      { numRuns: RUNS },
    );
    expect(slowest).toBeLessThan(5000);
    expect(largest).toBeLessThan(2 ** 30);
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

  it('made to exhaust memory', { timeout: 240_000 }, () => {
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
      // A hang guard: fractions of a second on an idle machine.
      expect(performance.now() - start).toBeLessThan(30_000);
    }
  });

  it('a file of one kind of byte', () => {
    for (let byte = 0; byte < 256; byte++) {
      for (const length of [1, 7, 5000])
        expect(inspect(new Uint8Array(length).fill(byte))).not.toBe('opened');
    }
  });
});
