/**
 * What a file is, from its first bytes, before anything parses it: the runtime says "Protobuf parsing failed" to a
 * Git-LFS pointer, a checkpoint and an error page alike, and the person needs to know which.
 */
import { type ErrorCode, GenscopeError, type NextStep } from '../shared/kernel/errors.ts';
import { CHECKPOINT_EXTENSIONS, checkpoint, type Sniffed, torchCheckpoint } from './checkpoints.ts';
import { emptyFile } from './open.ts';

/** How much of a file's start is worth reading: zip and pickle names lie within, and it is one disk block. */
export const HEAD_BYTES = 4096;

/**
 * Says why a file cannot be an ONNX model; null when it may be one.
 *
 * @param name the file's name, for its extension
 * @param head its first `HEAD_BYTES` bytes, or all of a shorter file
 * @param size its length in bytes
 */
export function sniffFile(name: string, head: Uint8Array, size: number): GenscopeError | null {
  if (size === 0) return emptyFile();
  const extension = /\.([^./\\]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  const file: Sniffed = { name, extension, head, size, text: latin1(head) };
  for (const detect of [lfsPointer, checkpoint, webPage, archive, runtimeFormat]) {
    const error = detect(file);
    if (error !== null) return error;
  }
  if (startsLikeModel(head, size)) return null;
  if (CHECKPOINT_EXTENSIONS.has(extension)) return torchCheckpoint();
  const what = isText(file.text) ? 'a text file' : 'not an ONNX model';
  return notOnnx(`This file is ${what}${isText(file.text) ? ', not an ONNX model' : ''}.`, EXPORT_ADVICE, [
    'copyExportCode',
  ]);
}

const EXPORT_ADVICE = 'Export the generator with `torch.onnx.export` and open the file it writes.';

function lfsPointer({ text }: Sniffed): GenscopeError | null {
  if (!text.startsWith('version https://git-lfs.github.com/spec/')) return null;
  return new GenscopeError(
    'model.lfsPointer',
    'This file is a Git LFS pointer: the model itself has not been downloaded.',
    'Run `git lfs pull` in the repository, then open it again.',
    { next: ['retry'] },
  );
}

function webPage({ text }: Sniffed): GenscopeError | null {
  if (!/^(\xef\xbb\xbf)?\s*<(!doctype|html|head|\?xml|!--)/i.test(text)) return null;
  return notOnnx(
    'This file is a web page, not a model: a download saved an error or login page under the name of the model.',
    'Download the model again, signed in if need be, from its direct link.',
  );
}

function archive({ text, name }: Sniffed): GenscopeError | null {
  const unpack = `Unpack it, and open the .onnx file inside.`;
  if (text.startsWith('\x1f\x8b')) return notOnnx('This file is compressed with gzip.', unpack);
  if (text.startsWith('PK\x03\x04')) return notOnnx(`“${name}” is a ZIP archive.`, unpack);
  return null;
}

function runtimeFormat({ text }: Sniffed): GenscopeError | null {
  const identifier = text.slice(4, 8);
  if (identifier === 'ORTM') {
    return notOnnx(
      'This file is in ONNX Runtime’s own format, which cannot be taken apart.',
      'Open the .onnx file that it was made from.',
    );
  }
  if (identifier === 'TFL3')
    return notOnnx(
      'This file is a TensorFlow Lite model.',
      'Convert it with `tf2onnx`, and open the result.',
    );
  return null;
}

/** Wire type of every field of ModelProto, by number: the only ones that a model's first bytes can hold. */
const MODEL_FIELDS: Readonly<Record<number, number>> = {
  1: 0,
  2: 2,
  3: 2,
  4: 2,
  5: 0,
  6: 2,
  7: 2,
  8: 2,
  14: 2,
  20: 2,
  25: 2,
  26: 2,
};

const GRAPH = 7;
/** The first byte of a GraphProto: the tag of any of its fields, all of them of wire type 2. */
const GRAPH_TAGS = new Set([1, 2, 5, 10, 11, 12, 13, 14, 15].map((number) => number * 8 + 2));

/** Whether the fields that the head holds are ModelProto's; one that reaches beyond the head ends the look. */
function startsLikeModel(head: Uint8Array, size: number): boolean {
  let at = 0;
  const readVarint = () => {
    let value = 0;
    for (let scale = 1; at < head.length && scale < 2 ** 63; scale *= 128) {
      const byte = head[at++] as number;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    return at < head.length ? null : value;
  };
  while (at < head.length) {
    const tag = readVarint();
    const number = tag === null ? 0 : Math.floor(tag / 8);
    if (tag === null || MODEL_FIELDS[number] !== tag % 8) return false;
    const value = readVarint();
    if (value === null) return false;
    if (tag % 8 !== 2) continue;
    // Only the graph is long enough for a truncated file to end in; what it begins with is checked instead.
    if (number !== GRAPH && at + value > size) return false;
    if (number === GRAPH && value > 0 && at < head.length && !GRAPH_TAGS.has(head[at] as number))
      return false;
    at += value;
  }
  return true;
}

function isText(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what tells binary from text.
  return text.length > 0 && !/[\x00-\x08\x0e-\x1f]/.test(text);
}

function latin1(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes.subarray(0, HEAD_BYTES)) text += String.fromCharCode(byte);
  return text;
}

function notOnnx(message: string, advice: string, next: readonly NextStep[] = []): GenscopeError {
  return fail('model.notOnnx', message, advice, next);
}

function fail(code: ErrorCode, message: string, advice: string, next: readonly NextStep[]): GenscopeError {
  return new GenscopeError(code, message, advice, { next });
}
