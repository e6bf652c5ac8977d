/** An extractor: pictures in, one row of features a picture out, with logits where the network has them. */
import { createHash } from 'node:crypto';
import { serialize } from '../../onnx/open.ts';
import { readHead } from '../../onnx/roles/head.ts';
import { upTo } from '../../onnx/surgery/upTo.ts';
import { requireSmall } from '../../shared/files/readSmall.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { ExtractorDescription, ExtractorRef, ResizeMode } from '../../shared/scores/scores.ts';
import { hashModel } from '../open/modelFile.ts';
import { wholeSession } from '../open/wholeSession.ts';
import { asNumbers } from '../pictures/pixels.ts';
import type { PictureStack } from '../runtime/imageCodec.ts';
import { Session } from '../runtime/session.ts';
import type { NetworkInput } from '../segmenter/networkInput.ts';
import { BatchedRuns, type Outputs } from '../segmenter/runs.ts';
import {
  type FeaturePort,
  featurePort,
  imageInput,
  type LogitsPort,
  logitsPort,
  reduceInto,
  unsuitable,
} from './ports.ts';
import { Preprocessor } from './preprocess.ts';
import { type ExtractorSource, openExtractorSource } from './source.ts';
import { type InputValues, valuesOf, valuesText } from './values.ts';

/** Rows of some pictures. */
export interface Extracted {
  /** float32 [count, features] */
  readonly features: Float32Array;
  /** float32 [count, classes]; empty without a classifier. */
  readonly logits: Float32Array;
}

export interface Extractor {
  readonly description: ExtractorDescription;
  readonly layer: string | null;
  readonly warnings: readonly string[];
  /** Milliseconds spent inside the runtime so far. */
  readonly runMs: number;
  /** @throws GenscopeError `extractor.nonFinite`, or as the runtime fails */
  extract(pictures: PictureStack): Promise<Extracted>;
  release(): Promise<void>;
}

/** The side of pictures for a network that takes any and says nothing. */
const DEFAULT_SIDE = 224;
/** [height, width] of the grey picture that a network which takes any is tried with. */
const TRIAL = [DEFAULT_SIDE, DEFAULT_SIDE] as const;

/**
 * What is said with it goes before what its files say, and those before its graph. Whole numbers are bytes, unless the
 * files of a folder know it better.
 */
function inputValues(
  { values, range, model }: ExtractorSource,
  input: NetworkInput,
  resize: ResizeMode,
  asked: readonly [number, number] | null,
): InputValues {
  if (asked === null && values !== null && !input.wholeNumbers)
    return { affine: values(resize), source: 'confirmed', reason: 'as its files say' };
  return valuesOf(model.graph, input, asked ?? range);
}

function valuesWarning({ model }: ExtractorSource, { source, reason, affine }: InputValues): string[] {
  if (source !== 'guess') return [];
  return [
    `${model.name} is given pictures as ${valuesText(affine)}, which is a guess: ${reason}. Say it with --range 0,1 (or −1,1 or 0,255), or beside the scores; with other values all its features are others.`,
  ];
}

/**
 * Opens an .onnx file, or a folder with `extractor.json` or `preprocessor_config.json`, and runs it once.
 * @throws GenscopeError `extractor.*`, or as opening a model fails (`model.*`)
 */
export async function openExtractor(ref: ExtractorRef, options: { threads: number }): Promise<Extractor> {
  const source = openExtractorSource(ref);
  const resize = resizeOf(source, ref.resize);
  const layer = ref.layer ?? source.features;
  const session = await openSession(source, ref.layer, options.threads);
  try {
    const input = imageInput(session.inputs, source.model.name);
    const { channels } = input;
    const { size, warnings } = sizeOf(source, input, ref.resize === undefined, resize);
    const { processor } = source;
    const values = inputValues(source, input, resize, ref.range ?? null);
    const outputs = await tryOut(session, input, size ?? TRIAL);
    const features = featurePort(outputs, layer, source.model.name);
    const logits = logitsPort(outputs, source.logits);
    // Who brings pictures to its size does so in a way of its own.
    const way = size === null ? 'own' : resize;
    const description = await describe(source, {
      ...{ resize: way, size, values, features, logits, layer: ref.layer },
    });
    if (ref.sha256 !== undefined && ref.sha256 !== description.sha256) throw notAsSetUp(source.name);
    return new OnnxExtractor({
      ...{ session, input, features, logits, description, layer: ref.layer ?? null },
      preprocessor: new Preprocessor({ size, channels, resize, values: values.affine, processor }),
      file: source.model.name,
      warnings: [...source.warnings, ...warnings, ...valuesWarning(source, values)],
    });
  } catch (thrown) {
    await session.release();
    throw thrown;
  }
}

