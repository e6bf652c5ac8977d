import { readFileSync } from 'node:fs';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { GraphProtoSchema, ModelProtoSchema, type TensorProto, TensorProtoSchema } from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import { type ByteSource, memorySource, openModel, serialize } from '../../../src/onnx/open.ts';
import { concat, lengthField, stringField, varint } from '../../../src/onnx/wire.ts';
import { GenscopeError } from '../../../src/shared/kernel/errors.ts';
import {
  DEMO,
  fixtureBytes,
  fixtureNames,
  hasDemo,
  modelOf,
  op,
  openFixture,
  value,
  weight,
} from './support.ts';

const codeOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof GenscopeError) return error.code;
    throw error;
  }
  return 'none';
};

/** Every weight of a model by name, Constant nodes included under the name of their output. */
function weights(bytes: Uint8Array): Map<string, TensorProto> {
  const { graph } = fromBinary(ModelProtoSchema, bytes);
  const all = new Map(graph?.initializer.map((tensor) => [tensor.name, tensor]));
  for (const node of graph?.node ?? []) {
    const tensor = node.opType === 'Constant' ? node.attribute[0]?.t : undefined;
    if (tensor !== undefined && node.output[0] !== undefined) all.set(node.output[0], tensor);
  }
  return all;
}

const entry = (tensor: TensorProto, key: string) =>
  tensor.externalData.find((pair) => pair.key === key)?.value ?? '';

/** The bytes of a tensor, from wherever it keeps them. */
function payload(tensor: TensorProto, file: Uint8Array): Uint8Array {
  if (tensor.dataLocation === 1) {
    const offset = Number(entry(tensor, 'offset'));
    return file.subarray(offset, offset + Number(entry(tensor, 'length')));
  }
  if (tensor.floatData.length > 0) return new Uint8Array(Float32Array.from(tensor.floatData).buffer);
  return tensor.rawData;
}

describe('a skeleton and its file hold the same weights', () => {
  for (const file of fixtureNames.filter((name) => !name.startsWith('external'))) {
    it(file, () => {
      const bytes = fixtureBytes(file);
      const opened = openFixture(file);
      const before = weights(bytes);
      const after = weights(serialize(opened.model));
      expect([...after.keys()].sort()).toEqual([...before.keys()].sort());
      for (const [name, tensor] of after) {
        const original = before.get(name) as TensorProto;
        expect(tensor.dims).toEqual(original.dims);
        expect(Buffer.compare(payload(tensor, bytes), payload(original, bytes))).toBe(0);
        expect(tensor.dataLocation === 1).toBe(payload(original, bytes).length > 1024);
        if (tensor.dataLocation === 1) expect(entry(tensor, 'location')).toBe(file);
      }
      expect(opened.externalFiles).toEqual([]);
    });
  }
});

describe('openModel', () => {
  it('leaves everything but the weights as it is', () => {
    const bytes = fixtureBytes('dcgan.onnx');
    const before = fromBinary(ModelProtoSchema, bytes);
    const { model } = openFixture('dcgan.onnx');
    expect(model.graph?.node).toEqual(before.graph?.node);
    expect(model.graph?.input).toEqual(before.graph?.input);
    expect(model.opsetImport).toEqual(before.opsetImport);
    expect(model.producerName).toBe('pytorch');
  });

  it('counts parameters and their bytes, but not shapes', () => {
    const { parameters, weightBytes } = openFixture('float-data.onnx');
    expect(parameters).toBe(12 * 432 + 432);
    expect(weightBytes).toBe(4 * parameters + 4 * 8);
  });

  it('keeps external data and lists its files', () => {
    const opened = openFixture('external.onnx');
    expect(opened.externalFiles).toEqual(['external.onnx.data']);
    const outside = opened.model.graph?.initializer.filter((tensor) => tensor.dataLocation === 1) ?? [];
    expect(outside.map((tensor) => entry(tensor, 'location'))).toContain('external.onnx.data');
    expect(openFixture('external-missing.onnx').externalFiles).toEqual(['external-missing.onnx.data']);
  });

  it('makes a large Constant node an initializer', () => {
    const { graph } = openFixture('float-data.onnx').model;
    expect(graph?.node.map(({ opType }) => opType)).toEqual(['Gemm', 'Reshape', 'Tanh']);
    expect(graph?.initializer.map(({ name }) => name)).toContain('bias');
  });

  it('keeps a tensor whose data come in several pieces', () => {
    const piece = (from: number) =>
      new Uint8Array(Float32Array.from({ length: 400 }, (_, i) => from + i).buffer);
    const head = toBinary(
      TensorProtoSchema,
      create(TensorProtoSchema, { name: 'w', dims: [800n], dataType: 1 }),
    );
    const tensor = concat([head, ...lengthField(4, [piece(0)]), ...lengthField(4, [piece(400)])]);
    const graph = toBinary(
      GraphProtoSchema,
      create(GraphProtoSchema, { node: [op('Identity', ['w'], ['y'])] }),
    );
    const file = concat(lengthField(7, [graph, ...lengthField(5, [tensor])]));
    const [kept] = openModel(memorySource(file), 'm.onnx').model.graph?.initializer ?? [];
    expect(kept?.dataLocation).toBe(0);
    expect(kept?.floatData).toEqual(Array.from({ length: 800 }, (_, i) => i));
  });

  it('leaves out training graphs', () => {
    const model = modelOf({
      inputs: [],
      outputs: [value('y')],
      nodes: [op('Identity', ['w'], ['y'])],
      weights: [weight('w', [1])],
    });
    const file = concat([toBinary(ModelProtoSchema, model), ...lengthField(20, [new Uint8Array(0)])]);
    expect(openModel(memorySource(file), 'm.onnx').model.trainingInfo).toEqual([]);
  });

  it.runIf(hasDemo)('opens the demo in a few KB', () => {
    const opened = openModel(memorySource(new Uint8Array(readFileSync(DEMO))), 'generator.onnx');
    expect(opened.parameters).toBeGreaterThan(1_000_000);
    expect(serialize(opened.model).length).toBeLessThan(40_000);
  });
});

