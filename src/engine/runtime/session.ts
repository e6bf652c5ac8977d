/**
 * The one door to ONNX Runtime. Everything else sees plain typed arrays.
 *
 * `run` and `create` are synchronous inside the native module (measured: a 960 ms run stops the event loop for
 * 964 ms), which is why this lives in a process of its own and why callers keep their batches short.
 */
import path from 'node:path';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { asGenscopeError, firstLine, GenscopeError } from '../../shared/kernel/errors.ts';

type Ort = typeof import('onnxruntime-node');

export type TensorData =
  | Float32Array
  | Float64Array
  | Uint16Array
  | Int16Array
  | Int8Array
  | Uint8Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** A dense tensor. float16 arrives as raw bits in a Uint16Array (Node 20 has no Float16Array). */
export interface TensorValue {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

export interface ValueInfo {
  readonly name: string;
  readonly dtype: string;
  /** Unknown dimensions are '' and symbolic ones their name. */
  readonly shape: readonly (number | string)[];
}

/** Throws once what a session was made of is no longer what was opened: its answers would be of two models. */
export type Guard = () => void;

export interface SessionOptions {
  /** Threads inside one operator; 0 lets the runtime decide (all cores). */
  readonly threads: number;
  /** `disabled` for looking at every intermediate tensor: no fusion hides one. */
  readonly optimize: 'all' | 'basic' | 'disabled';
  /** Asked after the session is made and after every run. */
  readonly guard?: Guard;
  /**
   * Memory goes back as soon as it is not needed, at the price of asking for it each time: for a session that makes one
   * run, and for models whose runs take so much that keeping it for the next one is the greater price.
   */
  readonly lean?: boolean;
}

let loaded: Promise<Ort> | undefined;

/**
 * The library reads this once, when it is loaded: without it, it queues usage events (device, model file, graph and error
 * texts) and sends them. Set here, where all ways of loading it meet, whatever the environment says.
 */
const TELEMETRY_OFF = 'ORT_DISABLE_TELEMETRY';

async function loadOrt(): Promise<Ort> {
  process.env[TELEMETRY_OFF] = '1';
  loaded ??= import('onnxruntime-node').catch((thrown: unknown) => {
    loaded = undefined;
    throw new GenscopeError(
      'runtime.failed',
      'ONNX Runtime could not be loaded on this machine.',
      `This build of Genscope carries it for ${process.platform}-${process.arch} only if you installed that package; reinstall the extension for this platform.`,
      { next: ['showLog'], detail: String(thrown) },
    );
  });
  return loaded;
}

/** What every result was computed by. */
export async function runtimeVersion(): Promise<string> {
  const { env } = await loadOrt();
  return `onnxruntime-node ${env.versions.node ?? env.versions.common}`;
}

export class Session {
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly provider = 'CPU';
  /** Milliseconds spent inside `run` so far: the limit that the benchmark holds everything else against. */
  runMs = 0;
  readonly #ort: Ort;
  readonly #session: InferenceSession;
  readonly #guard: Guard | undefined;

  private constructor(ort: Ort, session: InferenceSession, guard: Guard | undefined) {
    this.#ort = ort;
    this.#session = session;
    this.#guard = guard;
    this.inputs = session.inputMetadata.map(valueInfo);
    this.outputs = session.outputMetadata.map(valueInfo);
  }

  /** A session on the file itself: external data is found beside it by the runtime. */
  static async fromFile(file: string, options: SessionOptions): Promise<Session> {
    const ort = await loadOrt();
    return Session.#create(ort, options.guard, file, () =>
      ort.InferenceSession.create(file, sessionOptions(options)),
    );
  }

  /**
   * A session on edited bytes whose weights still lie in `folder`, named by relative paths. The runtime resolves
   * those against the working directory and refuses absolute paths, so the directory is changed for the call.
   */
  static async fromBytes(bytes: Uint8Array, folder: string, options: SessionOptions): Promise<Session> {
    const ort = await loadOrt();
    const before = process.cwd();
    // Once: a relative folder means another one after the step into it.
    const absolute = path.resolve(folder);
    process.chdir(absolute);
    try {
      return await Session.#create(ort, options.guard, absolute, () =>
        ort.InferenceSession.create(bytes, sessionOptions(options, absolute)),
      );
    } finally {
      process.chdir(before);
    }
  }

  /** Without optimisation where the runtime can; with its basic level where that breaks half precision (1.30, CPU). */
  static async unfused(
    bytes: Uint8Array,
    folder: string,
    options: Omit<SessionOptions, 'optimize'>,
  ): Promise<Session> {
    try {
      return await Session.fromBytes(bytes, folder, { ...options, optimize: 'disabled' });
    } catch {
      // Its own failure, if it fails as well, is the one to tell.
      return Session.fromBytes(bytes, folder, { ...options, optimize: 'basic' });
    }
  }

  static async #create(
    ort: Ort,
    guard: Guard | undefined,
    place: string,
    create: () => Promise<InferenceSession>,
  ): Promise<Session> {
    let session: InferenceSession;
    try {
      session = await create();
    } catch (thrown) {
      // A file that changes while it is read looks damaged; that it changed is the reason.
      guard?.();
      throw asLoadError(thrown, place);
    }
    try {
      guard?.();
      return new Session(ort, session, guard);
    } catch (thrown) {
      await session.release();
      throw thrown;
    }
  }

  /** Runs the graph. @throws GenscopeError `runtime.failed` with the runtime's words as detail. */
  async run(feeds: Readonly<Record<string, TensorValue>>): Promise<Record<string, TensorValue>> {
    const tensors: Record<string, Tensor> = {};
    for (const [name, value] of Object.entries(feeds)) tensors[name] = this.#tensor(value);
    const started = performance.now();
    try {
      const results = await this.#session.run(tensors);
      // Weights beside the graph are mapped, not copied: who writes into that file changes them under us.
      this.#guard?.();
      return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, plain(tensor)]));
    } catch (thrown) {
      throw thrown instanceof GenscopeError ? thrown : asRunError(thrown);
    } finally {
      this.runMs += performance.now() - started;
    }
  }

  async release(): Promise<void> {
    await this.#session.release();
  }

  #tensor(value: TensorValue): Tensor {
    // The constructor's overloads tie each dtype to its array; the pair was made together by our callers.
    const make = this.#ort.Tensor as unknown as new (
      dtype: string,
      data: TensorData,
      dims: readonly number[],
    ) => Tensor;
    return new make(value.dtype, value.data, value.shape);
  }
}

