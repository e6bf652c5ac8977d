/**
 * A model file without its weights. The scan follows only the fields that can hold a tensor; everything else is
 * copied as it is. A large payload is replaced by a reference to where it already lies:
 *
 *   ModelProto                                  ModelProto
 *   └ graph                                     └ graph
 *     ├ node …                                    ├ node …
 *     └ initializer                       →       └ initializer
 *       ├ name "l8.weight"                          ├ name "l8.weight"
 *       └ raw_data (2.3 MB)                         ├ external_data {location, offset, length}
 *                                                   └ data_location = EXTERNAL
 *
 * Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
import { type ByteSource, Bytes, unreadable } from './bytes.ts';
import {
  Budget,
  concat,
  type Field,
  fieldsOf,
  LENGTH,
  lengthField,
  stringField,
  VARINT,
  varint,
} from './wire.ts';

const MODEL = { graph: 7, trainingInfo: 20 };
const GRAPH = { node: 1, initializer: 5 };
const NODE = { attribute: 5 };
const ATTRIBUTE = { tensor: 5, graph: 6, tensors: 10, graphs: 11 };
const TENSOR = {
  float: 4,
  int32: 5,
  string: 6,
  int64: 7,
  raw: 9,
  double: 10,
  uint64: 11,
  external: 13,
  where: 14,
};

/** A payload above this stays on disk. Shape constants, which the roles and surgery read, are far smaller. */
export const INLINE_LIMIT = 1024;

/** Subgraphs of If and Loop in each other; the decoder's own limit lies a little above. */
const MAX_DEPTH = 24;

const PAYLOADS = new Set([
  TENSOR.float,
  TENSOR.int32,
  TENSOR.string,
  TENSOR.int64,
  TENSOR.raw,
  TENSOR.double,
  TENSOR.uint64,
]);
/** Payloads whose bytes are the same little-endian array that an external file holds. */
const RAW_LIKE = new Set([TENSOR.raw, TENSOR.float, TENSOR.double]);

/** The encoded ModelProto of `source` with every large payload pointing into the file called `location`. */
export function skeletonBytes(source: ByteSource, location: string): Uint8Array {
  const scan = new Scan(source, location);
  return concat(scan.model());
}

class Scan {
  readonly #bytes: Bytes;
  readonly #location: string;
  readonly #budget = new Budget();

  constructor(source: ByteSource, location: string) {
    this.#bytes = new Bytes(source);
    this.#location = location;
  }

  model(): Uint8Array[] {
    return this.#rewrite(0, this.#bytes.size, (field) => {
      // The runtime ignores training graphs, and they may carry a second set of weights.
      if (field.number === MODEL.trainingInfo) return [];
      return field.number === MODEL.graph ? this.#graph(field, 0) : null;
    });
  }

  #graph(graph: Field, depth: number): Uint8Array[] {
    if (depth > MAX_DEPTH) throw unreadable(`graphs nested more than ${MAX_DEPTH} deep`);
    return this.#message(graph, (field) => {
      if (field.number === GRAPH.initializer) return this.#tensor(field);
      if (field.number !== GRAPH.node) return null;
      this.#budget.spend('nodes', 1);
      return holdsPayload(field) ? this.#node(field, depth) : null;
    });
  }

  #node(node: Field, depth: number): Uint8Array[] {
    return this.#message(node, (field) =>
      field.number === NODE.attribute && holdsPayload(field) ? this.#attribute(field, depth) : null,
    );
  }

  #attribute(attribute: Field, depth: number): Uint8Array[] {
    return this.#message(attribute, (field) => {
      if (field.number === ATTRIBUTE.tensor || field.number === ATTRIBUTE.tensors) return this.#tensor(field);
      if (field.number === ATTRIBUTE.graph || field.number === ATTRIBUTE.graphs)
        return this.#graph(field, depth + 1);
      return null;
    });
  }

  /** A tensor whose only payload is one large little-endian block loses it; any other stays: null. */
  #tensor(tensor: Field): Uint8Array[] | null {
    if (!holdsPayload(tensor)) return null;
    const fields = fieldsOf(this.#bytes, tensor.body, tensor.end, this.#budget);
    const special = [...fields].filter(
      ({ number }) => PAYLOADS.has(number) || number === TENSOR.external || number === TENSOR.where,
    );
    const [payload] = special;
    // External already, empty, or in several pieces.
    if (payload === undefined || special.length > 1) return null;
    if (!RAW_LIKE.has(payload.number) || !holdsPayload(payload)) return null;
    const before = this.#copy(tensor.body, payload.start);
    const after = this.#copy(payload.end, tensor.end);
    return lengthField(tensor.number, [before, after, ...this.#reference(payload)]);
  }

  #reference(payload: Field): Uint8Array[] {
    const entry = (key: string, value: string) =>
      lengthField(TENSOR.external, [...stringField(1, key), ...stringField(2, value)]);
    return [
      ...entry('location', this.#location),
      ...entry('offset', String(payload.body)),
      ...entry('length', String(payload.end - payload.body)),
      varint(TENSOR.where * 8 + VARINT),
      varint(1),
    ];
  }

  /** `field` again, each of its fields replaced by what `replace` answers; null copies. */
  #message(field: Field, replace: (inner: Field) => Uint8Array[] | null): Uint8Array[] {
    if (field.type !== LENGTH)
      throw unreadable(`field ${field.number} at byte ${field.start} is not a message`);
    return lengthField(field.number, this.#rewrite(field.body, field.end, replace));
  }

  #rewrite(start: number, end: number, replace: (field: Field) => Uint8Array[] | null): Uint8Array[] {
    const parts: Uint8Array[] = [];
    // Neighbours that stay are copied in one piece: a hostile file may have millions of two bytes each.
    let kept = start;
    for (const field of fieldsOf(this.#bytes, start, end, this.#budget)) {
      const replaced = replace(field);
      if (replaced === null) continue;
      parts.push(this.#copy(kept, field.start));
      for (const part of replaced) parts.push(part);
      kept = field.end;
    }
    parts.push(this.#copy(kept, end));
    return parts;
  }

  #copy(start: number, end: number): Uint8Array {
    this.#budget.spend('skeleton', end - start);
    return this.#bytes.slice(start, end);
  }
}

/** Whether a field is long enough to hold a payload that leaves; shorter ones are copied unread. */
function holdsPayload(field: Field): boolean {
  return field.type === LENGTH && field.end - field.body > INLINE_LIMIT;
}
