import { describe, expect, it } from 'vitest';
import { cannotOpen, classifyModel, notGenerator } from '../../../src/onnx/kind.ts';
import { inferRoles } from '../../../src/onnx/roles/roles.ts';
import { applySidecar } from '../../../src/onnx/sidecar.ts';
import { unsupportedOperators } from '../../../src/onnx/support.ts';
import type { ModelKind } from '../../../src/shared/generator/model.ts';
import { fixtureGraph, fixtureNames, graphOf, op, value } from './support.ts';

const verdict = (graph: ReturnType<typeof fixtureGraph>) => classifyModel(graph, inferRoles(graph));

const OTHERS: Readonly<Record<string, readonly [ModelKind, string]>> = {
  'classifier.onnx': [
    'classifier',
    'This looks like an image classifier (image in, 10 scores out), not a generator.',
  ],
  'discriminator.onnx': [
    'discriminator',
    'This looks like a discriminator (image in, one score out), not a generator.',
  ],
  'encoder.onnx': [
    'encoder',
    'This looks like an image encoder (image in, 24 features out), not a generator.',
  ],
  'language-model.onnx': [
    'languageModel',
    'This looks like a language model (token ids in, scores of 40 tokens out), not a generator.',
  ],
  'segmenter.onnx': [
    'segmenter',
    'This looks like a segmentation model (image in, 13 maps out), not a generator.',
  ],
  'autoencoder.onnx': [
    'imageToImage',
    'This looks like an image-to-image model (image in, image out): it translates pictures, and has no latent to sample.',
  ],
  'unknown.onnx': [
    'unknown',
    'This looks like a graph of another kind (3 inputs, 1 output), and Genscope cannot tell how to make pictures with it.',
  ],
};

