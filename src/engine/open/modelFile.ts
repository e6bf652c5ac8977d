/** A model as a file: what is on disk, what its graph says, and what the sidecar adds. Nothing is run yet. */

import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { freeEmptyAxes } from '../../onnx/emptyAxes.ts';
import { GraphIndex } from '../../onnx/graph.ts';
import { type OpenedModel, openModel } from '../../onnx/open.ts';
import { parseSidecar, sidecarFileName } from '../../onnx/sidecar.ts';
import { HEAD_BYTES, sniffFile } from '../../onnx/sniff.ts';
import { unsupportedOperators } from '../../onnx/support.ts';
import { inlineFunctions } from '../../onnx/surgery/inline.ts';
import { MOST_JSON_BYTES, readSmallText } from '../../shared/files/readSmall.ts';
import { preciseStatIfThere, statIfThere } from '../../shared/files/there.ts';
import type { Sidecar } from '../../shared/generator/roles.ts';
import { asGenscopeError, cancelled, GenscopeError } from '../../shared/kernel/errors.ts';
import type { ModelRef } from '../../shared/protocol.ts';
import { fileError, openFileSource } from '../files/fileSource.ts';
import { embeddingFiles } from './embeddingFiles.ts';

export interface ModelFile {
  readonly path: string;
  readonly folder: string;
  readonly name: string;
  readonly bytes: number;
  /** Changes when the file, its sidecar or the answers do: the key under which an open generator is kept. */
  readonly stamp: string;
  readonly opened: OpenedModel;
  /** The runtime cannot feed the file as it is, only `opened.model`: sizes of 0 were declared for “any”. */
  readonly hadEmptyAxes: boolean;
  readonly graph: GraphIndex;
  readonly sidecar: Sidecar | null;
  /** Why the sidecar on disk could not be used; describing goes on without it, sampling does not. */
  readonly sidecarProblem: GenscopeError | null;
  readonly warnings: readonly string[];
  /**
   * Whether all files are still the ones that were read. Every session of this model asks after it is made and after each
   * run, so that no answer is made of two files.
   * @throws GenscopeError `model.changed`
   */
  readonly requireSame: () => void;
}

/** External files of models met before, by the state of the .onnx file, so that a stamp needs no second reading. */
const externals = new Map<string, readonly string[]>();

/**
 * What decides a model's pictures, as a short hash: the file, its external weights, its sidecar, the answers. By size,
 * time and inode, not by content: it is asked for with every request.
 * @throws GenscopeError `model.missing`, or as reading the graph does
 */
export function modelStamp(ref: ModelRef): string {
  return stampOf(statesOf(ref));
}

function stampOf(states: string): string {
  return createHash('sha256').update(states).digest('hex').slice(0, 16);
}

/** The states of all files that decide a model's pictures, and the answers. */
function statesOf(ref: ModelRef): string {
  const file = path.resolve(ref.path);
  const own = stateOf(file);
  if (own === '') throw fileError(file, Object.assign(new Error(file), { code: 'ENOENT' }));
  const key = `${file}|${own}`;
  let outside = externals.get(key);
  if (outside === undefined) {
    outside = readGraph(file).opened.externalFiles;
    externals.set(key, outside);
  }
  const states = outside.map((name) => stateOf(path.join(path.dirname(file), name)));
  const answers = ref.sidecar ? JSON.stringify(ref.sidecar) : '';
  const parts = [key, ...states, stateOf(sidecarFile(file)), answers, ...embeddingStates(ref, file)];
  return parts.join('|');
}

/** Sidecars met before, by path and state: a stamp asks for the files they name. */
const namedFiles = new Map<string, readonly string[]>();

