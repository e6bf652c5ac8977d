/** An extractor as files: what the model is, how pictures come to it, and what its outputs are called. Nothing is run. */

import fs from 'node:fs';
import path from 'node:path';
import { MOST_JSON_BYTES, readSmallText } from '../../shared/files/readSmall.ts';
import { statIfThere } from '../../shared/files/there.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { ExtractorRef, ResizeMode } from '../../shared/scores/scores.ts';
import { type ModelFile, openModelFile } from '../open/modelFile.ts';
import { MODEL_FILES, ownModel, PREPROCESSOR } from '../segmenter/folder.ts';
import { type Processor, readProcessor } from '../segmenter/processor.ts';
import { isJson, parseJson } from './json.ts';
import { type Affine, ofProcessor, readOwnSettings, SETTINGS } from './settings.ts';

export interface ExtractorSource {
  readonly name: string;
  readonly model: ModelFile;
  /** What decides the features besides the model. */
  readonly jsonFiles: readonly string[];
  /** [height, width] of its input; null: what the model says. */
  readonly size: readonly [number, number] | null;
  readonly resize: ResizeMode;
  /** Only where there is a `preprocessor_config.json`. */
  readonly processor: Processor | null;
  /** From 0…255 to what the network takes; null where only its graph may say it. */
  readonly values: ((resize: ResizeMode) => Affine) | null;
  /** Black and white as a person has confirmed them; null: nobody has. */
  readonly range: readonly [number, number] | null;
  readonly features: string | null;
  readonly logits: string | null;
  readonly classNames: readonly string[];
  readonly warnings: readonly string[];
}

/** @throws GenscopeError `extractor.missing`, `extractor.invalid`, or as opening a model fails (`model.*`) */
export function openExtractorSource({ path: given }: ExtractorRef): ExtractorSource {
  const file = path.resolve(given);
  const stat = statIfThere(file);
  if (!stat) throw missing(`There is no extractor at ${file}.`);
  if (!stat.isDirectory()) return openSingle(file);
  return fs.existsSync(path.join(file, SETTINGS)) ? openOwn(file) : openHub(file);
}

/** A plain .onnx: what the sidecar beside it says, else what its graph does. */
function openSingle(file: string): ExtractorSource {
  const model = openModelFile({ path: file });
  if (model.sidecarProblem !== null) throw model.sidecarProblem;
  const inputs = Object.values(model.sidecar?.inputs ?? {});
  const range = inputs.flatMap((input) => (input.role === 'image' && input.range ? [input.range] : []))[0];
  return {
    ...{ name: path.basename(file, '.onnx'), model, jsonFiles: [], size: null, resize: 'clean' },
    ...{ processor: null, features: null, logits: null, warnings: [] },
    ...{ values: null, range: range ?? null },
    classNames: model.sidecar?.classNames ?? labelsBeside(file),
  };
}

/** The demo keeps the names of its classes in `labels.json`, a list or an object with one. */
function labelsBeside(file: string): readonly string[] {
  const listing = path.join(path.dirname(file), 'labels.json');
  try {
    const text = readSmallText(listing, { most: MOST_JSON_BYTES, what: 'The names of the classes' });
    if (text === null) return [];
    const json: unknown = JSON.parse(text);
    const list = isJson(json) ? (json.categories ?? json.classes) : json;
    return Array.isArray(list) && list.every((name) => typeof name === 'string') ? list : [];
  } catch {
    // Names are an ornament: a file that happens to be called that need not have them.
    return [];
  }
}

/** A folder with `extractor.json`, as `genscope setup-inception` writes it. */
function openOwn(folder: string): ExtractorSource {
  const settings = readOwnSettings(folder);
  const model = openModelFile({ path: modelIn(folder) });
  return {
    ...settings,
    ...{ model, jsonFiles: [path.join(folder, SETTINGS)], processor: null, range: null, warnings: [] },
  };
}

/** A folder as on the Hugging Face hub: any image encoder exported to ONNX. */
function openHub(folder: string): ExtractorSource {
  const jsonFile = path.join(folder, PREPROCESSOR);
  const processor = readProcessor(parseJson(jsonFile));
  const config = path.join(folder, 'config.json');
  const { id2label } = fs.existsSync(config) ? parseJson(config) : {};
  return {
    ...{ name: path.basename(folder), model: openModelFile({ path: modelIn(folder) }) },
    ...{ jsonFiles: [jsonFile], size: null, resize: 'own', processor, features: null, logits: null },
    ...{ values: () => ofProcessor(processor), range: null },
    classNames: isJson(id2label) ? Object.values(id2label).map(String) : [],
    warnings: [],
  };
}

/** Of a model of pictures and texts, the half that looks at pictures. */
const EXTRACTOR_FILES = ['onnx/vision_model.onnx', 'vision_model.onnx', ...MODEL_FILES];

function modelIn(folder: string): string {
  const name = EXTRACTOR_FILES.find((candidate) => fs.existsSync(path.join(folder, candidate)));
  if (name !== undefined) return ownModel(path.join(folder, name));
  throw missing(`${folder} holds no ONNX model.`);
}

function missing(says: string): GenscopeError {
  return new GenscopeError(
    'extractor.missing',
    says,
    'Choose an .onnx file, or a folder with preprocessor_config.json and onnx/model.onnx, as `optimum-cli export onnx --task feature-extraction` writes it.',
  );
}