function notAsSetUp(name: string): GenscopeError {
  return new GenscopeError(
    'extractor.invalid',
    `${name} is not what was set up: its files have changed since.`,
    'Set it up again (genscope setup), or name the folder itself.',
  );
}

function resizeOf({ processor, resize, name }: ExtractorSource, asked: ResizeMode | undefined): ResizeMode {
  if (asked === 'own' && processor === null)
    throw unsuitable(
      `${name} has no preprocessor_config.json, so it has no way of its own to resize pictures.`,
    );
  return asked ?? resize;
}

async function openSession(
  { model, logits }: ExtractorSource,
  layer: string | undefined,
  threads: number,
): Promise<Session> {
  const options = { threads, optimize: 'all', guard: model.requireSame } as const;
  if (layer === undefined) return wholeSession(model, options);
  const declared = model.graph.graph.output.map(({ name }) => name);
  const wanted = [...new Set([layer, ...declared.filter((name) => name === logits || /logit/i.test(name))])];
  try {
    return await Session.fromBytes(serialize(upTo(model.opened.model, wanted)), model.folder, options);
  } catch (thrown) {
    if (!(thrown instanceof GenscopeError) || thrown.code !== 'input.invalid') throw thrown;
    const near = model.graph.nodes.slice(-LISTED).flatMap(({ output }) => output);
    throw new GenscopeError(
      'extractor.unsuitable',
      `${model.name} has no tensor called “${layer}”.`,
      `The last ones that it makes are ${near.join(', ')}.`,
    );
  }
}

/** How many nodes' tensors are named when one is not found. */
const LISTED = 12;

/**
 * [height, width] of the tensor for any picture; for `own` that of a square one. Null for a network of free axes that
 * brings pictures to its size by itself, as the Inception files of torch-fidelity, torchmetrics and NVIDIA do.
 */
function sizeOf(
  source: ExtractorSource,
  input: NetworkInput,
  isUnasked: boolean,
  resize: ResizeMode,
): { size: readonly [number, number] | null; warnings: readonly string[] } {
  const fixed = input.size;
  const own = source.size ?? source.processor?.place([256, 256]).input ?? null;
  if (fixed && own && (resize === 'own' || source.size) && (fixed[0] !== own[0] || fixed[1] !== own[1]))
    throw new GenscopeError(
      'extractor.invalid',
      `${source.model.name} takes pictures of ${fixed[1]}×${fixed[0]}, but its settings make ${own[1]}×${own[0]}.`,
      'Export it with free axes, correct the size in its JSON file, or choose --resize clean.',
    );
  const size = fixed ?? own;
  if (size) return { size, warnings: [] };
  const { resizes } = readHead(source.model.graph, input.name, input.channels);
  if (resizes && isUnasked) return { size: null, warnings: [] };
  const says = `${source.model.name} takes pictures of any size; they are brought to ${DEFAULT_SIDE}×${DEFAULT_SIDE}.`;
  return { size: TRIAL, warnings: [says] };
}

/** One run on grey shows what the outputs are: declared shapes are names more often than numbers. */
async function tryOut(
  session: Session,
  input: NetworkInput,
  size: readonly [number, number],
): Promise<Outputs> {
  let seen: Outputs = {};
  const values = new Float32Array(input.channels * size[0] * size[1]);
  await new BatchedRuns(session, input).run(values, 1, size, (outputs) => {
    seen = outputs;
  });
  return seen;
}

