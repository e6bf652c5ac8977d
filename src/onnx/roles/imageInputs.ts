/** Images that go in: how their axes are ordered, and which values stand for black and white. */
import type { ImageLayout, ImageRole, InputRole, RoleGuess } from '../../shared/generator/roles.ts';
import type { GraphIndex } from '../graph.ts';
import { type InputFacts, isPicture } from './facts.ts';
import { guess, usage } from './guess.ts';
import { imageOptions } from './outputs.ts';
import { type RangeGuess, rangeText } from './range.ts';

const OTHER: InputRole = { role: 'other' };
const ZERO: InputRole = { role: 'constant', value: 0 };

/** A network that makes a picture of a picture takes the values that it gives; one that judges says nothing about them. */
export function guessImageInput(
  graph: GraphIndex,
  facts: InputFacts,
  picture: RoleGuess<ImageRole> | null,
  besidePicture = false,
): RoleGuess<InputRole> {
  const layout = layoutOf(graph, facts);
  if (besidePicture && channelsOf(facts, layout) === 1)
    return guessBesidePicture(graph, facts, layout, picture);
  const { range, certainty, reason } = rangeOf(facts, picture);
  const role: ImageRole = { role: 'image', layout, range };
  const says = `${usage(facts)}: an image, ${layout}, ${reason}`;
  return guess<InputRole>(role, certainty, says, [...imageOptions(layout, range), ZERO, OTHER]);
}

/**
 * One channel beside a picture that goes in, too: a mask, if it is called one. 1 for what is to be filled in is the custom of
 * inpainting; some have it the other way round, so it is said, and can be chosen.
 */
function guessBesidePicture(
  graph: GraphIndex,
  facts: InputFacts,
  layout: ImageLayout,
  picture: RoleGuess<ImageRole> | null,
): RoleGuess<InputRole> {
  const mask = (range: readonly [number, number]): InputRole => ({ role: 'mask', layout, range });
  const asImage = guessImageInput(graph, facts, picture);
  const masks = [mask([0, 1]), mask([1, 0]), mask([-1, 1]), mask([0, 255])];
  if (!/mask|hole/i.test(facts.tensor.name)) return { ...asImage, options: [...asImage.options, ...masks] };
  const says = `${usage(facts)} beside a picture and is named so: a mask, white as 1`;
  return guess<InputRole>(mask([0, 1]), 'likely', says, [...masks.slice(1), ...asImage.options]);
}

function channelsOf({ tensor }: InputFacts, layout: ImageLayout): number | string | undefined {
  return tensor.shape?.[layout === 'NCHW' ? 1 : 3];
}

function layoutOf(graph: GraphIndex, { tensor, lead }: InputFacts): ImageLayout {
  const [, second, , fourth] = tensor.shape ?? [];
  if (isPicture(second) !== isPicture(fourth)) return isPicture(second) ? 'NCHW' : 'NHWC';
  // Where the sizes do not tell: who turns the axes before the first convolution has the channels last.
  const turns = graph.consumers(tensor.name).some(({ opType }) => opType === 'Transpose');
  return turns && lead?.node.opType === 'Conv' ? 'NHWC' : 'NCHW';
}

function rangeOf({ tensor }: InputFacts, picture: RoleGuess<ImageRole> | null): RangeGuess {
  if (tensor.dtype === 'uint8') return { range: [0, 255], certainty: 'sure', reason: 'bytes' };
  if (picture === null)
    return { range: [0, 1], certainty: 'likely', reason: 'its values are not in the graph' };
  const { role, certainty } = picture;
  const reason = `${rangeText(role.range)} as the image that comes out`;
  // Bounds of what comes out are hard evidence there, and only a custom here.
  return { range: role.range, certainty: certainty === 'ask' ? 'ask' : 'likely', reason };
}
