/** What counts as a parameter: each weight once, and “at most” where nobody can tell. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { NodeProto, TensorProto } from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import { memorySource, openModel, serialize } from '../../../src/onnx/open.ts';
import { modelOf, op, value, weight } from './support.ts';

const ZOO = fileURLToPath(new URL('../../fixtures/zoo/models/', import.meta.url));

/** Numbers that do not repeat. */
function drawn(count: number, seed = 1): number[] {
  return Array.from({ length: count }, (_, i) => Math.sin((i + 1) * 12.9898 * seed) * 43.758);
}

/** Element (i, j) of [rows, columns] at (j, i). */
function transposed(values: readonly number[], rows: number, columns: number): number[] {
  return Array.from({ length: rows * columns }, (_, k) => {
    const [j, i] = [Math.floor(k / rows), k % rows];
    return values[i * columns + j] as number;
  });
}

/** [a, b, c] with its axes in the order [1, 0, 2]. */
function swapped(values: readonly number[], [a, b, c]: readonly [number, number, number]): number[] {
  return Array.from({ length: a * b * c }, (_, k) => {
    const [j, i, l] = [Math.floor(k / (a * c)), Math.floor(k / c) % a, k % c];
    return values[(i * b + j) * c + l] as number;
  });
}

function count(weights: readonly TensorProto[], nodes: readonly NodeProto[]) {
  const bytes = serialize(
    modelOf({
      ...{ inputs: [value('x', ['N', 8])], outputs: [value('y', ['N', 8])] },
      ...{ nodes: [...nodes], weights: [...weights] },
    }),
  );
  const { parameters, parametersExact } = openModel(memorySource(bytes), 'm.onnx');
  return [parameters, parametersExact];
}

const conv = (name: string) => op('Conv', ['x', name], [`y.${name}`]);
const matmul = (name: string) => op('MatMul', ['x', name], [`y.${name}`]);

describe('parameters', () => {
  const W = drawn(6 * 4 * 9);

  it('are those that modules own and operators take as weights', () => {
    expect(count([weight('g.0.weight', [6, 4, 3, 3], W)], [conv('g.0.weight')])).toEqual([216, true]);
    // Nobody can tell of what the exporter has named.
    expect(count([weight('onnx::Conv_12', [6, 4, 3, 3], W)], [conv('onnx::Conv_12')])).toEqual([216, false]);
    const norm = op(
      'BatchNormalization',
      ['x', 'bn.weight', 'bn.bias', 'bn.running_mean', 'bn.running_var'],
      ['y'],
    );
    const four = ['weight', 'bias', 'running_mean', 'running_var'].map((name) => weight(`bn.${name}`, [8]));
    expect(count(four, [norm])).toEqual([32, false]);
  });

  it('count once: spectral norm’s flattened and transposed copies, as the exporter folds them', () => {
    const weights = [
      weight('onnx::MatMul_7', [36, 6], transposed(W, 6, 36)),
      weight('g.conv.weight', [6, 4, 3, 3], W),
      weight('onnx::MatMul_9', [6, 36], W),
    ];
    const nodes = [conv('g.conv.weight'), matmul('onnx::MatMul_7'), matmul('onnx::MatMul_9')];
    expect(count(weights, nodes)).toEqual([216, true]);
  });

  it('count once with their axes in another order, and as flattened after that', () => {
    const copy = swapped(W, [6, 4, 9]);
    for (const dims of [
      [4, 6, 3, 3],
      [4, 54],
      [4, 6, 9],
    ]) {
      const weights = [weight('g.conv.weight', [6, 4, 3, 3], W), weight('val_3', dims, copy)];
      const found = count(weights, [conv('g.conv.weight'), conv('val_3')]);
      expect([dims, ...found]).toEqual([dims, 216, true]);
    }
  });

  it('count once beside their squares, and once where they are expanded along an axis', () => {
    const square = weight(
      'onnx::ReduceMean_4',
      [6, 4, 9],
      W.map((w) => Math.fround(Math.fround(w) ** 2)),
    );
    const both = [weight('g.conv.weight', [6, 4, 3, 3], W), square];
    const reduce = op('ReduceMean', ['onnx::ReduceMean_4'], ['m']);
    expect(count(both, [conv('g.conv.weight'), reduce])).toEqual([216, true]);
    const expanded = weight('const', [3, 6, 36], [...W, ...W, ...W]);
    expect(count([expanded], [op('Add', ['x', 'const'], ['y'])])).toEqual([216, false]);
  });

  it('of different weights none is lost: fresh ones, equal in size, sorted or alike at the ends', () => {
    const ones = (name: string) => weight(name, [128], new Array(128).fill(1));
    const norm = (n: number) => op('InstanceNormalization', ['x', `n${n}.g`, `n${n}.b`], [`y${n}`]);
    const fresh = [ones('n1.g'), weight('n1.b', [128]), ones('n2.g'), weight('n2.b', [128])];
    expect(count(fresh, [norm(1), norm(2)])).toEqual([512, true]);
    const near = [...W];
    near.splice(1, 214, ...drawn(214, 2));
    const two = [weight('a.w', [6, 36], W), weight('b.w', [36, 6], near)];
    expect(count(two, [matmul('a.w'), matmul('b.w')])).toEqual([432, true]);
    const reversed = [weight('a.w', [6, 36], W), weight('b.w', [6, 36], [...W].reverse())];
    expect(count(reversed, [matmul('a.w'), matmul('b.w')])).toEqual([432, true]);
  });

  it('the sizes and bounds that operators are set up with are none', () => {
    const sizes = op('Resize', ['y.g.0.weight', '', 'scales'], ['z']);
    const weights = [weight('g.0.weight', [6, 4, 3, 3], W), weight('scales', [4], [1, 1, 2, 2])];
    expect(count(weights, [conv('g.0.weight'), sizes])).toEqual([216, true]);
  });
});

/** The same networks as two exporters wrote them: what one of them writes down twice counts once. */
describe('parameters of the zoo', () => {
  const counted = (file: string) =>
    openModel(memorySource(new Uint8Array(readFileSync(ZOO + file))), file).parameters;

  it('StyleGAN3: weights beside their squares', () => {
    const [file = ''] = readdirSync(ZOO).filter((name) => name.startsWith('stylegan3.ts'));
    expect(counted(file)).toBeLessThan(9100);
  });

  it('every model has some', () => {
    for (const file of readdirSync(ZOO).filter((name) => name.endsWith('.onnx')))
      expect([file, counted(file) > 1000]).toEqual([file, true]);
  });

  it('forty thousand weights that are all alike are counted in no time, as at most', () => {
    const many = Array.from({ length: 40_000 }, (_, i) =>
      weight(`g.${i}.weight`, [64], new Array(64).fill(0)),
    );
    // A hang guard: comparing each with each took minutes.
    const started = performance.now();
    expect(count(many, [conv('g.0.weight')])).toEqual([40_000 * 64, false]);
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});