async function describe(
  { name, model, jsonFiles, classNames }: ExtractorSource,
  {
    resize,
    size,
    values,
    features,
    logits,
    layer,
  }: {
    readonly resize: ResizeMode;
    readonly size: readonly [number, number] | null;
    readonly values: InputValues;
    readonly features: FeaturePort;
    readonly logits: LogitsPort | null;
    readonly layer: string | undefined;
  },
): Promise<ExtractorDescription> {
  const [height, width] = size ?? [0, 0];
  const hash = createHash('sha256').update(await hashModel(model, new AbortController().signal));
  for (const file of jsonFiles) hash.update(createHash('sha256').update(requireSmall(file)).digest('hex'));
  const classes = logits?.classes ?? 0;
  return {
    ...{ name, resize, input: { width, height }, features: features.size, classes },
    ...{ values: valuesText(values.affine), valuesSource: values.source },
    ...(layer !== undefined && { layer }),
    // A model alone is known by its own hash: that is what its card says.
    sha256:
      jsonFiles.length === 0 ? await hashModel(model, new AbortController().signal) : hash.digest('hex'),
    classNames: classNames.length === classes ? classNames : [],
  };
}

interface Parts {
  readonly session: Session;
  readonly input: NetworkInput;
  readonly features: FeaturePort;
  readonly logits: LogitsPort | null;
  readonly description: ExtractorDescription;
  readonly layer: string | null;
  readonly preprocessor: Preprocessor;
  readonly file: string;
  readonly warnings: readonly string[];
}

class OnnxExtractor implements Extractor {
  readonly description: ExtractorDescription;
  readonly layer: string | null;
  readonly warnings: readonly string[];
  readonly #parts: Parts;
  readonly #runs: BatchedRuns;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.description = parts.description;
    this.layer = parts.layer;
    this.warnings = parts.warnings;
    this.#runs = new BatchedRuns(parts.session, parts.input);
  }

  get runMs(): number {
    return this.#parts.session.runMs;
  }

  async extract(pictures: PictureStack): Promise<Extracted> {
    const { preprocessor, features: port, logits: logitsOf, file } = this.#parts;
    const size = preprocessor.sizeOf(pictures);
    const features = new Float32Array(pictures.count * port.size);
    const classes = logitsOf?.classes ?? 0;
    const logits = new Float32Array(pictures.count * classes);
    let done = 0;
    await this.#runs.run(preprocessor.tensor(pictures), pictures.count, size, (outputs, many) => {
      const value = outputs[port.output];
      if (!value || (value.shape[0] ?? 0) < many) throw batchBroken(file, many);
      reduceInto(value, port, many, features, done * port.size);
      if (logitsOf) copyLogits(outputs, logitsOf, many, logits, done);
      done += many;
    });
    requireNumbers(features, file);
    return { features, logits };
  }

  async release(): Promise<void> {
    await this.#parts.session.release();
  }
}

function copyLogits(
  outputs: Outputs,
  { output, classes, probabilities }: LogitsPort,
  many: number,
  out: Float32Array,
  row: number,
): void {
  const value = outputs[output];
  if (!value) return;
  const numbers = asNumbers(value.data, value.dtype);
  for (let i = 0; i < many * classes; i++) {
    const number = numbers[i] as number;
    out[row * classes + i] = probabilities ? Math.log(Math.max(number, 1e-30)) : number;
  }
}

/** A NaN in one row would silently make every score over all rows one. */
function requireNumbers(values: Float32Array, file: string): void {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
  if (Number.isFinite(sum)) return;
  let bad = 0;
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) bad++;
  if (bad === 0) return;
  throw new GenscopeError(
    'extractor.nonFinite',
    `${file} gives features that are not finite numbers (${bad} of ${values.length}).`,
    'Use the extractor in full precision, or export it again.',
  );
}

function batchBroken(file: string, many: number): GenscopeError {
  return new GenscopeError(
    'extractor.unsuitable',
    `${file} did not give one row of features for each of ${many} pictures.`,
    'Export it again with a free batch axis.',
  );
}