/** A file of 6 GB that is never there: two weights of 3 GB around a few real bytes. */
function hugeSource(): ByteSource & { bytesRead: number } {
  const elements = 750_000_000;
  const tensorHead = (name: string) =>
    concat([
      varint(8),
      varint(elements),
      varint(16),
      varint(1),
      ...stringField(8, name),
      varint(9 * 8 + 2),
      varint(elements * 4),
    ]);
  const parts: { bytes: Uint8Array; gap: number }[] = [];
  for (const name of ['a', 'b']) {
    const head = tensorHead(name);
    parts.push({
      bytes: concat([varint(5 * 8 + 2), varint(head.length + elements * 4), head]),
      gap: elements * 4,
    });
  }
  parts.push({
    bytes: concat(
      lengthField(1, [...stringField(1, 'a'), ...stringField(2, 'y'), ...stringField(4, 'Identity')]),
    ),
    gap: 0,
  });
  const length = parts.reduce((sum, part) => sum + part.bytes.length + part.gap, 0);
  const pieces: { start: number; bytes: Uint8Array }[] = [];
  const prefix = concat([varint(8), varint(8), varint(7 * 8 + 2), varint(length)]);
  let offset = prefix.length;
  pieces.push({ start: 0, bytes: prefix });
  for (const { bytes, gap } of parts) {
    pieces.push({ start: offset, bytes });
    offset += bytes.length + gap;
  }
  const source = {
    size: offset,
    bytesRead: 0,
    read(start: number, count: number): Uint8Array {
      const out = new Uint8Array(count);
      source.bytesRead += count;
      for (const piece of pieces) {
        for (let i = 0; i < piece.bytes.length; i++) {
          const at = piece.start + i - start;
          if (at >= 0 && at < count) out[at] = piece.bytes[i] as number;
        }
      }
      return out;
    },
  };
  return source;
}

describe('files above 2 GiB', () => {
  it('are opened by reading only what lies between the weights', () => {
    const source = hugeSource();
    const { model, parameters } = openModel(source, 'huge.onnx');
    expect(source.size).toBeGreaterThan(6_000_000_000);
    expect(parameters).toBe(1_500_000_000);
    expect(source.bytesRead).toBeLessThan(200_000);
    const [, second] = model.graph?.initializer ?? [];
    expect(Number(entry(second as TensorProto, 'offset'))).toBeGreaterThan(3_000_000_000);
  });
});

describe('damaged files', () => {
  it('are empty, truncated, not models or unreadable', () => {
    const bytes = fixtureBytes('dcgan.onnx');
    const open = (file: Uint8Array) => codeOf(() => openModel(memorySource(file), 'm.onnx'));
    expect(open(new Uint8Array(0))).toBe('model.empty');
    expect(open(bytes.subarray(0, bytes.length >> 1))).toBe('model.truncated');
    expect(open(bytes.subarray(0, bytes.length - 1))).toBe('model.truncated');
    expect(open(bytes.subarray(0, 2))).toBe('model.notOnnx');
    expect(open(Uint8Array.of(8, 8, 7 * 8 + 2, 2, 10, 9))).toBe('model.truncated');
    expect(open(Uint8Array.of(8, 8, 7 * 8 + 2, 2, 10, 1, 0))).toBe('model.unreadable');
    expect(open(Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255))).toBe(
      'model.unreadable',
    );
  });

  it('say so when a weight and its shape disagree', () => {
    const model = modelOf({
      inputs: [],
      outputs: [value('y')],
      nodes: [op('Identity', ['w'], ['y'])],
      weights: [weight('w', [700])],
    });
    const [tensor] = model.graph?.initializer ?? [];
    for (const dims of [[701n], [700n, 1n << 62n], [-1n]]) {
      if (tensor !== undefined) tensor.dims = dims;
      expect(codeOf(() => openModel(memorySource(toBinary(ModelProtoSchema, model)), 'm.onnx'))).toBe(
        'model.unreadable',
      );
    }
  });

  it('cannot nest without end', () => {
    let bytes: Uint8Array = new Uint8Array(2000);
    // Graph ⊃ node ⊃ attribute ⊃ graph …
    for (let i = 0; i < 40; i++) bytes = concat(lengthField(1, lengthField(5, lengthField(6, [bytes]))));
    const file = concat(lengthField(7, [bytes]));
    expect(codeOf(() => openModel(memorySource(file), 'm.onnx'))).toBe('model.unreadable');
  });

  it('may shrink while they are read', () => {
    const bytes = fixtureBytes('dcgan.onnx');
    const source = {
      size: bytes.length,
      read: (offset: number, length: number) => bytes.subarray(offset, offset + length - 1),
    };
    expect(codeOf(() => openModel(source, 'm.onnx'))).toBe('model.truncated');
  });

  it('have one sentence and one piece of advice', () => {
    try {
      openModel(memorySource(fixtureBytes('dcgan.onnx').subarray(0, 900)), 'm.onnx');
    } catch (error) {
      const { message, advice, detail } = error as GenscopeError;
      for (const sentence of [message, advice]) expect(sentence).toMatch(/^[A-Z][^.]*\.$/);
      expect(detail).toBeTruthy();
    }
  });
});
