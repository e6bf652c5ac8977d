/** Roles of outputs: which one is the image, how its axes are ordered, and which values stand for black and white. */
import type { DeclaredShape } from '../../shared/model.ts';
import type { ImageLayout, ImageRole, OutputRole, RoleGuess } from '../../shared/roles.ts';
import { isFloat } from '../dtypes.ts';
import type { GraphIndex, GraphTensor } from '../graph.ts';
import { isPicture } from './facts.ts';
import { guess, signature } from './guess.ts';
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
export function guessOutputs(graph: GraphIndex, evidence: Evidence = {}): Record<string, Guess> {
  const guesses = graph.outputs.map((output): [GraphTensor, Guess] => {
    const seen = Object.hasOwn(evidence, output.name) ? evidence[output.name] : undefined;
    return [output, guessOutput(graph, output, seen)];
  });
  const images = guesses.filter(([, { role }]) => role.role === 'image');
  const main = images.reduce<GraphTensor | undefined>(
    (best, [output]) => (best && pixels(best) >= pixels(output) ? best : output),
    undefined,
  );
  return Object.fromEntries(
    guesses.map(([output, own]) => [output.name, output === main ? own : demote(own, main)]),
  );
}

/** Height × width as declared; 0 where symbolic. */
function pixels({ shape }: GraphTensor): number {
  return (shape ?? [])
    .slice(1)
    .reduce<number>((product, dim) => product * (typeof dim === 'number' ? dim : 0), 1);
}

/** A second image (a mask, a smaller scale of a pyramid) is not drawn, but can be chosen. */
function demote(own: Guess, main: GraphTensor | undefined): Guess {
  if (own.role.role !== 'image') return own;
  return guess(OTHER, 'likely', `${own.reason}; “${main?.name ?? ''}” is taken for the picture`, own.options);
}

function guessOutput(graph: GraphIndex, output: GraphTensor, seen: OutputEvidence | undefined): Guess {
  const tail = readTail(graph, output.name);
  const shape: DeclaredShape | null = seen?.shape ?? output.shape;
  const says = signature({ ...output, shape });
  // An exporter that declares no rank still shows by its last convolution that a picture comes out.
  if (shape === null && isPicture(tail.channels))
    return guessOutput(graph, { ...output, shape: ['', '', '', ''] }, seen);
  if (shape?.length !== 4) return guess(OTHER, 'sure', `${says}: not a batch of pictures`);
  const { layout, channels } = axes(shape, tail);
  if (channels !== 0 && !isPicture(channels))
    return guess(OTHER, 'sure', `${says}: ${channels} maps, not a picture`);
  const values = rangeOf(output.dtype, tail, seen);
  if (values === null)
    return guess(OTHER, 'likely', `${says}: whole numbers, such as the classes of a segmentation`);
  const alternatives = options(layout, values.range);
  const colour = `${COLOURS[channels] ?? 'a picture'}, ${layout}, ${values.reason}`;
  const role: ImageRole = { role: 'image', layout, range: values.range };
  if (channels === 4) {
    return guess<OutputRole>(
      role,
      'ask',
      `${says}: ${colour}; the fourth channel may be alpha and would be left out`,
      [...alternatives, OTHER],
    );
  }
  const certainty = channels === 0 ? 'ask' : values.certainty;
  return guess<OutputRole>(role, certainty, `${says}: ${colour}`, [...alternatives, OTHER]);
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
function rangeOf(dtype: string, tail: Tail, seen: OutputEvidence | undefined): RangeGuess | null {
  if (dtype === 'uint8') return { range: [0, 255], certainty: 'sure', reason: 'bytes' };
  if (!isFloat(dtype)) return null;
  const bounded = tail.bounds === null ? null : rangeFromBounds(tail.bounds, tail.by);
  if (bounded !== null) return bounded;
  if (seen !== undefined) return rangeFromValues(seen.min, seen.max);
  return { range: [-1, 1], certainty: 'ask', reason: 'nothing in the graph bounds its values' };
}

function options(layout: ImageLayout, chosen: Range): ImageRole[] {
  const others = KNOWN_RANGES.filter(([low, high]) => low !== chosen[0] || high !== chosen[1]);
  const turned: ImageLayout = layout === 'NCHW' ? 'NHWC' : 'NCHW';
  return [
    ...others.map((range): ImageRole => ({ role: 'image', layout, range })),
    { role: 'image', layout: turned, range: chosen },
  ];
}
