/** Graphs with random weights, node by node: what they cost is real, what they say is not. */
import fs from 'node:fs';
import { create } from '@bufbuild/protobuf';
import { AttributeProtoSchema, type NodeProto, type TensorProto, type ValueInfoProto } from 'onnx-buf';
import { NumpyRandom } from '../../../src/algorithms/latent/numpyRandom.ts';
import { serialize } from '../../../src/onnx/open.ts';
import { floatTensor, int64Tensor, makeNode } from '../../../src/onnx/surgery/build.ts';
import { modelOf } from '../../unit/onnx/support.ts';

type Attributes = Parameters<typeof makeNode>[3];

/** An attribute that is a string. */
const STRING = 3;

export class Network {
  /** Learned numbers so far. */
  parameters = 0;
  readonly #nodes: NodeProto[] = [];
  readonly #weights: TensorProto[] = [];
  readonly #random = new NumpyRandom(1);

  /** @returns the name of what the node puts out, `as` where that is given */
  node(
    opType: string,
    inputs: readonly string[],
    attributes: Attributes = {},
    more: { readonly as?: string; readonly strings?: Readonly<Record<string, string>> } = {},
  ): string {
    const output = more.as ?? `t${this.#nodes.length}`;
    const node = makeNode(opType, inputs, [output], attributes);
    for (const [name, text] of Object.entries(more.strings ?? {}))
      node.attribute.push(
        create(AttributeProtoSchema, { name, type: STRING, s: new TextEncoder().encode(text) }),
      );
    this.#nodes.push(node);
    return output;
  }

  /** Normal with variance 2 / `fanIn` (He). */
  drawn(shape: readonly number[], fanIn: number): string {
    const scale = Math.sqrt(2 / fanIn);
    const values = this.#random.normals(shape.reduce((a, b) => a * b, 1));
    return this.#learned(
      shape,
      Array.from(values, (value) => value * scale),
    );
  }

  /** All of one value. */
  filled(shape: readonly number[], value: number): string {
    return this.#learned(shape, new Array<number>(shape.reduce((a, b) => a * b, 1)).fill(value));
  }

  /** Not learned. */
  floats(values: readonly number[], shape: readonly number[] = [values.length]): string {
    const name = `c${this.#weights.length}`;
    this.#weights.push(floatTensor(name, shape, [...values]));
    return name;
  }

  /** Not learned. */
  ints(values: readonly number[]): string {
    const name = `c${this.#weights.length}`;
    this.#weights.push(int64Tensor(name, values));
    return name;
  }

  write(file: string, inputs: readonly ValueInfoProto[], outputs: readonly ValueInfoProto[]): void {
    const model = modelOf({
      inputs: [...inputs],
      outputs: [...outputs],
      nodes: this.#nodes,
      weights: this.#weights,
    });
    fs.writeFileSync(file, serialize(model));
  }

  #learned(shape: readonly number[], values: number[]): string {
    const name = `w${this.#weights.length}`;
    this.#weights.push(floatTensor(name, shape, values));
    this.parameters += values.length;
    return name;
  }
}
