/** A segmenter: pictures in, a concept for every pixel out. Laid out and fed as on the Hugging Face hub. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { type LabelMap, labelMap } from '../algorithms/dissection/labelMap.ts';
import { ClassMap } from '../algorithms/images/classMap.ts';
import type { Placement } from '../algorithms/images/placement.ts';
import { Resampler } from '../algorithms/images/resample.ts';
import { valueTable, writeTensor } from '../algorithms/images/toTensor.ts';
import type { SegmenterDescription } from '../shared/dissection.ts';
import { GenscopeError } from '../shared/errors.ts';
import { hashModel } from './modelFile.ts';
import type { PictureStack } from './runtime/imageCodec.ts';
import { Session, type ValueInfo } from './runtime/session.ts';
import { openFolder, type SegmenterFolder } from './segmenter/folder.ts';
import { type LabelGroup, readLabels } from './segmenter/labels.ts';
import { type LogitPort, logitPorts, pictureInput } from './segmenter/ports.ts';
import { type Processor, readProcessor } from './segmenter/processor.ts';
import { BatchedRuns, logitFloats, type Outputs } from './segmenter/runs.ts';

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
  const processor = readProcessor(files.preprocessor);
  const session = await Session.fromFile(files.model.path, {
    ...{ threads: options.threads, optimize: 'all', guard: files.model.requireSame },
  });
  try {
    const input = pictureInput(session.inputs, files.model.name);
    const side = trialSize(processor, input);
    const ports = await tryOut(files, groups, session, input, side);
    const description = await describe(files, groups, side);
    return new OnnxSegmenter({ files, processor, session, input, ports, description });
  } catch (thrown) {
    await session.release();
    throw thrown;
  }
}

/** Of the tensor for a square picture: what most generators make. */
function trialSize(processor: Processor, { shape }: ValueInfo): readonly [number, number] {
  const [, , height, width] = shape;
  const [rows, columns] = processor.place([TRIAL_SIDE, TRIAL_SIDE]).input;
  return [typeof height === 'number' ? height : rows, typeof width === 'number' ? width : columns];
}

const TRIAL_SIDE = 256;

/** One run on grey shows what the outputs are: declared shapes are names more often than numbers. */
async function tryOut(
  { model, config }: SegmenterFolder,
  groups: readonly LabelGroup[],
  session: Session,
  input: ValueInfo,
  side: readonly [number, number],
): Promise<readonly LogitPort[]> {
  let seen: Outputs = {};
  await new BatchedRuns(session, input).run(new Float32Array(3 * side[0] * side[1]), 1, side, (outputs) => {
    seen = outputs;
  });
  return logitPorts(seen, groups, config.model_type, model.name);
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
  for (const file of jsonFiles) all.update(createHash('sha256').update(fs.readFileSync(file)).digest('hex'));
  return all.digest('hex');
}

interface Parts {
  readonly files: SegmenterFolder;
  readonly processor: Processor;
  readonly session: Session;
  readonly input: ValueInfo;
  readonly ports: readonly LogitPort[];
  readonly description: SegmenterDescription;
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
    this.warnings = parts.files.warnings;
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
  const [batch = 0, classes = 0, height = 0, width = 0] = tensor?.shape ?? [];
  if (!tensor || batch < many || classes !== port.classes)
    throw new GenscopeError(
      'segmenter.mismatch',
      `${fileName} gave [${tensor?.shape.join(', ') ?? ''}] for ${many} pictures, where ${port.classes} classes a picture were expected.`,
      'Export the model again with a free batch axis.',
    );
  const data = logitFloats(tensor, fileName);
  const map = new ClassMap([height, width], size, placement);
  return Array.from({ length: many }, (_, i) =>
    map.labels({ data, offset: i * classes * height * width, classes }, port.first),
  );
}

/** A model with a size of its own takes no other; the runtime would say so in its own words. */
function requireFit({ input, files }: Parts, placement: Placement): void {
  const [, , height, width] = input.shape;
  const [rows, columns] = placement.input;
  const fits = (declared: number | string | undefined, is: number) =>
    typeof declared !== 'number' || declared === is;
  if (fits(height, rows) && fits(width, columns)) return;
  const [down, across] = placement.picture;
  throw new GenscopeError(
    'segmenter.mismatch',
    `${files.model.name} takes pictures of ${width}×${height}, but preprocessor_config.json makes ${columns}×${rows} of one of ${across}×${down}.`,
    `Set "size" in preprocessor_config.json to {"height": ${height}, "width": ${width}}, or export the model with free axes.`,
  );
}