function embeddingStates(ref: ModelRef, file: string): string[] {
  const folder = path.dirname(file);
  const states = (names: readonly string[]) => names.map((name) => stateOf(path.join(folder, name)));
  if (ref.sidecar) return states(embeddingFiles(ref.sidecar));
  const state = stateOf(sidecarFile(file));
  if (state === '') return [];
  const key = `${sidecarFile(file)}|${state}`;
  const names = namedFiles.get(key) ?? embeddingFiles(readSidecar(file).sidecar);
  namedFiles.set(key, names);
  return states(names);
}

/** Size, time and inode of a file; '' when there is none. An exporter that renames over it may keep size and time. */
function stateOf(file: string): string {
  const stat = preciseStatIfThere(file);
  return stat ? `${stat.size}:${stat.mtimeNs}:${stat.ino}` : '';
}

/** The state of a network's file, or of one beside it: with its external weights where it is a model that can be read. */
export function networkState(file: string): string {
  const own = stateOf(file);
  if (own === '' || !file.endsWith('.onnx')) return own;
  try {
    return modelStamp({ path: file });
  } catch {
    // Why it cannot be read is told by who opens it.
    return own;
  }
}

/**
 * Throws once any of the files is not the one any more that it was when this was made.
 * @throws GenscopeError `model.changed`
 */
function guardOf(ref: ModelRef, states: string): () => void {
  return () => {
    let now: string;
    try {
      now = statesOf(ref);
    } catch {
      // Gone, or half written: whatever it is, it is not what was opened.
      now = '';
    }
    if (now !== states) throw replaced(path.basename(ref.path));
  };
}

/** @throws GenscopeError `model.changed` when the stamp is not the file's */
export function requireUnchanged(model: ModelRef, stamp: string | undefined): void {
  if (stamp === undefined || stamp === modelStamp(model)) return;
  throw replaced(path.basename(model.path));
}

function replaced(name: string): GenscopeError {
  return new GenscopeError(
    'model.changed',
    `${name} is another file by now: it was written again after it was opened.`,
    'Reload it to go on with the new one; to work on one checkpoint while training goes on, open a copy of it.',
    { next: ['retry'] },
  );
}

function readGraph(file: string): { opened: OpenedModel; hadEmptyAxes: boolean; bytes: number } {
  const source = openFileSource(file);
  try {
    const name = path.basename(file);
    const refusal = sniffFile(name, source.read(0, HEAD_BYTES), source.size);
    if (refusal) throw refusal;
    const opened = openModel(source, name);
    // Roles, layers and surgery look at nodes: a function is one only once it is written out.
    const model = inlineFunctions(opened.model);
    return { opened: { ...opened, model }, hadEmptyAxes: freeEmptyAxes(model), bytes: source.size };
  } finally {
    source.close();
  }
}

/** @throws GenscopeError for everything that can be wrong with a file (`model.*`, `sidecar.invalid`) */
export function openModelFile(named: ModelRef): ModelFile {
  const file = path.resolve(named.path);
  // Made absolute once: sessions are created in another working directory, and ask from there.
  const ref = { ...named, path: file };
  const folder = path.dirname(file);
  // Before the first byte is read: what changes while it is read must show.
  const states = statesOf(ref);
  const requireSame = guardOf(ref, states);
  const { opened, hadEmptyAxes, bytes } = readGraph(file);
  requireExternalFiles(opened, folder);
  const graph = new GraphIndex(opened.model);
  const unsupported = unsupportedOperators(graph);
  if (unsupported) throw unsupported;
  const { sidecar, problem } = ref.sidecar ? { sidecar: ref.sidecar, problem: null } : readSidecar(file);
  requireSame();
  return {
    path: file,
    folder,
    name: path.basename(file),
    bytes,
    stamp: stampOf(states),
    opened,
    hadEmptyAxes,
    graph,
    sidecar,
    sidecarProblem: problem,
    warnings: [],
    requireSame,
  };
}

