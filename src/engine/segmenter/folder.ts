/** A segmenter as a folder: its three files found and read, nothing run yet. */

import fs from 'node:fs';
import path from 'node:path';
import { openModel } from '../../onnx/open.ts';
import { HEAD_BYTES, sniffFile } from '../../onnx/sniff.ts';
import { MOST_JSON_BYTES, readSmallText } from '../../shared/files/readSmall.ts';
import { statIfThere } from '../../shared/files/there.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import { openFileSource } from '../files/fileSource.ts';
import { type ModelFile, openModelFile } from '../open/modelFile.ts';
import { nameOnCard } from './card.ts';
import { isJson } from './labels.ts';
import { asOwnFiles } from './ownFiles.ts';

export interface SegmenterFolder {
  readonly folder: string;
  /** As people know it: the id on the hub, the name on its card, or the folder's name. */
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly preprocessor: Readonly<Record<string, unknown>>;
  readonly jsonFiles: readonly string[];
  readonly model: ModelFile;
  readonly warnings: readonly string[];
}

export const CONFIG = 'config.json';
export const PREPROCESSOR = 'preprocessor_config.json';

/** Where a model may lie, best first: full precision before half, half before quantised (optimum and transformers.js). */
export const MODEL_FILES: readonly string[] = [
  'model',
  'model_fp16',
  'model_quantized',
  'model_int8',
  'model_uint8',
].flatMap((stem) => [`onnx/${stem}.onnx`, `${stem}.onnx`]);

/** Which of these names is the model to use; undefined when there is none. */
export function chooseModel(names: readonly string[]): string | undefined {
  return MODEL_FILES.find((name) => names.includes(name));
}

/** What to say where only a lesser copy of the model is there. */
export function precisionWarning(name: string): string | null {
  const stem = path.posix.basename(name, '.onnx');
  if (stem === 'model') return null;
  const kind = stem === 'model_fp16' ? 'in half precision' : 'quantised';
  return `The segmenter is used from ${name}, which is ${kind}: its label maps may differ a little from those of the original.`;
}

/** @throws GenscopeError `segmenter.missing`, `segmenter.invalid`, or as opening the model fails (`model.*`) */
export function openFolder(folder: string): SegmenterFolder {
  const absolute = path.resolve(folder);
  if (!statIfThere(absolute)?.isDirectory()) throw missing(`There is no folder at ${absolute}.`);
  const config = readJson(absolute, CONFIG);
  const preprocessor = readJson(absolute, PREPROCESSOR);
  const name = chooseModel(MODEL_FILES.filter((file) => fs.existsSync(path.join(absolute, file))));
  if (name === undefined) throw missing(`${absolute} holds no ONNX model.`);
  const model = openModelFile({ path: ownModel(path.join(absolute, name)) });
  const warning = precisionWarning(name);
  return {
    folder: absolute,
    name: nameOf(absolute),
    config,
    preprocessor,
    jsonFiles: [path.join(absolute, CONFIG), path.join(absolute, PREPROCESSOR)],
    model,
    warnings: warning === null ? [] : [warning],
  };
}

/** The model where its weights lie beside it as files: the runtime follows no links to other folders. */
export function ownModel(file: string): string {
  const source = openFileSource(file);
  try {
    const refusal = sniffFile(path.basename(file), source.read(0, HEAD_BYTES), source.size);
    if (refusal) throw refusal;
    return asOwnFiles(file, openModel(source, path.basename(file)).externalFiles);
  } finally {
    source.close();
  }
}

function readJson(folder: string, name: string): Readonly<Record<string, unknown>> {
  const file = path.join(folder, name);
  const text = readSmallText(file, {
    most: MOST_JSON_BYTES,
    what: 'The segmenter’s',
    code: 'segmenter.invalid',
    advice: 'Copy it again from the model that was exported.',
  });
  if (text === null) throw missing(`${folder} has no ${name}.`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    throw notJson(name, text, String(thrown));
  }
  if (!isJson(value)) throw notJson(name, text, text.slice(0, 200));
  return value;
}

function notJson(name: string, text: string, detail: string): GenscopeError {
  const pointer = text.startsWith('version https://git-lfs.github.com/spec/');
  return new GenscopeError(
    'segmenter.invalid',
    `${name} of the segmenter is ${pointer ? 'a Git LFS pointer: it has not been downloaded' : 'no JSON object'}.`,
    pointer ? 'Run `git lfs pull` in its repository.' : 'Copy it again from the model that was exported.',
    { detail },
  );
}

function missing(says: string): GenscopeError {
  return new GenscopeError(
    'segmenter.missing',
    says,
    'Choose a folder with config.json, preprocessor_config.json and onnx/model.onnx, as `optimum-cli export onnx --task semantic-segmentation` writes it.',
  );
}

/** `…/models--org--name/snapshots/<commit>` is org/name; any other folder is called as its card says, or what it is called. */
function nameOf(folder: string): string {
  const cached = /^models--(.+)$/.exec(path.basename(path.dirname(path.dirname(folder))))?.[1];
  const inCache = path.basename(path.dirname(folder)) === 'snapshots';
  return cached !== undefined && inCache
    ? cached.replace('--', '/')
    : (nameOnCard(folder) ?? path.basename(folder));
}