function sessionOptions(options: SessionOptions, folder?: string): InferenceSession.SessionOptions {
  return {
    executionProviders: ['cpu'],
    graphOptimizationLevel: options.optimize,
    // Failures reach us as exceptions; the runtime's own copy on stderr would only be noise.
    logSeverityLevel: 4,
    ...(options.lean ? { enableCpuMemArena: false, enableMemPattern: false } : {}),
    ...(options.threads > 0 ? { intraOpNumThreads: options.threads } : {}),
    // Spinning workers halve the throughput when something else uses the cores (measured 430 v 870 images/s).
    extra: {
      session: {
        intra_op: { allow_spinning: '0' },
        // Optimising half precision reads external weights before the working directory counts.
        ...(folder ? { model_external_initializers_file_folder_path: folder } : {}),
      },
    },
  };
}

function valueInfo(meta: InferenceSession.ValueMetadata): ValueInfo {
  if (!meta.isTensor) return { name: meta.name, dtype: 'non-tensor', shape: [] };
  return { name: meta.name, dtype: meta.type, shape: meta.shape };
}

function plain(tensor: Tensor): TensorValue {
  return { dtype: tensor.type, shape: tensor.dims, data: tensor.data as TensorData };
}

/** @param place file or folder of the model, whose names say nothing about what went wrong */
export function asLoadError(thrown: unknown, place: string): GenscopeError {
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  const words = withoutPlace(detail, place);
  if (/external (?:data|initializer)|model_path|No such file/i.test(words)) {
    return new GenscopeError(
      'model.externalDataMissing',
      'The model keeps its weights in a separate file that could not be read.',
      'Copy the .data file that the exporter wrote into the same folder as the .onnx file.',
      { detail },
    );
  }
  const unknownOp = /(?:not a registered function\/op|No Op registered for) ?([\w.:]+)?/.exec(words);
  const unmade = /Could not find an implementation for (\w+)\((\d+)\)/.exec(words);
  if (unmade)
    return new GenscopeError(
      'model.unsupported',
      `ONNX Runtime has no ${unmade[1]} (of opset ${unmade[2]}) on the CPU for the element type that this model gives it.`,
      'Export it again in float32.',
      { next: ['copyExportCode'], detail },
    );
  if (unknownOp) {
    return new GenscopeError(
      'model.unsupported',
      `ONNX Runtime does not know an operator of this model${unknownOp[1] ? ` (${unknownOp[1]})` : ''}.`,
      'Export it again with standard operators, or with a lower opset.',
      { next: ['copyExportCode'], detail },
    );
  }
  if (/Protobuf parsing failed|INVALID_PROTOBUF/i.test(words)) {
    return new GenscopeError(
      'model.unreadable',
      'The file is not a readable ONNX model.',
      'Export it again; the file may be cut off.',
      {
        next: ['copyExportCode'],
        detail,
      },
    );
  }
  return new GenscopeError(
    'model.unsupported',
    `ONNX Runtime refuses this model: ${shorten(words)}`,
    'Check it with onnx.checker in Python and export it again.',
    { next: ['copyExportCode', 'showLog'], detail },
  );
}

/** The runtime names the file it was given; a folder may be called anything. */
function withoutPlace(message: string, place: string): string {
  const names = place.endsWith('.onnx') ? [place, path.dirname(place), path.basename(place)] : [place];
  return names.reduce((text, name) => text.replaceAll(name, '…'), message);
}

function asRunError(thrown: unknown): GenscopeError {
  if (!(thrown instanceof Error)) return asGenscopeError(thrown);
  return new GenscopeError(
    'runtime.failed',
    `The model could not be run: ${shorten(thrown.message)}`,
    'Check the roles of its inputs; the log has the full message.',
    { next: ['answerRoles', 'showLog'], detail: thrown.message },
  );
}

/** Runtime messages carry codes, source files and signatures; keep the part a person can use. */
function shorten(message: string): string {
  const line = firstLine(message)
    .replace(/^.*?(?:Status Message:|ErrorCode\S*:|\] )/, '')
    .replace(/\S*\/\S+\.(?:h|cc|cpp):\d+\s*/g, '')
    .replace(/\bonnxruntime::[^\n]*?\)(?=\s)\s*/g, '')
    .trim();
  return line.length > 220 ? `${line.slice(0, 217)}…` : line;
}
