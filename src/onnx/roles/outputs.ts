/** Roles of outputs: which one is the image, how its axes are ordered, and which values stand for black and white. */
import type { DeclaredShape } from '../../shared/generator/model.ts';
import type { ImageLayout, ImageRole, OutputRole, RoleGuess } from '../../shared/generator/roles.ts';
import { isFloat } from '../dtypes.ts';
import type { GraphIndex, GraphTensor } from '../graph.ts';
import { type InputFacts, isPicture } from './facts.ts';
import { flatPicture } from './flatPictures.ts';
import { guess, signature } from './guess.ts';
import { type CompletedShape, completed } from './missingAxes.ts';
import { KNOWN_RANGES, type Range, type RangeGuess, rangeFromBounds, rangeFromValues } from './range.ts';
import { readTail, type Tail } from './tail.ts';

/** What was seen of an output when the graph was run. */
export interface OutputEvidence {
  readonly shape: readonly number[];
  readonly min: number;
  readonly max: number;
}

type Guess = RoleGuess<OutputRole>;
type Evidence = Readonly<Record<string, OutputEvidence>>;

const OTHER: OutputRole = { role: 'other' };

/** A guess for each output, by name, in the graph's order; at most one is an image. */
export function guessOutputs(
  graph: GraphIndex,
  inputs: readonly InputFacts[],
  evidence: Evidence = {},
): Record<string, Guess> {
  const seenOf = ({ name }: GraphTensor) => (Object.hasOwn(evidence, name) ? evidence[name] : undefined);
  const guesses = graph.outputs.map((output): [GraphTensor, Guess] => {
    return [output, guessOutput(graph, output, seenOf(output), inputs)];
  });
  const size = (output: GraphTensor) => elements(seenOf(output)?.shape ?? output.shape);
  const images = guesses.filter(([, { role }]) => role.role === 'image');
  const main = images.reduce<GraphTensor | undefined>(
    (best, [output]) => (best && size(best) >= size(output) ? best : output),
    undefined,
  );
  return Object.fromEntries(
    guesses.map(([output, own]) => [output.name, output === main ? own : demote(own, main)]),
  );
}

/** Channels × height × width; 0 where symbolic. A colour picture counts for more than a mask of its size. */
function elements(shape: DeclaredShape | null): number {
  return (shape ?? [])
    .slice(1)
    .reduce<number>((product, dim) => product * (typeof dim === 'number' ? dim : 0), 1);
}

/** A second image (a mask, a smaller scale of a pyramid) is not drawn, but can be chosen. */
function demote(own: Guess, main: GraphTensor | undefined): Guess {
  if (own.role.role !== 'image') return own;
  return guess(OTHER, 'likely', `${own.reason}; “${main?.name ?? ''}” is taken for the picture`, own.options);
}

function guessOutput(
  graph: GraphIndex,
  output: GraphTensor,
  seen: OutputEvidence | undefined,
  inputs: readonly InputFacts[],
): Guess {
  const tail = readTail(graph, output.name);
  const shape: DeclaredShape | null = seen?.shape ?? output.shape;
  const says = signature({ ...output, shape });
  // An exporter that declares no rank still shows by its last convolution that a picture comes out.
  if (shape === null && isPicture(tail.channels))
    return guessOutput(graph, { ...output, shape: ['', '', '', ''] }, seen, inputs);
  const whole = shape === null || takesImage(inputs) ? null : completed(shape, inputs, tail);
  if (whole !== null) return guessCompleted(graph, output, whole, seen, inputs);
  if (shape?.length === 2) return guessRow(output, shape, tail, seen, inputs);
  if (shape?.length === 1 && isUnbatched(inputs))
    return guessRow(output, ['', ...shape], tail, seen && { ...seen, shape: [1, ...seen.shape] }, inputs);
  if (shape?.length !== 4) return guess(OTHER, 'sure', `${says}: not a batch of pictures`);
  const { layout, channels } = axes(shape, tail);
  if (channels !== 0 && !isPicture(channels))
    return guess(OTHER, 'sure', `${says}: ${channels} maps, not a picture`);
  const values = rangeOf(output.dtype, tail, seen, inputs);
  if (values === null)
    return guess(OTHER, 'likely', `${says}: whole numbers, such as the classes of a segmentation`);
  const role: ImageRole = { role: 'image', layout, range: values.range };
  const images = [role, ...imageOptions(layout, values.range)];
  if (inputs.some(({ nature }) => nature === 'timestep'))
    return guess(OTHER, 'likely', `${says}: what one step of a diffusion model predicts`, images);
  if (channels === 1 && isScoreMap(inputs, shape))
    return guess(OTHER, 'likely', `${says}: a map of scores, smaller than the image that goes in`, images);
  const alternatives = [...images.slice(1), OTHER];
  const colour = `${COLOURS[channels] ?? 'a picture'}, ${layout}, ${values.reason}`;
  if (channels === 4) {
    const alpha = 'the fourth channel may be alpha and would be left out';
    return guess<OutputRole>(role, 'ask', `${says}: ${colour}; ${alpha}`, alternatives);
  }
  const certainty = channels === 0 ? 'ask' : values.certainty;
  return guess<OutputRole>(role, certainty, `${says}: ${colour}`, alternatives);
}