function requireExternalFiles(opened: OpenedModel, folder: string): void {
  const outside = opened.externalFiles.find(
    (file) => path.isAbsolute(file) || file.split(/[\\/]/).includes('..'),
  );
  if (outside !== undefined) throw outsideFolder(outside);
  const link = opened.externalFiles.find((file) => leavesFolder(path.join(folder, file), folder));
  if (link !== undefined) throw linkedElsewhere(link);
  const missing = opened.externalFiles.filter((file) => !fs.existsSync(path.join(folder, file)));
  const [first] = missing;
  const odd = opened.externalFiles.find((file) => statIfThere(path.join(folder, file))?.isFile() === false);
  if (odd !== undefined) throw noFile(odd);
  if (first === undefined) return;
  throw new GenscopeError(
    'model.externalDataMissing',
    `The model keeps its weights in ${missing.length === 1 ? `“${first}”, which is` : `${missing.length} files (“${first}”, …), which are`} not beside it.`,
    'Copy the file that the exporter wrote next to the .onnx file into the same folder.',
  );
}

/** A pipe or a device would hold the runtime up for ever. */
function noFile(file: string): GenscopeError {
  return new GenscopeError(
    'model.unreadable',
    `The model keeps its weights in “${file}”, which is no regular file.`,
    'Copy the file that the exporter wrote next to the .onnx file into the same folder.',
  );
}

/** Hugging Face's cache keeps weights as links to a folder of blobs, which the runtime will not follow. */
function leavesFolder(file: string, folder: string): boolean {
  if (!fs.existsSync(file)) return false;
  const inside = path.relative(fs.realpathSync(folder), fs.realpathSync(file));
  return inside.startsWith('..') || path.isAbsolute(inside);
}

function linkedElsewhere(file: string): GenscopeError {
  return new GenscopeError(
    'model.unsupported',
    `“${file}” beside the model is a link to another folder, which ONNX Runtime does not follow.`,
    'Copy the model and the files its weights are in to one folder, as files instead of links.',
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

/** The sidecar that belongs to a model, whether or not it is there. */
export function sidecarFile(file: string): string {
  return path.join(path.dirname(file), sidecarFileName(path.basename(file)));
}

function readSidecar(file: string): { sidecar: Sidecar | null; problem: GenscopeError | null } {
  const place = sidecarFile(file);
  // A folder of that name is no sidecar.
  if (statIfThere(place)?.isDirectory()) return { sidecar: null, problem: null };
  try {
    const text = readSmallText(place, {
      most: MOST_JSON_BYTES,
      what: 'The sidecar',
      code: 'sidecar.invalid',
      advice: 'Check that you may read it, or delete it.',
    });
    return { sidecar: text === null ? null : parseSidecar(text), problem: null };
  } catch (thrown) {
    return { sidecar: null, problem: asGenscopeError(thrown) };
  }
}

const hashes = new WeakMap<ModelFile, string>();

/**
 * SHA-256 of what decides the pictures, in hex: of the file itself, or, where weights lie in other files, of the hashes
 * of all of them in the order the model names them. Read in slices, so that a cancel gets through; once for each opening.
 * @throws GenscopeError `model.changed` when it is not of the bytes that were opened, `request.cancelled`
 */
export async function hashModel(file: ModelFile, signal: AbortSignal): Promise<string> {
  const known = hashes.get(file);
  if (known !== undefined) return known;
  let hash = await hashFile(file.path, signal);
  if (file.opened.externalFiles.length > 0) {
    const all = createHash('sha256').update(hash);
    for (const name of file.opened.externalFiles)
      all.update(await hashFile(path.join(file.folder, name), signal));
    hash = all.digest('hex');
  }
  file.requireSame();
  hashes.set(file, hash);
  return hash;
}

async function hashFile(file: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of fs.createReadStream(file, { highWaterMark: 4 << 20 })) {
      if (signal.aborted) throw cancelled();
      hash.update(chunk as Buffer);
    }
  } catch (thrown) {
    throw fileError(file, thrown);
  }
  return hash.digest('hex');
}
