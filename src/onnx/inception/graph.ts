/** FID's Inception v3 as an ONNX graph whose weights lie in a file beside it. */
import { create } from '@bufbuild/protobuf';
import {
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  type TensorProto,
  TensorProtoSchema,
} from 'onnx-buf';
import { EXTERNAL } from '../proto.ts';
import { FLOAT, makeNode, makeValue } from '../surgery/build.ts';
import { CLASSES, FEATURES, inceptionLayers, type Layer, SIDE } from './network.ts';

/** A tensor of the graph, in the order in which the weights are written. */
export interface InceptionWeight {
  /** Of the tensor in the graph. */
  readonly name: string;
  readonly shape: readonly number[];
  /** `weight` and `bias` of a convolution have its batch norm folded in; `matrix` is as it is. */
  readonly role: 'weight' | 'bias' | 'matrix';
  /** Of the layer in the state dict. */
  readonly layer: string;
}

export function inceptionWeights(): readonly InceptionWeight[] {
  const convolutions = inceptionLayers().flatMap((layer): InceptionWeight[] => {
    if (layer.op !== 'conv') return [];
    const { name, channels, kernel } = layer;
    const [inward, outward] = channels;
    return [
      { name: `${name}.weight`, shape: [outward, inward, ...kernel], role: 'weight', layer: name },
      { name: `${name}.bias`, shape: [outward], role: 'bias', layer: name },
    ];
  });
  return [...convolutions, { name: 'fc.weight', shape: [CLASSES, FEATURES], role: 'matrix', layer: 'fc' }];
}

/**
 *   image [N, 3, 299, 299] ─ … ─ Mixed_7c ─ mean over 8×8 ─ features [N, 2048] ─ fc without bias ─ logits [N, 1008]
 *
 * Tensors inside are called as the modules are: MaxPool_1, MaxPool_2 and Mixed_6e are torch-fidelity's 64, 192 and 768.
 *
 * @param location the file with the weights, float32, in the order of `inceptionWeights`, without gaps
 */
export function inceptionModel(location: string): ModelProto {
  const nodes = [
    ...inceptionLayers().flatMap(nodesOf),
    makeNode('GlobalAveragePool', ['Mixed_7c'], ['pool']),
    makeNode('Flatten', ['pool'], ['features'], { axis: 1n }),
    makeNode('Gemm', ['features', 'fc.weight'], ['logits'], { transB: 1n }),
  ];
  const graph = create(GraphProtoSchema, {
    name: 'fid_inception_v3',
    node: nodes,
    initializer: initializers(location),
    input: [makeValue('image', FLOAT, ['N', 3, SIDE, SIDE])],
    output: [makeValue('features', FLOAT, ['N', FEATURES]), makeValue('logits', FLOAT, ['N', CLASSES])],
  });
  return create(ModelProtoSchema, {
    irVersion: 8n,
    producerName: 'genscope',
    opsetImport: [{ domain: '', version: 13n }],
    graph,
  });
}

function nodesOf(layer: Layer): NodeProto[] {
  if (layer.op === 'join') return [makeNode('Concat', layer.from, [layer.to], { axis: 1n })];
  if (layer.op === 'conv') {
    const { name, from, to, kernel, stride, pad } = layer;
    return [
      makeNode('Conv', [from, `${name}.weight`, `${name}.bias`], [`${to}.conv`], {
        kernel_shape: kernel,
        strides: [stride, stride],
        pads: [pad[0], pad[1], pad[0], pad[1]],
      }),
      makeNode('Relu', [`${to}.conv`], [to]),
    ];
  }
  const { op, from, to, stride, pad } = layer;
  const window = { kernel_shape: [3, 3], strides: [stride, stride], pads: [pad, pad, pad, pad] };
  // ONNX leaves the padding out of the average unless it is told otherwise: just what is wanted.
  return [makeNode(op === 'max' ? 'MaxPool' : 'AveragePool', [from], [to], window)];
}

function initializers(location: string): TensorProto[] {
  let offset = 0;
  return inceptionWeights().map(({ name, shape }) => {
    const length = 4 * shape.reduce((a, b) => a * b, 1);
    const entries = { location, offset: String(offset), length: String(length) };
    offset += length;
    return create(TensorProtoSchema, {
      name,
      dims: shape.map(BigInt),
      dataType: FLOAT,
      dataLocation: EXTERNAL,
      externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
    });
  });
}