/** As the picture with all its axes; which axes are missing is a guess. */
function guessCompleted(
  graph: GraphIndex,
  output: GraphTensor,
  { shape, says }: CompletedShape,
  seen: OutputEvidence | undefined,
  inputs: readonly InputFacts[],
): Guess {
  const sizes = shape.map((dim) => (typeof dim === 'number' ? dim : 1));
  const own = guessOutput(graph, { ...output, shape }, seen && { ...seen, shape: sizes }, inputs);
  if (own.role.role !== 'image') return own;
  const reason = `${signature(output)}, ${says}: ${own.reason.slice(own.reason.indexOf(': ') + 2)}`;
  return { ...own, reason, certainty: own.certainty === 'sure' ? 'likely' : own.certainty };
}

/** Rows of numbers: vectors, or pictures laid out flat. */
function guessRow(
  output: GraphTensor,
  shape: DeclaredShape,
  tail: Tail,
  seen: OutputEvidence | undefined,
  inputs: readonly InputFacts[],
): Guess {
  const says = signature({ ...output, shape });
  const vector = `${says}: not a batch of pictures`;
  const values = rangeOf(output.dtype, tail, seen, inputs);
  const flat = flatPicture(shape, tail);
  if (flat === null || values === null || takesImage(inputs)) return guess(OTHER, 'sure', vector);
  const { layout, isShown } = flat;
  const sized = (image: ImageRole): ImageRole => (flat.size === null ? image : { ...image, size: flat.size });
  const role = sized({ role: 'image', layout, range: values.range });
  const options = [role, ...imageOptions(layout, values.range).map(sized)];
  // A row that happens to be as long as a picture is asked about nowhere, but can be chosen.
  if (!isShown) return guess(OTHER, 'likely', vector, options);
  const size = flat.size === null ? '' : ` of ${flat.size.width}×${flat.size.height}`;
  const what = `${COLOURS[flat.channels]}${size} laid out as a row`;
  const certainty = values.certainty === 'sure' ? 'likely' : values.certainty;
  return guess<OutputRole>(role, certainty, `${says}: ${what}, ${layout}, ${values.reason}`, [
    ...options.slice(1),
    OTHER,
  ]);
}

function takesImage(inputs: readonly InputFacts[]): boolean {
  return inputs.some(({ nature }) => nature === 'image');
}

/** Every input is one sample: [d], and nothing that could be a batch. */
function isUnbatched(inputs: readonly InputFacts[]): boolean {
  return inputs.length > 0 && inputs.every(({ tensor: { shape } }) => shape?.length === 1);
}

/** One number for each patch of an image, as a PatchGAN's discriminator gives. */
export function isScoreMap(inputs: readonly InputFacts[], shape: DeclaredShape): boolean {
  const before = inputs.find(({ nature }) => nature === 'image')?.tensor.shape?.[2];
  return typeof before === 'number' && typeof shape[2] === 'number' && shape[2] < before;
}

const COLOURS: Readonly<Record<number, string>> = {
  1: 'a grey picture',
  3: 'a colour picture',
  4: 'four channels',
};

/** Where the channels are: by the sizes; by a final Transpose where both would do; 0 channels where nothing tells. */
function axes(shape: DeclaredShape, tail: Tail): { layout: ImageLayout; channels: number } {
  const [, second, third, fourth] = shape;
  const toLast = tail.permutation?.join() === '0,2,3,1';
  const first = { layout: 'NCHW', channels: second } as const;
  const last = { layout: 'NHWC', channels: fourth } as const;
  const couldBeFirst = isPicture(second) && third !== 1;
  const couldBeLast = isPicture(fourth) && second !== 1;
  const choice =
    couldBeLast && (!couldBeFirst || toLast) ? last : couldBeFirst ? first : toLast ? last : first;
  return {
    layout: choice.layout,
    channels: typeof choice.channels === 'number' ? choice.channels : tail.channels,
  };
}

/** The value range; null for whole numbers that are no pixels. */
function rangeOf(
  dtype: string,
  tail: Tail,
  seen: OutputEvidence | undefined,
  inputs: readonly InputFacts[],
): RangeGuess | null {
  if (dtype === 'uint8') return { range: [0, 255], certainty: 'sure', reason: 'bytes' };
  if (!isFloat(dtype)) return null;
  const bounded = tail.bounds === null ? null : rangeFromBounds(tail.bounds, tail.by);
  if (bounded !== null) return bounded;
  const unbounded = 'nothing in the graph bounds its values';
  // What comes out then follows what goes in, so that values show nothing. ESRGAN, SwinIR and their like take [0, 1].
  if (inputs.some(({ nature }) => nature === 'image') && !(seen !== undefined && seen.max > 30))
    return {
      range: [0, 1],
      certainty: 'ask',
      reason: `${unbounded}, and networks like it mostly use [0, 1]`,
    };
  if (seen !== undefined) return rangeFromValues(seen.min, seen.max);
  return { range: [-1, 1], certainty: 'ask', reason: unbounded };
}

/** The same image with other values, or with its axes the other way round. */
export function imageOptions(layout: ImageLayout, chosen: Range): ImageRole[] {
  const others = KNOWN_RANGES.filter(([low, high]) => low !== chosen[0] || high !== chosen[1]);
  const turned: ImageLayout = layout === 'NCHW' ? 'NHWC' : 'NCHW';
  return [
    ...others.map((range): ImageRole => ({ role: 'image', layout, range })),
    { role: 'image', layout: turned, range: chosen },
  ];
}
