/** Damaging files: at the bytes, at the fields of the wire format, and at what a graph says. */
import fc from 'fast-check';
import type { GraphProto, ModelProto, NodeProto } from 'onnx-buf';
import { serialize } from '../../../src/onnx/open.ts';
import { deserialize } from '../../../src/onnx/proto.ts';
import { concat, varint } from '../../../src/onnx/wire.ts';

// Not fc.double, whose values crowd around 0: every file would be damaged at its first byte.
const place = fc.noBias(fc.nat(0xffffff)).map((n) => n / 0x1000000);

const byteStep = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('flip' as const), at: place, bit: fc.nat(7) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('set' as const),
      at: place,
      to: fc.constantFrom(0, 1, 127, 128, 255),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut' as const), at: place }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('splice' as const),
      at: place,
      other: fc.nat(),
      from: place,
      length: fc.nat(300),
    }),
  },
);

/** Fields of the wire format, all lengths around them kept right, or one of them a lie. */
const fieldStep = fc.record({
  kind: fc.constant('field' as const),
  /** Which field at each level down, and what is done with the last. */
  path: fc.array(place, { minLength: 1, maxLength: 6 }),
  change: fc.constantFrom('twice', 'gone', 'huge', 'longer', 'shorter', 'deeper', 'first'),
});

const graphStep = fc.record({
  kind: fc.constant('graph' as const),
  change: fc.constantFrom(
    'rewire',
    'rename',
    'op',
    'copy',
    'drop',
    'swap',
    'attribute',
    'dims',
    'type',
    'io',
  ),
  a: place,
  b: place,
  value: fc.constantFrom(0, 1, -1, 2, 7, 255, 2 ** 31 - 1, 2 ** 31, 2 ** 40, 2 ** 53),
  name: fc.constantFrom('', '__proto__', 'constructor', 'toString', 'z', 'image', '/'),
});

export const steps = fc.oneof(
  { weight: 2, arbitrary: fc.array(byteStep, { minLength: 1, maxLength: 6 }) },
  { weight: 1, arbitrary: fc.array(fieldStep, { minLength: 1, maxLength: 3 }) },
  { weight: 2, arbitrary: fc.array(graphStep, { minLength: 1, maxLength: 4 }) },
);
type StepOf<A> = A extends fc.Arbitrary<infer T> ? T : never;
type ByteStep = StepOf<typeof byteStep>;
type FieldStep = StepOf<typeof fieldStep>;
type GraphStep = StepOf<typeof graphStep>;
export type Step = ByteStep | FieldStep | GraphStep;

/** A step damages what the steps before it left, as far as that can still be read. */
export function mutate(bytes: Uint8Array, step: Step, corpus: readonly Uint8Array[]): Uint8Array {
  if (step.kind === 'field') return withField(bytes, step, 0);
  if (step.kind === 'graph') return withGraph(bytes, step);
  const at = Math.floor(step.at * bytes.length);
  if (step.kind === 'cut') return bytes.slice(0, at);
  if (step.kind === 'splice') {
    const other = corpus[step.other % corpus.length] as Uint8Array;
    const from = Math.floor(step.from * other.length);
    return concat([bytes.subarray(0, at), other.subarray(from, from + step.length), bytes.subarray(at)]);
  }
  const out = bytes.slice();
  if (out.length > 0) out[at] = step.kind === 'flip' ? (out[at] as number) ^ (1 << step.bit) : step.to;
  return out;
}

interface Piece {
  readonly tag: number;
  readonly start: number;
  readonly body: number;
  readonly end: number;
}

/** The fields of a message; null for bytes that are none. */
function pieces(bytes: Uint8Array): Piece[] | null {
  const found: Piece[] = [];
  for (let at = 0; at < bytes.length; ) {
    const start = at;
    const number = () => {
      let value = 0;
      for (let scale = 1; at < bytes.length; scale *= 128) {
        const byte = bytes[at++] as number;
        value += (byte & 127) * scale;
        if (byte < 128) return value;
      }
      return Number.NaN;
    };
    const tag = number();
    const type = tag % 8;
    let body = at;
    if (type === 0) number();
    else if (type === 1) at += 8;
    else if (type === 5) at += 4;
    else if (type === 2) {
      const length = number();
      body = at;
      at += length;
    } else return null;
    if (tag < 8 || !(at <= bytes.length)) return null;
    found.push({ tag, start, body, end: at });
  }
  return found;
}

