/** From a file to a translator that is ready: roles, pinned noise, session, the sizes it takes, a first run as evidence. */
import { classifyModel, type KindVerdict } from '../../onnx/kind.ts';
import { trainingWarnings } from '../../onnx/noise.ts';
import type { RoleGuesses } from '../../onnx/roles/roles.ts';
import type { InputRole } from '../../shared/generator/roles.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import { declaredRows, firstRowsOf, withAllAxes } from '../feeds/fixedRows.ts';
import {
  evidenceOf,
  guessRoles,
  imageOf,
  openSession,
  rolesByName,
  valueWarnings,
} from '../generator/loadGenerator.ts';
import { checkBatch } from '../open/batchCheck.ts';
import type { ModelFile } from '../open/modelFile.ts';
import { type LoadOptions, type Pinned, pinFedWith } from '../open/pinnedNoise.ts';
import type { Session } from '../runtime/session.ts';
import { type PictureInput, pictureFeeds } from './pictureFeeds.ts';
import { type PictureSize, probePicture, sizesToTry, takesAnySize } from './pictureSizes.ts';
import { Translator } from './translator.ts';
import {
  firstThatWorks,
  imageIn,
  multipleOf,
  type Outputs,
  type Runner,
  tryOnce,
} from './translatorTrial.ts';

/** What a model is, by its graph and what a person has confirmed. */
export function verdictOf(file: ModelFile): KindVerdict {
  return classifyModel(file.graph, guessRoles(file).guesses);
}

/** @throws GenscopeError `model.notGenerator` or `model.rolesUnknown` when it makes no pictures of pictures, else as loading fails */
export async function loadTranslator(file: ModelFile, options: LoadOptions): Promise<Translator> {
  if (file.sidecarProblem) throw file.sidecarProblem;
  const { guesses } = guessRoles(file);
  const verdict = classifyModel(file.graph, guesses);
  if (verdict.kind !== 'imageToImage') throw notTranslator(file.name, verdict.phrase);
  const input = pictureInput(file, guesses);
  const sizes = sizesOf(file, input);
  const image = imageOf(guesses, file.name);
  const made = file.graph.outputs.find(({ name }) => name === image.name)?.shape ?? null;
  const taken = file.graph.inputs.map(({ name, shape }) => ({ name, shape: shape ?? [] }));
  const fixedRows = declaredRows(taken, rolesByName(guesses.inputs), made);
  const pinned = await firstThatWorks(sizes, (size) => pinAt(file, options, guesses, input, size, fixedRows));
  const session = await openSession(file, pinned.value.model, options);
  try {
    // Noise inside has the size it was pinned at.
    const fitting = pinned.value.noise.size > 0 ? [pinned.size] : sizes;
    return await examine(
      { file, input, session, pinned: pinned.value, guesses, fixedRows, threads: options.threads },
      fitting,
    );
  } catch (thrown) {
    await session.release();
    throw thrown;
  }
}

/** What is known before the first run. */
interface Opened {
  readonly file: ModelFile;
  readonly input: PictureInput;
  readonly session: Session;
  readonly pinned: Pinned;
  readonly guesses: RoleGuesses;
  readonly fixedRows: number;
  readonly threads: number;
}

function pinAt(
  file: ModelFile,
  options: LoadOptions,
  guesses: RoleGuesses,
  input: PictureInput,
  size: PictureSize,
  fixedRows: number,
): Promise<Pinned> {
  const roles = rolesByName(guesses.inputs);
  return pinFedWith(file, options, (session) =>
    pictureFeeds(session, roles, input, [probePicture(0, size)], undefined, fixedRows),
  );
}

/** One picture shows sizes and values of the output, a few more which sizes it takes and whether the batch is free. */
async function examine(opened: Opened, sizes: readonly PictureSize[]): Promise<Translator> {
  const { file, session, pinned, guesses, fixedRows, threads } = opened;
  const input = probed(opened);
  const inputRoles = rolesByName(guesses.inputs);
  const run: Runner = (size, indices) => {
    const pictures = indices.map((index) => probePicture(index, size));
    return session.run(pictureFeeds(session, inputRoles, input, pictures, pinned.noise, fixedRows));
  };
  const trial = await tryOnce(run, sizes);
  const evidence = Object.entries(trial.outputs).map(([name, value]) => [name, evidenceOf(value)] as const);
  const seen = guessRoles(file, Object.fromEntries(evidence));
  const image = imageOf(seen.guesses, file.name);
  const ownRows = (outputs: Outputs, count: number) => {
    const all = withAllAxes(imageIn(outputs, image.name, file.name), image.role, Math.max(count, fixedRows));
    return firstRowsOf(all, count, fixedRows);
  };
  const single = ownRows(trial.outputs, 1);
  const multiple = isFixed(opened)
    ? null
    : await multipleOf(run, trial, image.role, (outputs) => ownRows(outputs, 1));
  const rows = (index: number, count: number) => [0, 1].slice(index, index + count);
  const runRows = async (indices: readonly number[]) =>
    ownRows(await run(trial.size, indices), indices.length);
  const probe = { session, inputRoles, fixedRows, run: runRows };
  const { batch, reason } = await checkBatch(probe, rows, single, trial.ms);
  const { channels, width, height } = trial.size;
  const size = multiple === null ? { width, height } : null;
  return new Translator({
    file,
    threads,
    session,
    inputRoles: rolesByName(seen.guesses.inputs),
    input: pictureInput(file, seen.guesses),
    imageInput: {
      ...{ name: input.name, channels, size, multiple: multiple ?? 1 },
      ...(input.role.role === 'labelMap' && { labels: input.role.classes }),
      ...maskAmong(seen.guesses),
    },
    imageName: image.name,
    imageRole: image.role,
    imageShape: single.shape,
    sample: probePicture(0, trial.size),
    batch,
    batchReason: reason,
    fixedRows,
    guesses: seen.guesses,
    noise: pinned.noise,
    model: pinned.model ?? file.opened.model,
    open: (model) => openSession(file, model, { threads }),
    warnings: [...file.warnings, ...seen.warnings, ...warningsOf(opened), ...valueWarnings(single)],
  });
}

