/** A segmenter: pictures in, a concept for every pixel out. Laid out and fed as on the Hugging Face hub. */
import { createHash } from 'node:crypto';
import { type LabelMap, labelMap, NO_CONCEPT } from '../../algorithms/dissection/labelMap.ts';
import { ClassMap } from '../../algorithms/images/classMap.ts';
import type { Placement } from '../../algorithms/images/placement.ts';
import { Resampler } from '../../algorithms/images/resample.ts';
import { valueTable, writeTensor } from '../../algorithms/images/toTensor.ts';
import { boundsOf } from '../../onnx/roles/bounds.ts';
import { requireSmall } from '../../shared/files/readSmall.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { SegmenterDescription } from '../../shared/units/dissection.ts';
import { hashModel } from '../open/modelFile.ts';
import { wholeSession } from '../open/wholeSession.ts';
import { asNumbers } from '../pictures/pixels.ts';
import type { PictureStack } from '../runtime/imageCodec.ts';
import type { Session } from '../runtime/session.ts';
import { openFolder, type SegmenterFolder } from './folder.ts';
import { type LabelGroup, readLabels } from './labels.ts';
import type { NetworkInput } from './networkInput.ts';
import { type LogitPort, logitPorts, pictureInput } from './ports.ts';
import { type Processor, readProcessor } from './processor.ts';
import { BatchedRuns, logitFloats, type Outputs } from './runs.ts';

export interface Segmenter {
  readonly description: SegmenterDescription;
  /** The model that is used, relative to nothing: its full path. */
  readonly modelFile: string;
  readonly warnings: readonly string[];
  /** Milliseconds spent inside the runtime so far. */
  readonly runMs: number;
  /**
   * Label maps of `size` ([height, width]), one per picture. Planes are numbered through all categories; pixels that the
   * model's crop leaves out are NO_CONCEPT.
   * @throws GenscopeError `segmenter.mismatch` for pictures of a size the model does not take, `segmenter.nonFinite`
   */
  segment(pictures: PictureStack, size: readonly [number, number]): Promise<readonly LabelMap[]>;
  release(): Promise<void>;
}

/**
 * Opens a folder with `config.json`, `preprocessor_config.json` and `onnx/model.onnx` or `model.onnx`, and runs it once.
 * @throws GenscopeError `segmenter.*`, or as opening a model fails (`model.*`)
 */
export async function openSegmenter(folder: string, options: { threads: number }): Promise<Segmenter> {
  const files = openFolder(folder);
  const groups = readLabels(files.config);
  const read = readProcessor(files.preprocessor);
  const session = await wholeSession(files.model, {
    ...{ threads: options.threads, optimize: 'all', guard: files.model.requireSame },
  });
  try {
    const input = pictureInput(session.inputs, files.model.name);
    const { processor, warnings: values } = fedWith(read, input, files.model.name);
    const side = trialSize(processor, input);
    const ports = await tryOut(files, groups, session, input, side);
    const description = await describe(files, groups, side);
    const warnings = [...files.warnings, ...values, ...backgroundWarnings(ports, files.model.name)];
    return new OnnxSegmenter({ files, processor, session, input, ports, description, warnings });
  } catch (thrown) {
    await session.release();
    throw thrown;
  }
}

/** Of the tensor for a square picture: what most generators make. */
function trialSize(processor: Processor, { size }: NetworkInput): readonly [number, number] {
  return size ?? processor.place([TRIAL_SIDE, TRIAL_SIDE]).input;
}

/** A network that takes whole numbers normalises them itself: anything but bytes would be cut to nonsense. */
function fedWith(
  processor: Processor,
  input: NetworkInput,
  name: string,
): { readonly processor: Processor; readonly warnings: readonly string[] } {
  if (!input.wholeNumbers) return { processor, warnings: [] };
  const { normal } = processor.values;
  const values = { ...processor.values, scale: null, offset: false, normal: null };
  const says = `${name} takes whole numbers (${input.dtype}), so it is given colours from 0 to 255; the mean and deviation in preprocessor_config.json are left out.`;
  return { processor: { ...processor, values }, warnings: normal === null ? [] : [says] };
}

