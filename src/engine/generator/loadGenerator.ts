/** From a file to a generator that is ready to sample: roles, surgery, session, a first run as evidence, the batch. */
import type { ModelProto } from 'onnx-buf';
import { dtypeName } from '../../onnx/dtypes.ts';
import { classifyModel, notGenerator } from '../../onnx/kind.ts';
import { randomNodes, trainingWarnings } from '../../onnx/noise.ts';
import { serialize } from '../../onnx/open.ts';
import { inferRoles, type OutputEvidence, type RoleGuesses } from '../../onnx/roles/roles.ts';
import { applySidecar } from '../../onnx/sidecar.ts';
import type { DeclaredShape } from '../../shared/generator/model.ts';
import type { ImageRole, InputRole } from '../../shared/generator/roles.ts';
import { asGenscopeError, GenscopeError } from '../../shared/kernel/errors.ts';
import type { Embeddings } from '../feeds/embeddings.ts';
import { declaredRows } from '../feeds/fixedRows.ts';
import { firstRows } from '../feeds/probe.ts';
import { checkBatch } from '../open/batchCheck.ts';
import { inputWarnings, readEmbeddings } from '../open/embeddingFiles.ts';
import type { ModelFile } from '../open/modelFile.ts';
import { type LoadOptions, type Pinned, pinInside } from '../open/pinnedNoise.ts';
import { wholeSession } from '../open/wholeSession.ts';
import { asNumbers } from '../pictures/pixels.ts';
import { Session, type TensorValue } from '../runtime/session.ts';
import { withFreedBatch } from './freedBatch.ts';
import { Generator, type GeneratorParts } from './generator.ts';
import { bakedWarning, examineMapping } from './mapping.ts';

/** Guesses with the person's answers over them. */
export function guessRoles(
  file: ModelFile,
  evidence?: Readonly<Record<string, OutputEvidence>>,
): { guesses: RoleGuesses; warnings: string[] } {
  const guesses = inferRoles(file.graph, evidence ? { outputs: evidence } : undefined);
  return file.sidecar ? applySidecar(guesses, file.sidecar) : { guesses, warnings: [] };
}

/** @throws GenscopeError `model.notGenerator` or `model.rolesUnknown` when nothing can be sampled, else as loading fails */
export async function loadGenerator(file: ModelFile, options: LoadOptions): Promise<Generator> {
  if (file.sidecarProblem) throw file.sidecarProblem;
  const first = guessRoles(file);
  const refusal = notGenerator(classifyModel(file.graph, first.guesses));
  if (refusal) throw refusal;
  // Set by the first run, where that shows that sessions of this model are large.
  const memory = { lean: false };
  const open = (model: ModelProto | null) => openSession(file, model, options, memory.lean);
  const roles = rolesByName(first.guesses.inputs);
  const embeddings = readEmbeddings(file.folder, roles);
  const fixedRows = declaredRows(
    file.graph.inputs.map(({ name, shape }) => ({ name, shape: shape ?? [] })),
    roles,
    pictureShape(file, first.guesses),
  );
  const pinned = await pinInside(file, roles, embeddings, fixedRows, options);
  const drawn = file.graph.inputs.length === 0 ? latentInside(pinned) : null;
  const session = await open(pinned.model);
  const start: Start = {
    ...{ file, session, pinned, guesses: first.guesses, embeddings, open, threads: options.threads },
    memory,
    drawn: drawn?.roles ?? {},
  };
  try {
    return await withMapping(
      await examine(
        start,
        drawn ? declaredRows([drawn], drawn.roles, pictureShape(file, first.guesses)) : fixedRows,
      ),
    );
  } catch (thrown) {
    await start.session.release();
    throw thrown;
  }
}

/** The file itself where nothing was edited; else the edited graph, whose weights still lie in the file. */
export async function openSession(
  file: ModelFile,
  model: ModelProto | null,
  options: LoadOptions,
  lean = false,
): Promise<Session> {
  const settings = { threads: options.threads, optimize: 'all' as const, guard: file.requireSame, lean };
  try {
    return await (model
      ? Session.fromBytes(serialize(model), file.folder, settings)
      : wholeSession(file, settings));
  } catch (thrown) {
    throw withElementType(thrown, file);
  }
}

