import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { GraphIndex } from '../../../src/onnx/graph.ts';
import { findMapping } from '../../../src/onnx/mapping/mapping.ts';
import { networkTo } from '../../../src/onnx/mapping/network.ts';
import { memorySource, openModel } from '../../../src/onnx/open.ts';
import { graphOf, op, scalar, value, weight } from './support.ts';

const ZOO = fileURLToPath(new URL('../../fixtures/zoo/', import.meta.url));

interface Zoo {
  readonly variants: readonly {
    readonly id: string;
    readonly family: string;
    readonly kind: string;
    readonly inputs: readonly { readonly name: string; readonly role: string }[];
  }[];
  readonly files: readonly { readonly file: string; readonly variant: string }[];
}

const zoo = JSON.parse(readFileSync(`${ZOO}zoo.json`, 'utf8')) as Zoo;
const variants = new Map(zoo.variants.map((variant) => [variant.id, variant]));

/** ψ that is baked into a variant; 'input' where it is fed; the others have none. */
const BAKED: Readonly<Record<string, { psi: number | null; partly: boolean }>> = {
  'stylegan1-psi07': { psi: 0.7, partly: true },
  'stylegan2-psi07': { psi: 0.7, partly: false },
  'stylegan2-psi': { psi: null, partly: false },
  'stylegan2-cutoff': { psi: 0.7, partly: true },
  'stylegan2-cond': { psi: 0.7, partly: false },
  'stylegan2-256': { psi: 0.7, partly: false },
  'stylegan2-unfused': { psi: 0.7, partly: false },
  'stylegan3-64-psi07': { psi: 0.7, partly: false },
};

function openZoo(file: string): GraphIndex {
  return new GraphIndex(openModel(memorySource(new Uint8Array(readFileSync(ZOO + file))), file).model);
}

describe('mapping networks of the zoo', () => {
  const generators = zoo.files.filter(({ variant }) => variants.get(variant)?.kind === 'generator');

  it.each(generators.map(({ file, variant }) => [file, variant]))('%s', (file, variant) => {
    const { family = '', inputs = [] } = variants.get(variant) ?? {};
    const graph = openZoo(file);
    const latents = inputs
      .filter(({ role }) => role === 'latent' || role === 'styles')
      .map(({ name }) => name);
    const found = findMapping(graph, latents, graph.outputs[0]?.name ?? '');
    const maps = family.startsWith('stylegan') && inputs.some(({ role }) => role === 'latent');
    if (!maps) return expect(found).toBeNull();
    expect(found).not.toBeNull();
    const { psi, partly } = BAKED[variant] ?? {};
    if (psi === undefined) return expect(found?.baked).toBeNull();
    expect(found?.baked).toMatchObject({ partly, average: expect.stringContaining('w_avg') });
    if (psi === null) expect(found?.baked?.psi).toBeNull();
    else expect(found?.baked?.psi).toBeCloseTo(psi, 3);
  });
});

describe('findMapping', () => {
  const layer = (from: string, to: string, k: string) => [
    op('Gemm', [from, k], [`${to}_raw`]),
    op('Relu', [`${to}_raw`], [to]),
  ];
  const style = (from: string, n: number) => [
    op('Gemm', [from, 'k'], [`s${n}`]),
    op('Mul', [n === 1 ? 'const' : `x${n - 1}`, `s${n}`], [`x${n}`]),
  ];
  const build = (...nodes: ReturnType<typeof op>[]) =>
    graphOf({
      inputs: [value('z', ['N', 4])],
      outputs: [value('image')],
      nodes: [...nodes, op('Tanh', ['x2'], ['image'])],
      weights: [
        weight('k', [4, 4]),
        weight('const', [1, 4]),
        weight('mean', [4]),
        scalar('gain', 2),
        scalar('psi', 0.5),
      ],
    });

  it('is the tensor after the gains, from which styles part', () => {
    const graph = build(
      ...layer('z', 'a', 'k'),
      ...layer('a', 'b', 'k'),
      op('Mul', ['b', 'gain'], ['w']),
      ...style('w', 1),
      ...style('w', 2),
    );
    expect(findMapping(graph, ['z'], 'image')).toEqual({ tensor: 'w', baked: null });
  });
  it('is none where the latent goes round it', () => {
    const graph = build(...layer('z', 'a', 'k'), ...layer('a', 'w', 'k'), ...style('w', 1), ...style('z', 2));
    expect(findMapping(graph, ['z'], 'image')).toBeNull();
  });
  it('is none with one reader, as any layer before the next', () => {
    const graph = build(
      ...layer('z', 'a', 'k'),
      ...layer('a', 'w', 'k'),
      ...style('w', 1),
      op('Relu', ['x1'], ['x2']),
    );
    expect(findMapping(graph, ['z'], 'image')).toBeNull();
  });
  it('is none after a single product, as of BigGAN’s shared embedding', () => {
    const graph = build(op('Gemm', ['z', 'k'], ['w']), ...style('w', 1), ...style('w', 2));
    expect(findMapping(graph, ['z'], 'image')).toBeNull();
  });
  it('asking for its size does not make another way round', () => {
    const graph = build(
      ...layer('z', 'a', 'k'),
      ...layer('a', 'w', 'k'),
      op('Shape', ['z'], ['rows']),
      op('Expand', ['w', 'rows'], ['ws']),
      ...style('ws', 1),
      ...style('ws', 2),
    );
    expect(findMapping(graph, ['z'], 'image')?.tensor).toBe('w');
  });
  it('comes before the truncation that is baked in', () => {
    const graph = build(
      ...layer('z', 'a', 'k'),
      ...layer('a', 'w', 'k'),
      op('Sub', ['w', 'mean'], ['d']),
      op('Mul', ['psi', 'd'], ['e']),
      op('Add', ['mean', 'e'], ['t']),
      ...style('t', 1),
      ...style('t', 2),
    );
    const baked = { average: 'mean', psi: 0.5, partly: false };
    expect(findMapping(graph, ['z'], 'image')).toEqual({ tensor: 'w', baked });
    const network = networkTo(graph.model, 'w', 'mean');
    const index = new GraphIndex(network.model);
    expect(index.outputs.map(({ name }) => name)).toEqual(['w', network.average]);
    expect(index.nodes.map(({ opType }) => opType)).toEqual(['Gemm', 'Relu', 'Gemm', 'Relu', 'Identity']);
    expect([...index.initializers.keys()].sort()).toEqual(['k', 'mean']);
  });
});