function backgroundWarnings(ports: readonly LogitPort[], name: string): string[] {
  if (!ports.some(({ background }) => background)) return [];
  return [
    `${name} has two channels for the one concept that config.json names: the first is taken for what is not it.`,
  ];
}

const TRIAL_SIDE = 256;

/** One run on grey shows what the outputs are: declared shapes are names more often than numbers. */
async function tryOut(
  { model, config }: SegmenterFolder,
  groups: readonly LabelGroup[],
  session: Session,
  input: NetworkInput,
  side: readonly [number, number],
): Promise<readonly LogitPort[]> {
  let seen: Outputs = {};
  await new BatchedRuns(session, input).run(new Float32Array(3 * side[0] * side[1]), 1, side, (outputs) => {
    seen = outputs;
  });
  const bounds = (output: string) => boundsOf(model.graph, output)?.range ?? null;
  return logitPorts(seen, groups, config.model_type, model.name, bounds);
}

async function describe(
  files: SegmenterFolder,
  groups: readonly LabelGroup[],
  [height, width]: readonly [number, number],
): Promise<SegmenterDescription> {
  const several = groups.length > 1;
  return {
    name: files.name,
    folder: files.folder,
    sha256: await hashOf(files),
    concepts: groups.flatMap(({ names }) => names),
    categories: several ? groups.flatMap(({ category, names }) => names.map(() => category)) : [],
    input: { width, height },
  };
}

/** Of the model, its external weights and both JSON files: of their hashes, in this order. */
async function hashOf({ model, jsonFiles }: SegmenterFolder): Promise<string> {
  const all = createHash('sha256').update(await hashModel(model, new AbortController().signal));
  for (const file of jsonFiles) all.update(createHash('sha256').update(requireSmall(file)).digest('hex'));
  return all.digest('hex');
}

interface Parts {
  readonly files: SegmenterFolder;
  readonly processor: Processor;
  readonly session: Session;
  readonly input: NetworkInput;
  readonly ports: readonly LogitPort[];
  readonly description: SegmenterDescription;
  readonly warnings: readonly string[];
}

class OnnxSegmenter implements Segmenter {
  readonly description: SegmenterDescription;
  readonly modelFile: string;
  readonly warnings: readonly string[];
  readonly #parts: Parts;
  readonly #table: Float32Array;
  readonly #runs: BatchedRuns;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.description = parts.description;
    this.modelFile = parts.files.model.path;
    this.warnings = parts.warnings;
    this.#table = valueTable(parts.processor.values);
    this.#runs = new BatchedRuns(parts.session, parts.input);
  }

  get runMs(): number {
    return this.#parts.session.runMs;
  }

  async segment(pictures: PictureStack, size: readonly [number, number]): Promise<readonly LabelMap[]> {
    const { processor, files, ports } = this.#parts;
    const placement = processor.place([pictures.height, pictures.width]);
    requireFit(this.#parts, placement);
    const values = preprocess(pictures, processor, placement, this.#table);
    const maps: LabelMap[] = [];
    await this.#runs.run(values, pictures.count, placement.input, (outputs, many) => {
      const planes = ports.map((port) => planesOf(outputs, port, many, size, placement, files.model.name));
      for (let i = 0; i < many; i++)
        maps.push(
          labelMap(
            size[0],
            size[1],
            planes.map((plane) => plane[i] as Uint16Array),
          ),
        );
    });
    return maps;
  }

  async release(): Promise<void> {
    await this.#parts.session.release();
  }
}

/** Tensor values [count, 3, height, width] of a stack of pictures. */
export function preprocess(
  { count, width, height, data }: PictureStack,
  { resampling, values: rules }: Processor,
  placement: Placement,
  table: Float32Array,
): Float32Array {
  const bytes = width * height * 4;
  const size = 3 * placement.input[0] * placement.input[1];
  const resampler = new Resampler(placement.picture, placement.resized, resampling);
  const values = new Float32Array(count * size);
  for (let i = 0; i < count; i++) {
    const resized = resampler.resize(data.subarray(i * bytes, (i + 1) * bytes));
    writeTensor(resized, placement, table, rules, values, i * size);
  }
  return values;
}

