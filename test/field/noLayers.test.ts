/** Generators without the usual activations: their layers are bounded or periodic ones, or bare convolutions. */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unitValues } from '../../src/engine/effects/unitValues.ts';
import { describe as describeModel } from '../../src/engine/models/describe.ts';
import { Models } from '../../src/engine/models/models.ts';
import { openModelFile } from '../../src/engine/open/modelFile.ts';
import { DEFAULT_SOURCE } from '../../src/shared/samples/latents.ts';
import { dissected } from '../engine/support/dissection.ts';

const FOLDER = path.join(import.meta.dirname, '..', 'fixtures', 'field', 'no-layers');
const FILES = fs.readdirSync(FOLDER).filter((file) => file.endsWith('.onnx'));

let models: Models;
beforeAll(() => {
  models = new Models({ threads: 1 });
});
afterAll(() => models.releaseAll());

const context = () => ({ models, signal: new AbortController().signal, report: () => undefined });

async function layersOf(file: string) {
  const { layers } = await describeModel(
    { model: { path: path.join(FOLDER, file) }, depth: 'full' },
    context(),
  );
  return layers ?? [];
}

describe('the listing', () => {
  it.each(FILES)('%s: 12 maps at 8×8, 8 at 16×16, and not the picture', async (file) => {
    const layers = await layersOf(file);
    expect(layers.map(({ units, resolution }) => [units, ...resolution])).toEqual([
      [12, 8, 8],
      [8, 16, 16],
    ]);
    const { graph } = openModelFile({ path: path.join(FOLDER, file) });
    for (const { tensor } of layers) expect(graph.isOutput(tensor)).toBe(false);
  });

  it.each([
    ['relu.onnx', 'Relu', '/3/Relu_output_0', '/5/Relu_output_0'],
    ['relu6.onnx', 'Clip', '/3/Clip_output_0', '/5/Clip_output_0'],
    ['sin.onnx', 'Sin', '/3/Sin_output_0', '/5/Sin_output_0'],
    ['geluT.onnx', 'Gelu', '/3/Mul_5_output_0', '/5/Mul_5_output_0'],
    ['none.onnx', 'ConvTranspose', '/2/ConvTranspose_output_0', '/4/ConvTranspose_output_0'],
  ])('%s: the tensors that leave the layers', async (file, op, ...tensors) => {
    const layers = await layersOf(file);
    expect(layers.map((layer) => [layer.op, layer.tensor])).toEqual(tensors.map((tensor) => [op, tensor]));
  });
});

describe('any tensor by its name', () => {
  const model = { path: path.join(FOLDER, 'sin.onnx') };
  const asked = async (tensor: string) => {
    const { stamp } = await describeModel({ model, depth: 'quick' }, context());
    const rest = {
      samples: 4,
      seed: 1,
      quantile: 0.5,
      segmenter: null,
      concepts: [],
      source: DEFAULT_SOURCE,
    };
    return unitValues({ model, stamp, tensor, ...rest }, context());
  };

  it('is looked into and dissected', async () => {
    expect((await asked('/2/ConvTranspose_output_0')).mean.length).toBe(12);
    const { dissection } = await dissected({
      ...{ models, model },
      settings: { layers: ['/2/ConvTranspose_output_0'], samples: 8 },
    });
    expect(dissection.layers[0]).toMatchObject({
      ...{ layer: '/2/ConvTranspose_output_0', tensor: '/2/ConvTranspose_output_0', resolution: [8, 8] },
    });
    expect(dissection.layers[0]?.units.length).toBe(12);
  });

  it.each([
    ['/0/Gemm_output_0', 'holds no feature maps of samples'],
    ['img', 'holds no feature maps of samples'],
    ['nowhere', 'There is no layer “nowhere”.'],
  ])('is refused where it is none: %s', async (tensor, text) => {
    await expect(asked(tensor)).rejects.toMatchObject({ message: expect.stringContaining(text) });
  });
});
