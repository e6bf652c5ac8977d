import { describe, expect, it } from 'vitest';
import { rangeFromBounds, rangeFromValues } from '../../../src/onnx/roles/range.ts';
import { inferRoles, needsAnswers, rolesOf } from '../../../src/onnx/roles/roles.ts';
import type { Certainty, ImageRole, InputRole } from '../../../src/shared/generator/roles.ts';
import { expected, fixtureGraph, graphOf, op, value, weight } from './support.ts';

const latent: InputRole = { role: 'latent' };
const other: InputRole = { role: 'other' };
const noise: InputRole = { role: 'noise' };
const classes = (count: number, encoding: 'onehot' | 'index' = 'onehot'): InputRole => ({
  role: 'class',
  encoding,
  classes: count,
});
const image = (range: ImageRole['range'] = [-1, 1], layout: ImageRole['layout'] = 'NCHW'): ImageRole => ({
  role: 'image',
  layout,
  range,
});
const notImage = { role: 'other' } as const;

type Row = readonly [role: unknown, certainty: Certainty, words: RegExp];

/** Every fixture: role, certainty and some words of the reason, for each input and output; from the graph alone. */
const TABLE: Readonly<Record<string, { inputs: Record<string, Row>; outputs: Record<string, Row> }>> = {
  'dcgan.onnx': {
    inputs: { z: [latent, 'sure', /\[batch, 16, 1, 1\] feeds a ConvTranspose: a latent/] },
    outputs: { image: [image(), 'sure', /colour.*final Tanh/] },
  },
  'label.onnx': {
    inputs: {
      z: [latent, 'sure', /latent/],
      label: [classes(5, 'index'), 'sure', /int64 \[batch\] feeds a Gather from a table of 5 rows/],
    },
    outputs: { image: [image(), 'sure', /Tanh/] },
  },
  'onehot.onnx': {
    inputs: {
      z: [latent, 'sure', /float32 \[batch, 12\] feeds a Concat: a latent vector/],
      category: [classes(5), 'likely', /one-hot class of 5/],
    },
    outputs: { image: [image(), 'sure', /Tanh/] },
  },
  'onehot-matmul.onnx': {
    inputs: {
      'onnx::Concat_0': [latent, 'likely', /widest of 2/],
      'onnx::MatMul_1': [classes(5), 'ask', /MatMul beside a wider latent/],
    },
    outputs: { image: [image(), 'sure', /Tanh/] },
  },
  'embedded.onnx': {
    inputs: { z: [latent, 'sure', /latent/], y: [{ role: 'embedding' }, 'ask', /embedded class/] },
    outputs: { image: [image(), 'sure', /Tanh/] },
  },
  'truncation.onnx': {
    inputs: {
      z: [latent, 'sure', /is normalised and feeds a Gemm/],
      truncation_psi: [{ role: 'truncation' }, 'sure', /ψ/],
    },
    outputs: { image: [image(), 'sure', /Tanh/] },
  },
  'nhwc.onnx': {
    inputs: { z: [latent, 'sure', /latent/] },
    outputs: { image: [image([-1, 1], 'NHWC'), 'sure', /NHWC/] },
  },
  'uint8.onnx': {
    inputs: { z: [latent, 'sure', /latent/] },
    outputs: { image: [image([0, 255], 'NHWC'), 'sure', /bytes/] },
  },
  'affine.onnx': {
    inputs: { z: [latent, 'sure', /latent/] },
    outputs: { image: [image([0, 255]), 'sure', /Tanh, Add, Mul/] },
  },
  'sigmoid.onnx': {
    inputs: { z: [latent, 'sure', /latent/] },
    outputs: { image: [image([0, 1]), 'sure', /Sigmoid/] },
  },
  'clip.onnx': {
    inputs: { z: [latent, 'sure', /latent/] },
    outputs: { image: [image([0, 1]), 'sure', /Clip/] },
  },
  'unbounded.onnx': {
    inputs: { latent: [latent, 'sure', /latent/] },
    outputs: { image: [image(), 'ask', /nothing in the graph bounds/] },
  },
  'grey.onnx': { inputs: { z: [latent, 'sure', /latent/] }, outputs: { image: [image(), 'sure', /grey/] } },
  'rgba.onnx': { inputs: { z: [latent, 'sure', /latent/] }, outputs: { image: [image(), 'ask', /alpha/] } },
  'baked.onnx': {
    inputs: { z: [latent, 'sure', /\[1, 12\]/] },
    outputs: { image: [image(), 'sure', /Tanh/] },
  },
  'false-batch.onnx': {
    inputs: { z: [latent, 'sure', /latent/] },
    outputs: { image: [image(), 'sure', /Tanh/] },
  },
  'noise-inside.onnx': {
    inputs: { z: [latent, 'sure', /latent/] },
    outputs: { image: [image(), 'sure', /Tanh/] },
  },
  'noise-input.onnx': {
    inputs: {
      z: [latent, 'sure', /latent/],
      noise0: [noise, 'sure', /noise map/],
      noise1: [noise, 'sure', /noise map/],
    },
    outputs: { image: [image(), 'sure', /Tanh/] },
  },
  'two-outputs.onnx': {
    inputs: { z: [latent, 'sure', /latent/] },
    outputs: { w: [notImage, 'sure', /not a batch/], image: [image(), 'sure', /Tanh/] },
  },
  'keep-initializers.onnx': {
    inputs: { z: [latent, 'sure', /latent/] },
    outputs: { image: [image(), 'sure', /Tanh/] },
  },
  'dynamo.onnx': { inputs: { z: [latent, 'sure', /latent/] }, outputs: { image: [image(), 'sure', /Tanh/] } },
  'float-data.onnx': {
    inputs: { z: [latent, 'sure', /latent/] },
    outputs: { image: [image(), 'sure', /Tanh/] },
  },
  'nan.onnx': { inputs: { z: [latent, 'sure', /latent/] }, outputs: { image: [image(), 'sure', /Tanh/] } },
  'external.onnx': {
    inputs: { z: [latent, 'sure', /latent/] },
    outputs: { image: [image(), 'sure', /Tanh/] },
  },
  'external-missing.onnx': {
    inputs: { z: [latent, 'sure', /latent/] },
    outputs: { image: [image(), 'sure', /Tanh/] },
  },
  'custom-domain.onnx': {
    inputs: { z: [latent, 'sure', /Upsample3000/] },
    outputs: { image: [image(), 'ask', /bounds/] },
  },
  'classifier.onnx': {
    inputs: { image: [image([0, 1]), 'likely', /an image/] },
    outputs: { logits: [notImage, 'sure', /not a batch/] },
  },
  'discriminator.onnx': {
    inputs: { input: [image([0, 1]), 'likely', /an image/] },
    outputs: { score: [notImage, 'sure', /not a batch/] },
  },
  'encoder.onnx': {
    inputs: { image: [image([0, 1]), 'likely', /an image/] },
    outputs: { embedding: [notImage, 'sure', /not a batch/] },
  },
  'language-model.onnx': {
    inputs: { input_ids: [other, 'sure', /token ids/] },
    outputs: { logits: [notImage, 'sure', /not a batch/] },
  },
  'segmenter.onnx': {
    inputs: { pixel_values: [image([0, 1]), 'likely', /an image/] },
    outputs: { logits: [notImage, 'sure', /13 maps/] },
  },
  'autoencoder.onnx': {
    inputs: { image: [image(), 'likely', /an image.*as the image that comes out/] },
    outputs: { reconstruction: [image(), 'sure', /Tanh/] },
  },
  'unknown.onnx': {
    inputs: {
      a: [other, 'ask', /cannot be told/],
      b: [other, 'ask', /cannot be told/],
      c: [other, 'ask', /cannot be told/],
    },
    outputs: { out: [notImage, 'sure', /undeclared rank/] },
  },
};