/** The plane of one category, for each picture of a run. */
function planesOf(
  outputs: Outputs,
  port: LogitPort,
  many: number,
  size: readonly [number, number],
  placement: Placement,
  fileName: string,
): readonly Uint16Array[] {
  const tensor = outputs[port.output];
  const axes = tensor === undefined ? null : mapAxes(tensor.shape, port);
  if (!tensor || axes === null || axes.batch < many)
    throw new GenscopeError(
      'segmenter.mismatch',
      `${fileName} gave [${tensor?.shape.join(', ') ?? ''}] for ${many} pictures, where ${port.classes} classes a picture were expected.`,
      'Export the model again with a free batch axis.',
    );
  const { height, width } = axes;
  const plane = height * width;
  const map = new ClassMap([height, width], size, placement);
  const { classes, first, concepts } = port;
  const last = first + concepts - 1;
  const each = (one: (i: number) => Uint16Array) => Array.from({ length: many }, (_, i) => one(i));
  if (port.map.kind === 'indices') {
    const numbers = asNumbers(tensor.data, tensor.dtype);
    return each((i) => map.indices(numbers, i * plane, (index) => conceptOf(index, port)));
  }
  const floats = logitFloats(tensor, fileName);
  const data = port.layout === 'NHWC' ? channelsFirst(floats, axes.batch, classes, plane) : floats;
  if (port.map.kind === 'single') {
    const { level } = port.map;
    return each((i) =>
      map.single({ data, offset: i * plane, classes: 1 }, level, last, concepts > 1 ? first : NO_CONCEPT),
    );
  }
  return each((i) => {
    const labels = map.labels({ data, offset: i * classes * plane, classes }, port.background ? 0 : first);
    if (port.background)
      for (let at = 0; at < labels.length; at++) labels[at] = labels[at] === 1 ? first : NO_CONCEPT;
    return labels;
  });
}

/** Null for what is no map of this port. */
function mapAxes(
  shape: readonly number[],
  { classes, layout }: LogitPort,
): { readonly batch: number; readonly height: number; readonly width: number } | null {
  const [batch = 0, a = 0, b = 0, c = 0] = shape;
  if (shape.length === 3) return { batch, height: a, width: b };
  if (shape.length !== 4 || (layout === 'NCHW' ? a : c) !== classes) return null;
  return layout === 'NCHW' ? { batch, height: b, width: c } : { batch, height: a, width: b };
}

/** Of the one concept that a mask is of, whatever number stands for it; beyond the names (255, often) there is none. */
function conceptOf(index: number, { first, concepts }: LogitPort): number {
  if (concepts === 1) return index > 0 ? first : NO_CONCEPT;
  return index >= 0 && index < concepts ? first + index : NO_CONCEPT;
}

/** [n, plane, c] to [n, c, plane]. */
function channelsFirst(values: Float32Array, count: number, channels: number, plane: number): Float32Array {
  const out = new Float32Array(values.length);
  for (let i = 0; i < count; i++)
    for (let at = 0; at < plane; at++)
      for (let c = 0; c < channels; c++)
        out[(i * channels + c) * plane + at] = values[(i * plane + at) * channels + c] as number;
  return out;
}

/** A model with a size of its own takes no other; the runtime would say so in its own words. */
function requireFit({ input, files }: Parts, placement: Placement): void {
  const [rows, columns] = placement.input;
  const [height, width] = input.size ?? placement.input;
  if (height === rows && width === columns) return;
  const [down, across] = placement.picture;
  throw new GenscopeError(
    'segmenter.mismatch',
    `${files.model.name} takes pictures of ${width}×${height}, but preprocessor_config.json makes ${columns}×${rows} of one of ${across}×${down}.`,
    `Set "size" in preprocessor_config.json to {"height": ${height}, "width": ${width}}, or export the model with free axes.`,
  );
}
