/** A generator of any size on disk, as a sparse file: the graph is real, the weights are holes (zeros). */
import fs from 'node:fs';

const encoder = new TextEncoder();

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  return [...bytes, rest];
}

const number = (field: number, value: number) => Buffer.from([...varint(field * 8), ...varint(value)]);
const bytes = (field: number, content: Uint8Array) =>
  Buffer.concat([Buffer.from([...varint(field * 8 + 2), ...varint(content.length)]), content]);
const text = (field: number, value: string) => bytes(field, encoder.encode(value));
const message = (field: number, ...parts: Uint8Array[]) => bytes(field, Buffer.concat(parts));

const node = (op: string, inputs: readonly string[], output: string, ...attributes: Uint8Array[]) =>
  message(
    1,
    ...inputs.map((name) => text(1, name)),
    text(2, output),
    text(3, `${op}_${output}`),
    text(4, op),
    ...attributes,
  );
const ints = (name: string, values: readonly number[]) =>
  message(5, text(1, name), ...values.map((value) => number(8, value)), number(20, 7));
const tensorType = (field: number, name: string, shape: readonly (number | string)[]) => {
  const dims = shape.map((dim) => message(1, typeof dim === 'number' ? number(1, dim) : text(2, dim)));
  return message(field, text(1, name), message(2, message(1, number(1, 1), message(2, ...dims))));
};

/**
 * z [N, C·4·4] → Reshape → `layers` × (Conv C→C, Relu) → Conv C→3 → Tanh, ONNX opset 13.
 * @returns bytes of the file
 */
export function writeLargeGenerator(file: string, channels: number, layers: number): number {
  const weights = Array.from({ length: layers + 1 }, (_, i) => ({
    name: `w${i}`,
    dims: [i === layers ? 3 : channels, channels, 3, 3],
  }));
  const tensors = weights.map(({ name, dims }) => {
    const length = dims.reduce((a, b) => a * b, 4);
    const head = Buffer.concat([...dims.map((dim) => number(1, dim)), number(2, 1), text(8, name)]);
    const raw = Buffer.from([...varint(9 * 8 + 2), ...varint(length)]);
    const size = head.length + raw.length + length;
    return {
      bytes: Buffer.concat([Buffer.from([...varint(5 * 8 + 2), ...varint(size)]), head, raw]),
      hole: length,
    };
  });
  const shape = Buffer.concat([Buffer.from([...varint(5 * 8 + 2)])]);
  const target = Buffer.concat([
    number(1, 4),
    number(2, 7),
    text(8, 'shape'),
    bytes(7, Buffer.from([...minusOne(), ...varint(channels), 4, 4])),
  ]);
  const nodes = [node('Reshape', ['z', 'shape'], 'h0')];
  for (let i = 0; i < layers; i++) {
    nodes.push(
      node('Conv', [`h${i}`, `w${i}`], `c${i}`, ints('pads', [1, 1, 1, 1])),
      node('Relu', [`c${i}`], `h${i + 1}`),
    );
  }
  nodes.push(
    node('Conv', [`h${layers}`, `w${layers}`], 'rgb', ints('pads', [1, 1, 1, 1])),
    node('Tanh', ['rgb'], 'image'),
  );
  const before = Buffer.concat([
    ...nodes,
    text(2, 'large'),
    shape,
    Buffer.from(varint(target.length)),
    target,
  ]);
  const after = Buffer.concat([
    tensorType(11, 'z', ['batch', channels * 16]),
    tensorType(12, 'image', ['batch', 3, 4, 4]),
  ]);
  const graphSize =
    before.length +
    after.length +
    tensors.reduce((sum, { bytes: head, hole }) => sum + head.length + hole, 0);
  const model = Buffer.concat([
    number(1, 8),
    message(8, number(2, 13)),
    Buffer.from([...varint(7 * 8 + 2), ...varint(graphSize)]),
  ]);
  const descriptor = fs.openSync(file, 'w');
  try {
    let at = 0;
    const write = (part: Uint8Array) => {
      at += fs.writeSync(descriptor, part, 0, part.length, at);
    };
    write(model);
    write(before);
    for (const { bytes: head, hole } of tensors) {
      write(head);
      at += hole;
    }
    write(after);
    return at;
  } finally {
    fs.closeSync(descriptor);
  }
}

/** −1 as protobuf writes a negative int64: ten bytes. */
function minusOne(): number[] {
  return [...new Array<number>(9).fill(255), 1];
}