/**
 * Where nothing bounds the output, its values tell the range of both ends, and they follow what is fed (a super-resolution
 * model enlarges it): on [0, 1], which is the custom of models without a final Tanh.
 */
function probed({ input, guesses }: Opened): PictureInput {
  if (input.role.role === 'labelMap') return input;
  const { role: image } = input;
  const bounded = Object.values(guesses.outputs).some(
    ({ role, certainty }) => role.role === 'image' && certainty !== 'ask',
  );
  const known = bounded || guesses.inputs[input.name]?.certainty === 'confirmed';
  return known ? input : { ...input, role: { ...image, range: [0, 1] } };
}

/** Pictures have to have one size where the file declares it, and where the noise inside was pinned at one. */
function isFixed({ file, input, pinned }: Opened): boolean {
  return pinned.noise.size > 0 || !takesAnySize(shapeOf(file, input.name), input.role.layout);
}

function pictureInput(file: ModelFile, guesses: RoleGuesses): PictureInput {
  const found = Object.entries(guesses.inputs).flatMap(([name, { role }]) =>
    role.role === 'image' || role.role === 'labelMap' ? [{ name, role }] : [],
  );
  const [first, second] = found;
  if (first && !second) return first;
  const says = second
    ? `${file.name} takes ${found.length} pictures at once (${found.map(({ name }) => name).join(', ')}); Genscope has one to give.`
    : `None of ${file.name}'s inputs is known to be the picture.`;
  const advice = second
    ? 'Say which one it is, and what the others are: a mask beside each picture, or a constant.'
    : 'Say which one it is.';
  throw new GenscopeError('model.rolesUnknown', says, advice, { next: ['answerRoles'] });
}

function maskAmong({ inputs }: RoleGuesses): { mask?: string } {
  const mask = Object.entries(inputs).find(([, { role }]) => role.role === 'mask')?.[0];
  return mask === undefined ? {} : { mask };
}

/** Whether a mask has to lie beside each picture: known before the model is opened. */
export function takesMasks(file: ModelFile): boolean {
  return maskAmong(guessRoles(file).guesses).mask !== undefined;
}

/** A label map is read as a grey picture, however many classes it has. */
function sizesOf(file: ModelFile, { name, role }: PictureInput): PictureSize[] {
  const sizes = sizesToTry(shapeOf(file, name), role.layout);
  return role.role === 'labelMap' ? sizes.map((size) => ({ ...size, channels: 1 })) : sizes;
}

function shapeOf(file: ModelFile, input: string) {
  return file.graph.inputs.find(({ name }) => name === input)?.shape ?? [];
}

function notTranslator(file: string, phrase: string): GenscopeError {
  const says = `${file} looks like ${phrase}, not an image-to-image model.`;
  return new GenscopeError('model.notGenerator', says, 'Choose a model that makes a picture of a picture.', {
    next: ['answerRoles'],
  });
}

function warningsOf({ file, pinned, guesses }: Opened): string[] {
  const [left] = pinned.left;
  return [
    ...trainingWarnings(file.graph),
    ...(left === undefined
      ? []
      : [
          `Some random nodes lie where Genscope cannot reach them (${left}), so a translation differs a little each time.`,
        ]),
    ...Object.entries(guesses.inputs).flatMap(([name, { role }]) => heldWarning(name, role)),
  ];
}

/** An input beside the picture that could have been something else. */
function heldWarning(name: string, { role }: InputRole): string[] {
  if (role === 'mask')
    return [
      `“${name}” is the mask that lies beside each picture (name_mask.png, or masks/name.png); its white pixels are fed as 1 unless its role says otherwise.`,
    ];
  if (role === 'class') return [`“${name}” is the class; every picture is translated with the first.`];
  if (role === 'latent') return [`“${name}” is a latent; every picture is translated with that of seed 0.`];
  return [];
}
