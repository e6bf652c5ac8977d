/** A baked batch that only the sizes of tensors tell how to free. */
import fs from 'node:fs';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { Models } from '../../src/engine/models/models.ts';
import { asNumbers } from '../../src/engine/pictures/pixels.ts';
import { serialize } from '../../src/onnx/open.ts';
import { int64Tensor } from '../../src/onnx/surgery/build.ts';
import { freeBatch } from '../../src/onnx/surgery/freeBatch/freeBatch.ts';
import { modelOf, op, value, weight } from '../unit/onnx/support.ts';
import { temporaryFolder } from './support/engine.ts';

/** Swaps the axes of one sample's components: a Reshape with −1 whose data has other rows than the batch stands before. */
const swapped = modelOf({
  inputs: [value('z', [1, 192])],
  outputs: [value('image', [1, 3, 8, 8])],
  nodes: [
    op('Gemm', ['z', 'k'], ['a']),
    op('Reshape', ['a', 'rows'], ['b']),
    op('Reshape', ['b', 'apart'], ['c']),
    op('Softmax', ['c'], ['d'], { axis: 1 }),
    op('Reshape', ['d', 'picture'], ['e']),
    op('Relu', ['e'], ['f']),
    op('Conv', ['f', 'rgb'], ['g']),
    op('Tanh', ['g'], ['image']),
  ],
  weights: [
    weight(
      'k',
      [192, 192],
      Array.from({ length: 192 * 192 }, (_, i) => Math.sin(i * i) / 10),
    ),
    int64Tensor('rows', [64, 3]),
    int64Tensor('apart', [1, -1, 3]),
    int64Tensor('picture', [1, 3, 8, 8]),
    weight('rgb', [3, 3, 1, 1], [9, -20, 7, 4, 6, -3, 2, -8, 30]),
  ],
});

it('takes the sizes of tensors where the graph alone leads astray', async () => {
  const plain = freeBatch(swapped);
  expect('model' in plain).toBe(true);
  const file = path.join(temporaryFolder(), 'generator.onnx');
  fs.writeFileSync(file, serialize(swapped));
  const models = new Models({ threads: 1 });
  onTestFinished(() => models.releaseAll());
  const generator = await models.generator({ path: file });
  expect(generator.batchReason).toMatch(/^freed in \d+ places: two samples in one run equal/);
  expect(generator.batch).toBe('free');
  // The first attempt gives other pictures than these: Softmax along an axis of one element is 1 everywhere.
  const { rows } = generator.mapped;
  const pair = await generator.run(rows(0, 2));
  const values = Array.from(asNumbers(pair.data, pair.dtype));
  expect(new Set(values.slice(0, 64)).size).toBeGreaterThan(32);
  const second = await generator.run(rows(1, 1));
  expect(values.slice(192)).toEqual(Array.from(asNumbers(second.data, second.dtype)));
});
