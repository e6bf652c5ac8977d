/** Layers of every model of the zoo: those that a person would dissect are all there, at the right tensor, with few others. */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { describe as describeModel } from '../../src/engine/models/describe.ts';
import { Models } from '../../src/engine/models/models.ts';
import { openModelFile } from '../../src/engine/open/modelFile.ts';
import { throughScalars } from '../../src/onnx/walk.ts';
import type { LayerDescription } from '../../src/shared/generator/model.ts';
import { ROOT } from './support/engine.ts';

const ZOO = path.join(ROOT, 'test', 'fixtures', 'zoo');

interface Zoo {
  readonly variants: readonly {
    readonly id: string;
    readonly kind: string;
    readonly family: string;
    readonly layers: readonly { module: string; units: number; height: number; width: number }[];
  }[];
  readonly files: readonly {
    readonly file: string;
    readonly variant: string;
    readonly layerTensors: Readonly<Record<string, string>>;
  }[];
}

const zoo = JSON.parse(fs.readFileSync(path.join(ZOO, 'zoo.json'), 'utf8')) as Zoo;
const variants = new Map(zoo.variants.map((variant) => [variant.id, variant]));

/**
 * Layers beside those that the zoo lists, by family, over all of its files. The zoo lists activations or block sums,
 * whichever the published dissections took: BigGAN's and SAGAN's blocks have the same wiring, and it lists the
 * activations of the one and the sums of the other.
 */
const MORE: Readonly<Record<string, number>> = {
  // Sums of blocks that change the size, and of attention.
  biggan: 48,
  'biggan-deep': 24,
  // And the 1×1 convolution before the first of them, which no activation follows.
  'vae-kl': 9,
  // Activations inside blocks, and in the two half-precision files the sum after the attention.
  sagan: 62,
  'wgan-gp-resnet': 40,
  fastgan: 12,
  'lightweight-gan': 10,
  // The 4×4 map of the first, dense layer.
  progan: 8,
};

const tally = new Map<string, number>();
const models = new Models({ threads: 1 });

async function layersOf(file: string): Promise<readonly LayerDescription[]> {
  const context = { models, signal: new AbortController().signal, report: () => undefined };
  const model = { path: path.resolve(ZOO, file) };
  const { layers } = await describeModel({ model, depth: 'full' }, context);
  return layers ?? [];
}

describe('layers of the zoo', () => {
  const files = zoo.files.filter(({ layerTensors }) => Object.keys(layerTensors).length > 0);

  it.each(files.map((entry) => [entry.file, entry] as const))(
    '%s',
    async (file, { variant, layerTensors }) => {
      const { family = '', layers: listed = [] } = variants.get(variant) ?? {};
      const { graph } = openModelFile({ path: path.join(ZOO, file) });
      const layers = await layersOf(file);
      const byTensor = new Map(layers.map((layer) => [layer.tensor, layer]));
      // A gain or clip later is the same layer: the zoo names the first of two tensors of equal value.
      const of = (module: string) => {
        const tensor = layerTensors[module] ?? '';
        return byTensor.get(tensor) ?? byTensor.get(throughScalars(graph, tensor));
      };
      const found = listed.filter(({ module }) => of(module) !== undefined);
      // In half precision SAGAN's attention adds nothing that is left, so the zoo names one tensor twice.
      const distinct = new Set(found.map(({ module }) => of(module)));
      tally.set(family, (tally.get(family) ?? 0) + layers.length - distinct.size);
      expect(found).toEqual(listed);
      for (const { module, units, height, width } of listed)
        expect(of(module)).toMatchObject({ units, resolution: [height, width] });
      expect(new Set(layers.map(({ name }) => name)).size).toBe(layers.length);
      for (const { name, suffixCost } of layers) {
        expect(name).toMatch(/^[^\s/]+$/);
        expect(suffixCost).toBeGreaterThan(0);
        expect(suffixCost).toBeLessThanOrEqual(1);
      }
      const costs = layers.map(({ suffixCost }) => suffixCost);
      expect(costs).toEqual(costs.toSorted((a, b) => b - a));
    },
  );

  it('lists few others', () => {
    const more = Object.fromEntries([...tally].filter(([, more]) => more > 0));
    expect(more).toEqual(MORE);
  });

  afterAll(() => models.releaseAll());
});

describe('layers of the demo', () => {
  it('a skip around the whole of a translator hides none of its layers', async () => {
    const layers = await layersOf(path.join(ROOT, 'media', 'demo', 'translate', 'summer_to_winter.onnx'));
    expect(layers.map(({ name, resolution }) => `${name} ${resolution[0]}`)).toEqual([
      'stem 64',
      'down1 32',
      'down2 16',
      ...[0, 1, 2, 3, 4, 5].map((i) => `body.${i} 16`),
      'up1 32',
      'up2 64',
    ]);
  });
});