describe('roles of the fixtures', () => {
  it('are all in the table', () => expect(Object.keys(TABLE).sort()).toEqual(Object.keys(expected).sort()));
  for (const [file, want] of Object.entries(TABLE)) {
    it(file, () => {
      const guesses = inferRoles(fixtureGraph(file));
      for (const side of ['inputs', 'outputs'] as const) {
        expect(Object.keys(guesses[side])).toEqual(Object.keys(want[side]));
        for (const [name, [role, certainty, words]] of Object.entries(want[side])) {
          const guess = guesses[side][name];
          expect({ name, role: guess?.role, certainty: guess?.certainty }).toEqual({ name, role, certainty });
          expect(guess?.reason).toMatch(words);
          expect(guess?.options[0]).toEqual(role);
          const distinct = new Set(guess?.options.map((option) => JSON.stringify(option)));
          expect(distinct.size).toBe(guess?.options.length);
        }
      }
    });
  }
});

describe('evidence from a run', () => {
  it('settles an unbounded range, and leaves bounded ones alone', () => {
    for (const [file, { runs, outputs }] of Object.entries(expected)) {
      if (!runs) continue;
      const before = inferRoles(fixtureGraph(file));
      const after = inferRoles(fixtureGraph(file), { outputs });
      if (file === 'unbounded.onnx')
        expect(after.outputs.image).toMatchObject({ role: image(), certainty: 'likely' });
      else expect(rolesOf(after)).toEqual(rolesOf(before));
    }
  });

  it('tells an image where nothing is declared', () => {
    const graph = graphOf({
      inputs: [value('z', ['N', 8])],
      outputs: [value('y')],
      nodes: [op('Gemm', ['z', 'w'], ['y'])],
      weights: [weight('w', [8, 8])],
    });
    expect(inferRoles(graph).outputs.y?.role).toEqual(notImage);
    const seen = { shape: [1, 3, 8, 8], min: 2, max: 251 };
    expect(inferRoles(graph, { outputs: { y: seen } }).outputs.y).toMatchObject({
      role: image([0, 255]),
      certainty: 'likely',
    });
    expect(inferRoles(graph, { outputs: { y: { ...seen, shape: [1, 8, 8, 3] } } }).outputs.y?.role).toEqual(
      image([0, 255], 'NHWC'),
    );
    expect(inferRoles(graph, { outputs: { y: { ...seen, shape: [1, 5, 8, 8] } } }).outputs.y?.role).toEqual(
      notImage,
    );
  });

  it('knows the usual ranges', () => {
    const rows: [number, number, readonly [number, number], Certainty][] = [
      [-0.98, 0.97, [-1, 1], 'likely'],
      [-1.6, 1.4, [-1, 1], 'likely'],
      [0.001, 0.99, [0, 1], 'likely'],
      [-0.04, 1.08, [0, 1], 'likely'],
      [0, 255, [0, 255], 'likely'],
      [-3, 260, [0, 255], 'likely'],
      [-9, 9, [-1, 1], 'ask'],
      [0.5, 0.5, [-1, 1], 'ask'],
      [Number.NaN, Number.NaN, [-1, 1], 'ask'],
    ];
    for (const [min, max, range, certainty] of rows)
      expect(rangeFromValues(min, max)).toMatchObject({ range, certainty });
  });

  it('takes odd bounds as they are, and guards against overflow as none', () => {
    expect(rangeFromBounds([-0.5, 0.5], 'Tanh, Mul')).toMatchObject({
      range: [-0.5, 0.5],
      certainty: 'likely',
    });
    expect(rangeFromBounds([0.5, 255.5], 'Tanh, Mul, Add')).toMatchObject({
      range: [0, 255],
      certainty: 'sure',
    });
    expect(rangeFromBounds([-256, 256], 'Clip')).toBeNull();
  });
});

