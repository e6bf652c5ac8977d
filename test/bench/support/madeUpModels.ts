/** Networks of a given size with random weights: what they cost is real, what they say is not. */
import fs from 'node:fs';
import path from 'node:path';
import type { NodeProto, TensorProto } from 'onnx-buf';
import { NumpyRandom } from '../../../src/algorithms/latent/numpyRandom.ts';
import { serialize } from '../../../src/onnx/open.ts';
import { floatTensor, int64Tensor, makeNode, makeValue } from '../../../src/onnx/surgery/build.ts';
import { modelOf } from '../../unit/onnx/support.ts';

/** Layers one after the other, with He's weights. */
class Stack {
  readonly nodes: NodeProto[] = [];
  readonly weights: TensorProto[] = [];
  readonly #random = new NumpyRandom(1);
  at: string;

  constructor(input: string) {
    this.at = input;
  }

  add(
    opType: string,
    weights: readonly string[],
    attributes: Parameters<typeof makeNode>[3] = {},
    as?: string,
  ): this {
    const next = as ?? `t${this.nodes.length}`;
    this.nodes.push(makeNode(opType, [this.at, ...weights], [next], attributes));
    this.at = next;
    return this;
  }

  drawn(shape: readonly number[], fanIn: number): string {
    const name = `w${this.weights.length}`;
    const values = this.#random.normals(shape.reduce((a, b) => a * b, 1));
    const scale = Math.sqrt(2 / fanIn);
    this.weights.push(
      floatTensor(
        name,
        shape,
        Array.from(values, (value) => value * scale),
      ),
    );
    return name;
  }

  conv(from: number, to: number, kernel: number, stride = 1): this {
    const pad = Math.floor(kernel / 2);
    return this.add('Conv', [this.drawn([to, from, kernel, kernel], from * kernel * kernel)], {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: [pad, pad, pad, pad],
    }).add('Relu', []);
  }
}

/**
 * A segmenter with the cost of SegFormer-B0 for a picture of 256²: 3.6 million parameters, 2.1 billion multiplications,
 * 150 classes at a quarter of the size. Convolutions, which run faster than attention of as many multiplications.
 */
export function writeSegmenterOfB0Size(folder: string): string {
  const net = new Stack('pixel_values');
  net.conv(3, 32, 7, 4).conv(32, 64, 3);
  for (let i = 0; i < 3; i++) net.conv(64, 64, 3);
  net.conv(64, 128, 3, 2);
  for (let i = 0; i < 4; i++) net.conv(128, 128, 3);
  net.conv(128, 256, 3, 2);
  for (let i = 0; i < 4; i++) net.conv(256, 256, 3);
  net.weights.push(floatTensor('scales', [4], [1, 1, 4, 4]), floatTensor('roi', [0], []));
  net.add('Resize', ['roi', 'scales']);
  // Some concepts are frequent and most are rare, as in any picture; without, every cell would have another winner.
  net.add(
    'Conv',
    [net.drawn([150, 256, 1, 1], 256), net.drawn([150], 1 / 8)],
    { kernel_shape: [1, 1] },
    'logits',
  );
  fs.mkdirSync(folder, { recursive: true });
  const model = modelOf({
    inputs: [makeValue('pixel_values', 1, ['N', 3, 256, 256])],
    outputs: [makeValue('logits', 1, ['N', 150, 64, 64])],
    nodes: net.nodes,
    weights: net.weights,
  });
  fs.writeFileSync(path.join(folder, 'model.onnx'), serialize(model));
  const id2label = Object.fromEntries(Array.from({ length: 150 }, (_, i) => [i, `concept ${i}`]));
  fs.writeFileSync(path.join(folder, 'config.json'), JSON.stringify({ id2label }));
  const size = { height: 256, width: 256 };
  const half = [0.5, 0.5, 0.5];
  fs.writeFileSync(
    path.join(folder, 'preprocessor_config.json'),
    JSON.stringify({
      ...{ do_resize: true, size, resample: 2, do_rescale: true, rescale_factor: 1 / 255 },
      ...{ do_normalize: true, image_mean: half, image_std: half },
    }),
  );
  return folder;
}

/** A DCGAN of 256²: z [N, 128] → 4² … 16² with 512 units each → 3 channels at 256². */
export function writeGeneratorOf256(file: string): string {
  const net = new Stack('z');
  net.weights.push(int64Tensor('shape', [-1, 512, 4, 4]));
  net
    .add('MatMul', [net.drawn([128, 512 * 16], 128)])
    .add('Reshape', ['shape'])
    .add('Relu', []);
  const widths = [512, 512, 512, 128, 64, 32];
  widths.slice(1).forEach((to, i) => {
    const from = widths[i] as number;
    net
      .add('ConvTranspose', [net.drawn([from, to, 4, 4], from * 4)], {
        ...{ kernel_shape: [4, 4], strides: [2, 2], pads: [1, 1, 1, 1] },
      })
      .add('Relu', []);
  });
  net
    .add('ConvTranspose', [net.drawn([32, 3, 4, 4], 32 * 4 * 8)], {
      ...{ kernel_shape: [4, 4], strides: [2, 2], pads: [1, 1, 1, 1] },
    })
    .add('Tanh', [], {}, 'image');
  const model = modelOf({
    inputs: [makeValue('z', 1, ['N', 128])],
    outputs: [makeValue('image', 1, ['N', 3, 256, 256])],
    nodes: net.nodes,
    weights: net.weights,
  });
  fs.writeFileSync(file, serialize(model));
  return file;
}