function withField(bytes: Uint8Array, step: FieldStep, depth: number): Uint8Array {
  const all = pieces(bytes);
  const field = all?.[Math.floor((step.path[depth] ?? 0) * all.length)];
  if (field === undefined) return bytes;
  const body = bytes.subarray(field.body, field.end);
  const isMessage = field.tag % 8 === 2 && body.length > 1 && pieces(body) !== null;
  const whole = bytes.subarray(field.start, field.end);
  const inner =
    isMessage && depth + 1 < step.path.length
      ? framed(field.tag, withField(body, step, depth + 1))
      : changed(whole, field, body, step);
  if (step.change === 'first' && depth + 1 === step.path.length)
    return concat([whole, bytes.subarray(0, field.start), bytes.subarray(field.end)]);
  return concat([bytes.subarray(0, field.start), inner, bytes.subarray(field.end)]);
}

const framed = (tag: number, body: Uint8Array, length = body.length) =>
  concat([varint(tag), varint(length), body]);

function changed(whole: Uint8Array, { tag }: Piece, body: Uint8Array, { change }: FieldStep): Uint8Array {
  const hasLength = tag % 8 === 2;
  switch (change) {
    case 'twice':
      return concat([whole, whole]);
    case 'gone':
      return new Uint8Array(0);
    case 'huge':
      return hasLength
        ? framed(tag, body, 2 ** 50)
        : concat([varint(tag - (tag % 8)), new Uint8Array(9).fill(255), Uint8Array.of(1)]);
    case 'longer':
      return hasLength ? framed(tag, body, body.length + 5) : whole;
    case 'shorter':
      return hasLength ? framed(tag, body, Math.max(0, body.length - 3)) : whole;
    case 'deeper':
      return hasLength ? framed(tag, framed(tag, framed(tag, body))) : whole;
    default:
      return whole;
  }
}

function withGraph(bytes: Uint8Array, step: GraphStep): Uint8Array {
  let model: ModelProto;
  try {
    model = deserialize(bytes);
    if (model.graph === undefined) return bytes;
    changeGraph(model.graph, step);
    return serialize(model);
  } catch {
    // Damaged beyond decoding by a step before this one, or made of what cannot be written: it stays as it is.
    return bytes;
  }
}

const at = <T>(items: readonly T[], where: number): T | undefined => items[Math.floor(where * items.length)];

function changeGraph(graph: GraphProto, { change, a, b, value, name }: GraphStep): void {
  const one = at(graph.node, a);
  const other = at(graph.node, b);
  const weight = at(graph.initializer, a);
  if (one === undefined || other === undefined) return;
  const where = graph.node.indexOf(one);
  switch (change) {
    case 'rewire':
      // Backwards it is a cycle.
      one.input[Math.floor(b * one.input.length)] = other.output[0] ?? name;
      break;
    case 'rename':
      renameEverywhere(graph.node, one.output[0] ?? '', name);
      break;
    case 'op':
      one.opType = other.opType;
      break;
    case 'copy':
      graph.node.splice(graph.node.indexOf(other), 0, one);
      break;
    case 'drop':
      graph.node.splice(where, 1);
      break;
    case 'swap':
      graph.node[graph.node.indexOf(other)] = one;
      graph.node[where] = other;
      break;
    case 'attribute':
      one.attribute = b < 0.3 ? [] : [...other.attribute];
      break;
    case 'dims':
      if (weight) weight.dims[Math.floor(b * weight.dims.length)] = BigInt(value);
      break;
    case 'type':
      if (weight) weight.dataType = value % 24;
      break;
    case 'io': {
      const list = b < 0.5 ? graph.input : graph.output;
      if (a < 0.3) list.pop();
      else if (a < 0.6) list.push(...list);
      else for (const tensor of list) tensor.name = name;
    }
  }
}

function renameEverywhere(nodes: readonly NodeProto[], from: string, to: string): void {
  for (const node of nodes) {
    node.input = node.input.map((one) => (one === from ? to : one));
    node.output = node.output.map((one) => (one === from ? to : one));
  }
}