/** Half the truth is which operator the runtime lacks; the other half for which type of numbers. */
function withElementType(thrown: unknown, { graph }: ModelFile): unknown {
  if (!(thrown instanceof GenscopeError) || thrown.code !== 'model.unsupported') return thrown;
  const op = /Could not find an implementation for (\w+)/.exec(thrown.detail ?? '')?.[1];
  if (op === undefined) return thrown;
  const types = new Set([...graph.initializers.values()].map(({ dataType }) => dtypeName(dataType)));
  const type = ['bfloat16', 'float64', 'float16'].find((name) => types.has(name));
  if (type === undefined) return thrown;
  return new GenscopeError(
    'model.unsupported',
    `ONNX Runtime has no ${op} in ${type} on the CPU, and this model’s weights are in ${type}.`,
    'Export it again in float32 (model.float()).',
    { next: ['copyExportCode'], detail: thrown.detail ?? '' },
  );
}

interface Start {
  readonly file: ModelFile;
  /** Another one, once the first run has shown that this one keeps too much. */
  session: Session;
  readonly memory: { lean: boolean };
  readonly pinned: Pinned;
  readonly guesses: RoleGuesses;
  readonly embeddings: Embeddings;
  readonly open: (model: ModelProto | null) => Promise<Session>;
  readonly threads: number;
  /** The role of the latent that a graph without inputs draws inside. */
  readonly drawn: Readonly<Record<string, InputRole>>;
}

/** The first normal noise of a graph without inputs is its latent; where there is none, chance is fed as noise. */
function latentInside({ noise, shapes }: Pinned) {
  for (const [name, { kind }] of noise)
    if (kind === 'normal')
      return { name, shape: shapes.get(name) ?? [], roles: { [name]: { role: 'latent' } as InputRole } };
  return null;
}

function pictureShape(file: ModelFile, guesses: RoleGuesses): DeclaredShape | null {
  const { name } = imageOf(guesses, file.name);
  return file.graph.outputs.find((output) => output.name === name)?.shape ?? null;
}

/** One sample shows what the graph does not say: sizes and values of the outputs. Two more prove the batch axis. */
async function examine(start: Start, fixedRows: number): Promise<Generator> {
  const { file, session, pinned, guesses, embeddings, open, threads } = start;
  const unfed: GeneratorParts = {
    file,
    threads,
    session,
    inputRoles: { ...rolesByName(guesses.inputs), ...start.drawn },
    imageName: imageOf(guesses, file.name).name,
    imageRole: imageOf(guesses, file.name).role,
    batch: fixedRows > 1 ? 'fixed' : 'free',
    batchReason: '',
    fixedRows,
    fileRows: fixedRows,
    guesses,
    classNames: file.sidecar?.classNames ?? [],
    noise: pinned.noise,
    embeddings,
    model: pinned.model ?? file.opened.model,
    running: pinned.model ?? file.opened.model,
    open,
    mapping: null,
    warnings: [],
  };
  const probe = new Generator(unfed, PLACEHOLDER_SHAPE);
  const rows = firstRows(probe.latents, probe.inputRoles, embeddings);
  const started = performance.now();
  const before = process.memoryUsage.rss();
  const outputs = await probe.runAll(rows(0, 1));
  const ms = performance.now() - started;
  const lean = await leaner(start, process.memoryUsage.rss() - before);
  const evidence = Object.entries(outputs).map(([name, value]) => [name, evidenceOf(value)] as const);
  const seen = guessRoles(file, Object.fromEntries(evidence));
  const image = imageOf(seen.guesses, file.name);
  const raw = outputs[image.name];
  if (!raw) throw noSuchOutput(file.name, image.name);
  // Nothing comes out in as many rows, so what looked like them was an axis of something else.
  if (fixedRows > 1 && raw.shape[0] !== fixedRows) return examine(start, 1);
  const chosen = { ...unfed, imageName: image.name, imageRole: image.role, guesses: seen.guesses };
  const single = new Generator(chosen, PLACEHOLDER_SHAPE).pictures(raw, 1);
  const warnings = [
    ...file.warnings,
    ...seen.warnings,
    ...inputWarnings(probe.inputRoles, embeddings),
    ...drawnWarnings(start),
    ...randomnessWarnings(file, pinned),
    ...valueWarnings(single),
  ];
  const told = { ...chosen, session: start.session, warnings };
  const verdict =
    lean && fixedRows === 1
      ? { batch: 'loop' as const, settled: true, reason: TOO_LARGE }
      : await checkBatch(new Generator(told, single.shape), rows, single, ms);
  const asIs = new Generator({ ...told, batch: verdict.batch, batchReason: verdict.reason }, single.shape);
  if (verdict.batch === 'free' || verdict.settled) return asIs;
  return withFreedBatch(asIs, { rows, single, ms });
}