describe('outputs', () => {
  it('only one image: the largest', () => {
    const graph = graphOf({
      inputs: [value('z', ['N', 8])],
      outputs: [
        value('small', ['N', 3, 4, 4]),
        value('large', ['N', 3, 8, 8]),
        value('mask', ['N', 8, 8], 7),
      ],
      nodes: [op('Tanh', ['z'], ['small']), op('Tanh', ['z'], ['large']), op('ArgMax', ['z'], ['mask'])],
    });
    const { outputs } = inferRoles(graph);
    expect(outputs.large?.role).toEqual(image());
    expect(outputs.small).toMatchObject({ role: notImage, certainty: 'likely' });
    expect(outputs.small?.options).toContainEqual(image());
    expect(outputs.mask?.role).toEqual(notImage);
  });

  it('rows of numbers are pictures where a picture is laid out, and may be chosen where only the length fits', () => {
    const rows = (length: number | string, nodes: ReturnType<typeof op>[], shown?: number[]) =>
      inferRoles(
        graphOf({
          inputs: [value('z', ['N', 8])],
          outputs: [value('y', ['N', length])],
          nodes: [op('Conv', ['z', 'k'], ['c']), ...nodes],
          weights: [weight('k', [3, 4, 3, 3])],
        }),
        shown && { outputs: { y: { shape: shown, min: -1, max: 1 } } },
      ).outputs.y;
    const size = { width: 16, height: 16 };
    const flatten = [op('Tanh', ['c'], ['t']), op('Flatten', ['t'], ['y'])];
    expect(rows(768, flatten)).toMatchObject({ role: { ...image(), size }, certainty: 'likely' });
    // Where the graph does not say how long a row is, a run does.
    expect(rows('k', flatten)?.role).toEqual(image());
    expect(rows('k', flatten, [1, 768])?.role).toEqual({ ...image(), size });
    expect(rows('k', flatten, [1, 700])?.role).toEqual(notImage);
    const dense = [op('Gemm', ['c', 'v'], ['g']), op('Tanh', ['g'], ['y'])];
    expect(rows(784, dense)).toMatchObject({ role: notImage, certainty: 'likely' });
    expect(rows(784, dense)?.options).toContainEqual({ ...image(), size: { width: 28, height: 28 } });
    expect(rows(512, dense)).toMatchObject({ role: notImage, certainty: 'sure' });
  });

  it('what a diffusion step predicts, and the scores of patches, are not the picture', () => {
    const graph = graphOf({
      inputs: [value('x', ['N', 3, 64, 64])],
      outputs: [value('y', ['N', 1, 6, 6])],
      nodes: [op('Conv', ['x', 'k'], ['y'])],
    });
    expect(inferRoles(graph).outputs.y).toMatchObject({ role: notImage, certainty: 'likely' });
    expect(inferRoles(graph).outputs.y?.options.length).toBeGreaterThan(1);
  });

  it('bounds before opset 11 are attributes, and cycles end', () => {
    const graph = graphOf({
      inputs: [],
      outputs: [value('y', ['N', 3, 8, 8])],
      nodes: [op('Identity', ['y2'], ['y']), op('Identity', ['y'], ['y2'])],
    });
    expect(inferRoles(graph).outputs.y?.certainty).toBe('ask');
  });

  it('needsAnswers says whether anything is to be asked', () => {
    expect(needsAnswers(inferRoles(fixtureGraph('dcgan.onnx')))).toBe(false);
    expect(needsAnswers(inferRoles(fixtureGraph('embedded.onnx')))).toBe(true);
  });
});
