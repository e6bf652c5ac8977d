/** A model as a file: what is on disk, what its graph says, and what the sidecar adds. Nothing is run yet. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { GraphIndex } from '../onnx/graph.ts';
import { type OpenedModel, openModel } from '../onnx/open.ts';
import { parseSidecar, sidecarFileName } from '../onnx/sidecar.ts';
import { HEAD_BYTES, sniffFile } from '../onnx/sniff.ts';
import { unsupportedOperators } from '../onnx/support.ts';
import { GenscopeError } from '../shared/errors.ts';
import type { ModelRef } from '../shared/protocol.ts';
import type { Sidecar } from '../shared/roles.ts';
import { fileError, openFileSource } from './runtime/fileSource.ts';

export interface ModelFile {
  readonly path: string;
  readonly folder: string;
  readonly name: string;
  readonly bytes: number;
  /** Changes when the file, its sidecar or the answers do: the key under which an open generator is kept. */
  readonly stamp: string;
  readonly opened: OpenedModel;
  readonly graph: GraphIndex;
  readonly sidecar: Sidecar | null;
  readonly warnings: readonly string[];
}

/** Where a model is and whether it is still the same one, without reading it. @throws GenscopeError `model.missing` */
export function modelStamp(ref: ModelRef): string {
  const file = path.resolve(ref.path);
  try {
    const stat = fs.statSync(file);
    return [
      file,
      stat.size,
      stat.mtimeMs,
      sidecarStamp(file),
      ref.sidecar ? JSON.stringify(ref.sidecar) : '',
    ].join('|');
  } catch (thrown) {
    throw fileError(file, thrown);
  }
}

/** @throws GenscopeError for everything that can be wrong with a file (`model.*`, `sidecar.invalid`) */
export function openModelFile(ref: ModelRef): ModelFile {
  const file = path.resolve(ref.path);
  const stamp = modelStamp(ref);
  const source = openFileSource(file);
  const name = path.basename(file);
  const folder = path.dirname(file);
  try {
    const refusal = sniffFile(name, source.read(0, HEAD_BYTES), source.size);
    if (refusal) throw refusal;
    const opened = openModel(source, name);
    requireExternalFiles(opened, folder);
    const graph = new GraphIndex(opened.model);
    const unsupported = unsupportedOperators(graph);
    if (unsupported) throw unsupported;
    return {
      path: file,
      folder,
      name,
      bytes: source.size,
      stamp,
      opened,
      graph,
      sidecar: ref.sidecar ?? readSidecar(file),
      warnings: [],
    };
  } finally {
    source.close();
  }
}

function requireExternalFiles(opened: OpenedModel, folder: string): void {
  const outside = opened.externalFiles.find(
    (file) => path.isAbsolute(file) || file.split(/[\\/]/).includes('..'),
  );
  if (outside !== undefined) throw outsideFolder(outside);
  const missing = opened.externalFiles.filter((file) => !fs.existsSync(path.join(folder, file)));
  const [first] = missing;
  if (first === undefined) return;
  throw new GenscopeError(
    'model.externalDataMissing',
    `The model keeps its weights in ${missing.length === 1 ? `“${first}”, which is` : `${missing.length} files (“${first}”, …), which are`} not beside it.`,
    'Copy the file that the exporter wrote next to the .onnx file into the same folder.',
  );
}

/** The runtime refuses these as well: a model from elsewhere must not read files of its choosing. */
function outsideFolder(file: string): GenscopeError {
  return new GenscopeError(
    'model.unsupported',
    `The model wants to read its weights from “${file}”, outside its own folder.`,
    'Save it again with its weights beside it.',
  );
}

function sidecarPath(file: string): string {
  return path.join(path.dirname(file), sidecarFileName(path.basename(file)));
}

function sidecarStamp(file: string): string {
  const stat = fs.statSync(sidecarPath(file), { throwIfNoEntry: false });
  return stat ? `${stat.size}:${stat.mtimeMs}` : '';
}

function readSidecar(file: string): Sidecar | null {
  let text: string;
  try {
    text = fs.readFileSync(sidecarPath(file), 'utf8');
  } catch (thrown) {
    // A folder of that name is no sidecar either.
    if (['ENOENT', 'EISDIR'].includes((thrown as NodeJS.ErrnoException).code ?? '')) return null;
    throw new GenscopeError(
      'sidecar.invalid',
      `${sidecarPath(file)} could not be read.`,
      'Check that you may read it, or delete it.',
      {
        detail: String(thrown),
      },
    );
  }
  return parseSidecar(text);
}

/** SHA-256 of the file in hex, read in slices so that a cancel and other messages get through. */
export async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of fs.createReadStream(file, { highWaterMark: 4 << 20 }))
    hash.update(chunk as Buffer);
  return hash.digest('hex');
}
