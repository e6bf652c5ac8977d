/**
 * How many objects the decoder would make of a message, counted before it makes them: two bytes of a hostile file can
 * become an object of 300, so that 64 MB of them would end the process.
 */
import { type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { ModelProtoSchema } from 'onnx-buf';
import { Bytes, memorySource, unreadable } from './bytes.ts';
import { Budget, fieldsOf, LENGTH } from './wire.ts';

/** The decoder's own limit. */
const MAX_DEPTH = 100;

/**
 * Bytes of a packed list that cost as much as one object: 64-bit integers become a BigInt of 24 bytes each, other
 * numbers take 8. Lists may be packed whether the schema says so or not.
 */
const LIST_BYTES = { big: 8, small: 24 };

type Kind = DescMessage | keyof typeof LIST_BYTES;

/** @throws GenscopeError `model.unreadable` for an encoded ModelProto that is made to exhaust memory */
export function checkObjects(model: Uint8Array): void {
  const bytes = new Bytes(memorySource(model));
  const budget = new Budget();
  const kinds = new Map<DescMessage, ReadonlyMap<number, Kind>>();
  const visit = (message: DescMessage, start: number, end: number, depth: number): void => {
    if (depth > MAX_DEPTH) throw unreadable(`messages nested more than ${MAX_DEPTH} deep`);
    const known = kinds.get(message) ?? kindsOf(message);
    kinds.set(message, known);
    for (const field of fieldsOf(bytes, start, end, budget)) {
      const kind = known.get(field.number);
      if (kind === undefined || field.type !== LENGTH) continue;
      if (typeof kind === 'string') budget.spend('fields', (field.end - field.body) / LIST_BYTES[kind]);
      else visit(kind, field.body, field.end, depth + 1);
    }
  };
  visit(ModelProtoSchema, 0, model.length, 0);
}

/** The fields of a message that hold messages, or lists of numbers. */
function kindsOf(message: DescMessage): Map<number, Kind> {
  const kinds = new Map<number, Kind>();
  for (const field of message.fields) {
    if (field.fieldKind === 'message') kinds.set(field.number, field.message);
    if (field.fieldKind !== 'list') continue;
    if (field.listKind === 'message') kinds.set(field.number, field.message);
    if (
      field.listKind !== 'scalar' ||
      field.scalar === ScalarType.STRING ||
      field.scalar === ScalarType.BYTES
    )
      continue;
    const isBig = field.scalar === ScalarType.INT64 || field.scalar === ScalarType.UINT64;
    kinds.set(field.number, isBig ? 'big' : 'small');
  }
  return kinds;
}
