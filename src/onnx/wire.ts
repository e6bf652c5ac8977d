/**
 * The protobuf wire format, read without trusting a single length.
 * https://protobuf.dev/programming-guides/encoding/: a message is a run of fields, each a tag (number << 3 | type)
 * and a value: 0 varint, 1 eight bytes, 2 length and bytes, 5 four bytes (3 and 4, groups, ONNX never uses).
 */
import { type Bytes, truncated, unreadable } from './bytes.ts';

export const VARINT = 0;
export const FIXED64 = 1;
export const LENGTH = 2;
export const FIXED32 = 5;

/** One field of a message: [start, end) is all of it, [body, end) its value without tag and length. */
export interface Field {
  readonly number: number;
  readonly type: number;
  readonly start: number;
  readonly body: number;
  readonly end: number;
}

/** What one scan may spend, so that no file of any size can hold the engine up. */
export class Budget {
  /** Of the messages that are followed: a node or a weight is one. The largest published generators have thousands. */
  fields = 2_000_000;
  nodes = 500_000;
  /** Bytes of graph, without weights, that may be held in memory; a diffusion U-Net with stack traces has 20 MB. */
  skeleton = 64 * 1024 * 1024;

  spend(what: 'fields' | 'nodes' | 'skeleton', amount: number): void {
    this[what] -= amount;
    if (this[what] < 0)
      throw unreadable(`the graph without its weights is absurdly large (too many ${what})`);
  }
}

/** The fields of the message in [start, end), in file order. */
export function* fieldsOf(bytes: Bytes, start: number, end: number, budget: Budget): Generator<Field> {
  let offset = start;
  while (offset < end) {
    budget.spend('fields', 1);
    const field = fieldAt(bytes, offset, end);
    yield field;
    offset = field.end;
  }
}

function fieldAt(bytes: Bytes, start: number, limit: number): Field {
  const [tag, body] = varintAt(bytes, start, limit);
  const number = Math.floor(tag / 8);
  const type = tag % 8;
  if (number < 1 || number > 536_870_911) throw unreadable(`field number ${number} at byte ${start}`);
  if (type === VARINT) return { number, type, start, body, end: varintAt(bytes, body, limit)[1] };
  if (type === FIXED64) return { number, type, start, body, end: within(bytes, body + 8, limit) };
  if (type === FIXED32) return { number, type, start, body, end: within(bytes, body + 4, limit) };
  if (type !== LENGTH) throw unreadable(`wire type ${type} at byte ${start}`);
  const [length, value] = varintAt(bytes, body, limit);
  return { number, type, start, body: value, end: within(bytes, value + length, limit) };
}

/** `end` again, when it lies in both the message and the file; the message is the one to blame if only it is overrun. */
function within(bytes: Bytes, end: number, limit: number): number {
  if (end > bytes.size) throw truncated(`a field reaches to byte ${end}, the file has ${bytes.size}`);
  if (end > limit) throw unreadable(`a field reaches to byte ${end}, its message ends at ${limit}`);
  return end;
}

/** A varint's value, as far as doubles are exact (larger ones only ever stand for negative numbers), and its end. */
function varintAt(bytes: Bytes, start: number, limit: number): [value: number, end: number] {
  let value = 0;
  let scale = 1;
  for (let i = 0; i < 10; i++, scale *= 128) {
    const at = within(bytes, start + i + 1, limit) - 1;
    const byte = bytes.byte(at);
    value += (byte & 127) * scale;
    if (byte < 128) return [value, at + 1];
  }
  throw unreadable(`a number of more than ten bytes at byte ${start}`);
}

/** A varint's bytes. */
export function varint(value: number): Uint8Array {
  const out: number[] = [];
  let rest = value;
  while (rest >= 128) {
    out.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  out.push(rest);
  return Uint8Array.from(out);
}

/** A length-delimited field around parts that are already encoded. */
export function lengthField(number: number, parts: readonly Uint8Array[]): Uint8Array[] {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return [varint(number * 8 + LENGTH), varint(length), ...parts];
}

const utf8 = new TextEncoder();

export function stringField(number: number, text: string): Uint8Array[] {
  return lengthField(number, [utf8.encode(text)]);
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}