/** A run that takes more than this is not made faster by keeping its memory for the next one. */
const LARGE_RUN_BYTES = 96 * 2 ** 20;
const TOO_LARGE =
  'several samples in one run were not tried: one takes so much memory that they are better made one by one';

/** Opens the session anew, without the runtime's arena, where its first run has taken much. @returns whether it did */
async function leaner(start: Start, grown: number): Promise<boolean> {
  if (start.memory.lean || grown < LARGE_RUN_BYTES) return start.memory.lean;
  start.memory.lean = true;
  await start.session.release();
  start.session = await start.open(start.pinned.model);
  return true;
}

/** Looks for w; what goes wrong with that costs ψ and nothing else. */
async function withMapping(generator: Generator): Promise<Generator> {
  try {
    const mapping = await examineMapping(generator.mapped);
    if (mapping === null) return generator;
    return generator.with({ mapping, warnings: [...generator.warnings, ...bakedWarning(mapping)] });
  } catch (thrown) {
    const says = `Its mapping network could not be run alone, so there is no ψ: ${asGenscopeError(thrown).message}`;
    return generator.with({ warnings: [...generator.warnings, says] });
  }
}

/** Until the first run has shown the image's real size. */
const PLACEHOLDER_SHAPE = [1, 1, 1, 1];

export function rolesByName(inputs: RoleGuesses['inputs']): Record<string, InputRole> {
  return Object.fromEntries(Object.entries(inputs).map(([name, guess]) => [name, guess.role]));
}

export function imageOf(guesses: RoleGuesses, fileName: string): { name: string; role: ImageRole } {
  for (const [name, { role }] of Object.entries(guesses.outputs))
    if (role.role === 'image') return { name, role };
  const says = `None of ${fileName}'s outputs is known to be the image.`;
  throw new GenscopeError('model.rolesUnknown', says, 'Say which one it is.', { next: ['answerRoles'] });
}

export function noSuchOutput(fileName: string, output: string): GenscopeError {
  const says = `${fileName} has no output named ${output}.`;
  return new GenscopeError('model.rolesUnknown', says, 'Choose the image output again.', {
    next: ['answerRoles'],
  });
}

export function evidenceOf(value: TensorValue): OutputEvidence {
  const numbers = asNumbers(value.data, value.dtype);
  let min = Infinity;
  let max = -Infinity;
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i] as number;
    if (number < min) min = number;
    if (number > max) max = number;
  }
  // Nothing finite came out; sampling will say so in its own words.
  return min > max ? { shape: value.shape, min: -1, max: 1 } : { shape: value.shape, min, max };
}

function drawnWarnings({ file, drawn, pinned }: Start): string[] {
  if (file.graph.inputs.length > 0 || pinned.noise.size === 0) return [];
  const what = Object.keys(drawn).length > 0 ? 'its latent' : 'its random numbers';
  return [`${file.name} has no inputs and draws ${what} inside; Genscope draws in its place, by the seed.`];
}

/** Where the same seed would not give the same picture, which the rest of this tool rests on. */
function randomnessWarnings(file: ModelFile, pinned: Pinned): string[] {
  const training = trainingWarnings(file.graph);
  if (pinned.left.length === 0) return training;
  const all = randomNodes(file.graph).length + pinned.left.length;
  const says = `${pinned.left.length} of ${all} random nodes lie where Genscope cannot reach them (${pinned.left[0]}), so the same seed gives a slightly different picture each time.`;
  return [...training, says];
}

export function valueWarnings(image: TensorValue): string[] {
  const numbers = asNumbers(image.data, image.dtype);
  let bad = 0;
  for (let i = 0; i < numbers.length; i++) if (!Number.isFinite(numbers[i] as number)) bad++;
  if (bad === 0) return [];
  return [`${bad} of ${numbers.length} pixel values of the first sample are not finite (NaN or infinity).`];
}