describe('kinds', () => {
  for (const file of fixtureNames) {
    const [kind, sentence] = OTHERS[file] ?? ['generator', undefined];
    it(`${file}: ${kind}`, () => {
      const found = verdict(fixtureGraph(file));
      expect(found.kind).toBe(kind);
      const error = notGenerator(found);
      expect(error?.message).toBe(sentence);
      expect(cannotOpen(found)).toEqual(kind === 'imageToImage' ? null : error);
      if (error !== null)
        expect(error.code).toBe(kind === 'unknown' ? 'model.rolesUnknown' : 'model.notGenerator');
    });
  }

  const image = value('x', ['N', 3, 64, 64]);
  const one = (
    inputs: ReturnType<typeof value>[],
    output: ReturnType<typeof value>,
    nodes: ReturnType<typeof op>[],
  ) => verdict(graphOf({ inputs, outputs: [output], nodes }));

  it('a PatchGAN discriminator', () => {
    expect(one([image], value('y', ['N', 1, 6, 6]), [op('Conv', ['x', 'w'], ['y'])])).toMatchObject({
      kind: 'discriminator',
      phrase: expect.stringMatching(/discriminator/),
    });
  });
  it('a thousand scores', () => {
    expect(one([image], value('out', ['N', 1000]), [op('Conv', ['x', 'w'], ['out'])]).phrase).toContain(
      '1,000 scores',
    );
  });
  it('scores and features by how they end, where names say nothing', () => {
    const judged = (width: number, nodes: ReturnType<typeof op>[], more: ReturnType<typeof value>[] = []) => {
      const outputs = [value('out', ['N', width]), ...more];
      return verdict(graphOf({ inputs: [image], outputs, nodes: [op('Conv', ['x', 'w'], ['c']), ...nodes] }))
        .kind;
    };
    const gemm = (output: string) => op('Gemm', ['c', 'v'], [output]);
    expect(judged(512, [gemm('s'), op('Softmax', ['s'], ['out'])])).toBe('classifier');
    expect(
      judged(37, [gemm('g'), op('BatchNormalization', ['g'], ['b']), op('Flatten', ['b'], ['out'])]),
    ).toBe('encoder');
    expect(judged(37, [op('GlobalAveragePool', ['c'], ['p']), op('Flatten', ['p'], ['out'])])).toBe(
      'encoder',
    );
    // Mean and variance of a latent.
    expect(judged(20, [gemm('out'), gemm('two')], [value('two', ['N', 20])])).toBe('encoder');
    expect(judged(1, [gemm('out')])).toBe('discriminator');
    // Nothing but the width is left, and that is said.
    expect(judged(1000, [gemm('out')])).toBe('classifier');
    expect(judged(512, [gemm('out')])).toBe('encoder');
    expect(
      one([image], value('out', ['N', 512]), [op('Conv', ['x', 'w'], ['c']), gemm('out')]).phrase,
    ).toMatch(/512 features out, or scores/);
    expect(one([image], value('out', ['N', 18, 512]), [op('Conv', ['x', 'w'], ['out'])])).toEqual({
      kind: 'encoder',
      phrase: 'an image encoder (image in, 18 rows of 512 features out)',
    });
  });
  it('super-resolution', () => {
    expect(one([image], value('y', ['N', 3, 256, 256]), [op('Conv', ['x', 'w'], ['y'])])).toEqual({
      kind: 'imageToImage',
      phrase: 'a super-resolution model (image in, image out, 4 times as large)',
    });
  });
  it('a translating model may be opened, and says what to do instead of sampling', () => {
    const found = verdict(fixtureGraph('autoencoder.onnx'));
    expect(cannotOpen(found)).toBeNull();
    expect(notGenerator(found)).toMatchObject({
      code: 'model.notGenerator',
      advice: expect.stringMatching(/Translate/),
    });
  });
  it('what a person confirmed to be an image goes in as one', () => {
    const graph = fixtureGraph('dcgan.onnx');
    const { guesses } = applySidecar(inferRoles(graph), { schema: 1, inputs: { z: { role: 'image' } } });
    expect(classifyModel(graph, guesses).kind).toBe('imageToImage');
  });
  it('a segmenter of class ids', () => {
    expect(one([image], value('y', ['N', 64, 64], 7), [op('Conv', ['x', 'w'], ['y'])]).kind).toBe(
      'segmenter',
    );
  });
  it('a text encoder, and text to image', () => {
    const ids = value('ids', ['N', 'T'], 7);
    const nodes = [op('Gather', ['table', 'ids'], ['y'])];
    expect(one([ids], value('y', ['N', 512]), nodes)).toMatchObject({
      kind: 'encoder',
      phrase: expect.stringMatching(/text encoder/),
    });
    expect(one([ids], value('y', ['N', 3, 64, 64]), nodes)).toMatchObject({
      kind: 'unknown',
      phrase: expect.stringMatching(/text-to-image/),
    });
  });
  it('a diffusion U-Net', () => {
    const nodes = [
      op('Conv', ['x', 'w'], ['y']),
      op('Cast', ['t'], ['tf']),
      op('Mul', ['tf', 'f'], ['a']),
      op('Sin', ['a'], ['s']),
    ];
    expect(one([image, value('t', ['N'], 7)], value('y', ['N', 3, 64, 64]), nodes)).toMatchObject({
      kind: 'diffusion',
      phrase: expect.stringMatching(/diffusion/),
    });
  });
  it('what a person confirmed is a generator', () => {
    const graph = fixtureGraph('autoencoder.onnx');
    const { guesses } = applySidecar(inferRoles(graph), { schema: 1, inputs: { image: { role: 'latent' } } });
    expect(classifyModel(graph, guesses).kind).toBe('generator');
  });
});

describe('unsupportedOperators', () => {
  it('names the operator and its domain', () => {
    const error = unsupportedOperators(fixtureGraph('custom-domain.onnx'));
    expect(error).toMatchObject({
      code: 'model.unsupported',
      message: expect.stringMatching(/“Upsample3000” of “com.example”/),
    });
  });
  it('lets standard graphs pass', () => expect(unsupportedOperators(fixtureGraph('dynamo.onnx'))).toBeNull());
});
