/** Networks of a given size with random weights: what they cost is real, what they say is not. */
import fs from 'node:fs';
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
