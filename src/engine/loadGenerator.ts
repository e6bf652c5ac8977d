/** From a file to a generator that is ready to sample: roles, session, a first run as evidence, the batch check. */
import { planLatents } from '../algorithms/latent/plan.ts';
import { classifyModel, notGenerator } from '../onnx/kind.ts';
import { randomNodes, trainingWarnings } from '../onnx/noise.ts';
import { inferRoles, type OutputEvidence, type RoleGuesses } from '../onnx/roles.ts';
import { applySidecar } from '../onnx/sidecar.ts';
import { GenscopeError } from '../shared/errors.ts';
import { DEFAULT_SOURCE, type LatentPlan } from '../shared/latents.ts';
import type { ImageRole, InputRole } from '../shared/roles.ts';
import { checkBatch } from './batchCheck.ts';
import { Generator, type GeneratorParts } from './generator.ts';
import type { ModelFile } from './modelFile.ts';
import { asNumbers } from './pixels.ts';
import { Session, type TensorValue } from './runtime/session.ts';

export interface LoadOptions {
  readonly threads: number;
}

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
  const first = guessRoles(file);
  const refusal = notGenerator(classifyModel(file.graph, first.guesses));
  if (refusal) throw refusal;
  const session = await Session.fromFile(file.path, { threads: options.threads, optimize: true });
  try {
    return await examine(file, session, first.guesses);
  } catch (thrown) {
    await session.release();
    throw thrown;
  }
}

/** One sample shows what the graph does not say: sizes and values of the outputs. Two more prove the batch axis. */
async function examine(file: ModelFile, session: Session, guesses: RoleGuesses): Promise<Generator> {
  const inputRoles = rolesByName(guesses.inputs);
  const unfed: GeneratorParts = {
    fileName: file.name,
    session,
    inputRoles,
    imageName: imageOf(guesses, file.name).name,
    imageRole: imageOf(guesses, file.name).role,
    batch: 'free',
    batchReason: '',
    guesses,
    classNames: file.sidecar?.classNames ?? [],
    warnings: [],
  };
  const probe = new Generator(unfed, PLACEHOLDER_SHAPE);
  const plan: LatentPlan = { kind: 'seeds', source: DEFAULT_SOURCE, seed: 0, count: 2, classes: 'all' };
  const planned = planLatents(plan, probe.latentSize, probe.classes);
  const rows = (index: number, count: number) => ({
    count,
    latents: planned.rows(index, count),
    classWeights: planned.classWeights(index, count),
    seeds: [0, 1].slice(index, index + count),
    noise: 'random' as const,
    truncation: 1,
  });
  const started = performance.now();
  const outputs = await probe.runAll(rows(0, 1));
  const ms = performance.now() - started;
  const seen = guessRoles(
    file,
    Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, evidenceOf(value)])),
  );
  const image = imageOf(seen.guesses, file.name);
  const single = outputs[image.name];
  if (!single)
    throw new GenscopeError(
      'model.rolesUnknown',
      `${file.name} has no output named ${image.name}.`,
      'Choose the image output again.',
      { next: ['answerRoles'] },
    );
  const chosen = { ...unfed, imageName: image.name, imageRole: image.role, guesses: seen.guesses };
  const verdict = await checkBatch(new Generator(chosen, single.shape), rows, single, ms);
  return new Generator(
    {
      ...chosen,
      batch: verdict.batch,
      batchReason: verdict.reason,
      warnings: [...file.warnings, ...seen.warnings, ...randomnessWarnings(file), ...valueWarnings(single)],
    },
    single.shape,
  );
}

/** Until the first run has shown the image's real size. */
const PLACEHOLDER_SHAPE = [1, 1, 1, 1];

function rolesByName(inputs: RoleGuesses['inputs']): Record<string, InputRole> {
  return Object.fromEntries(Object.entries(inputs).map(([name, guess]) => [name, guess.role]));
}

function imageOf(guesses: RoleGuesses, fileName: string): { name: string; role: ImageRole } {
  for (const [name, { role }] of Object.entries(guesses.outputs))
    if (role.role === 'image') return { name, role };
  throw new GenscopeError(
    'model.rolesUnknown',
    `None of ${fileName}'s outputs is known to be the image.`,
    'Say which one it is.',
    {
      next: ['answerRoles'],
    },
  );
}

function evidenceOf(value: TensorValue): OutputEvidence {
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

/** The same seed would not give the same picture, which the rest of this tool rests on. */
function randomnessWarnings(file: ModelFile): string[] {
  const nodes = randomNodes(file.graph);
  const training = trainingWarnings(file.graph);
  if (nodes.length === 0) return training;
  const ops = [...new Set(nodes.map(({ op }) => op))].join(', ');
  return [
    `The model draws random numbers inside (${ops}, ${nodes.length} in all), so the same seed gives a slightly different picture each time.`,
  ];
}

function valueWarnings(image: TensorValue): string[] {
  const numbers = asNumbers(image.data, image.dtype);
  let bad = 0;
  for (let i = 0; i < numbers.length; i++) if (!Number.isFinite(numbers[i] as number)) bad++;
  if (bad === 0) return [];
  return [`${bad} of ${numbers.length} pixel values of the first sample are not finite (NaN or infinity).`];
}
