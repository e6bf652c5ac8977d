/** What a model is for, so that a file which is no generator gets a sentence instead of a grid of rubbish. */
import { GenscopeError } from '../shared/errors.ts';
import type { ModelKind } from '../shared/model.ts';
import type { GraphIndex, GraphTensor } from './graph.ts';
import { type InputFacts, inputFacts, isPicture } from './roles/facts.ts';
import { readTail } from './roles/tail.ts';
import type { RoleGuesses } from './roles.ts';

export interface KindVerdict {
  readonly kind: ModelKind;
  /** A noun phrase with its grounds: "an image classifier (image in, 1,000 scores out)". */
  readonly phrase: string;
}

/**
 * Decides by what goes in (a latent, an image, token ids) and what comes out (a picture, scores, maps).
 * Roles that a person has confirmed win over what the graph looks like.
 */
export function classifyModel(graph: GraphIndex, roles: RoleGuesses): KindVerdict {
  const facts = inputFacts(graph);
  const has = (nature: InputFacts['nature']) => facts.some((fact) => fact.nature === nature);
  const makesPicture = Object.values(roles.outputs).some(({ role }) => role.role === 'image');
  const takesLatent = Object.values(roles.inputs).some(({ role }) => role.role === 'latent');
  const isConfirmed = Object.values(roles.inputs).some(
    ({ role, certainty }) => role.role === 'latent' && certainty === 'confirmed',
  );
  if (isConfirmed && makesPicture)
    return { kind: 'generator', phrase: 'a generator (latent in, image out, as confirmed)' };
  if (has('tokens')) return fromTokens(graph, makesPicture);
  if (has('timestep'))
    return { kind: 'unknown', phrase: 'one step of a diffusion model (a picture and a timestep in)' };
  if (has('image')) return fromImage(graph, facts);
  if (takesLatent && makesPicture) return { kind: 'generator', phrase: 'a generator (latent in, image out)' };
  if (has('label') && makesPicture) return { kind: 'generator', phrase: 'a generator (class in, image out)' };
  if (has('codes') && makesPicture)
    return { kind: 'unknown', phrase: 'the decoder of a codebook model (codes in, image out)' };
  return { kind: 'unknown', phrase: `a graph of another kind (${counted(graph)})` };
}

/** The error for a model that cannot be sampled; null for a generator. */
export function notGenerator({ kind, phrase }: KindVerdict): GenscopeError | null {
  if (kind === 'generator') return null;
  if (kind !== 'unknown') {
    const advice =
      kind === 'imageToImage'
        ? 'Open a generator that draws its pictures from a latent vector.'
        : 'Open the ONNX file of the generator itself, or the demo generator.';
    return new GenscopeError('model.notGenerator', `This looks like ${phrase}, not a generator.`, advice, {
      next: ['openDemo', 'answerRoles'],
    });
  }
  return new GenscopeError(
    'model.rolesUnknown',
    `This looks like ${phrase}, and Genscope cannot tell how to make pictures with it.`,
    'Say which input is the latent and which output is the image, if it has them.',
    { next: ['answerRoles', 'openDemo'] },
  );
}

function fromTokens(graph: GraphIndex, makesPicture: boolean): KindVerdict {
  if (makesPicture) return { kind: 'unknown', phrase: 'a text-to-image model (token ids in, image out)' };
  const scores = graph.outputs.find(({ shape }) => shape?.length === 3);
  if (scores === undefined) return { kind: 'encoder', phrase: 'a text encoder (token ids in, vectors out)' };
  const size = scores.shape?.[2];
  const words =
    typeof size === 'number' ? `scores of ${size.toLocaleString('en')} tokens out` : 'scores of tokens out';
  return { kind: 'languageModel', phrase: `a language model (token ids in, ${words})` };
}

function fromImage(graph: GraphIndex, facts: readonly InputFacts[]): KindVerdict {
  const input = facts.find(({ nature }) => nature === 'image')?.tensor;
  const [output] = [...graph.outputs].sort((a, b) => rank(b) - rank(a));
  if (input === undefined || output === undefined)
    return { kind: 'unknown', phrase: `a graph of another kind (${counted(graph)})` };
  const own = readTail(graph, output.name);
  if (output.shape?.length === 4) return fromMaps(input, output, own.channels);
  if (output.shape?.length === 3 && /int/.test(output.dtype)) {
    return { kind: 'segmenter', phrase: 'a segmentation model (image in, a map of classes out)' };
  }
  return fromScores(graph);
}

function rank({ shape }: GraphTensor): number {
  return shape?.length ?? 0;
}

function fromMaps(input: GraphTensor, output: GraphTensor, lastChannels: number): KindVerdict {
  const [, first = '', height] = output.shape ?? [];
  const channelsLast = isPicture(output.shape?.[3]) && !isPicture(first);
  const channels = channelsLast ? output.shape?.[3] : typeof first === 'number' ? first : lastChannels;
  const before = input.shape?.[2];
  if (/int64|int32/.test(output.dtype))
    return { kind: 'segmenter', phrase: 'a segmentation model (image in, a map of classes out)' };
  if (channels === 1 && typeof height === 'number' && typeof before === 'number' && height < before) {
    return { kind: 'classifier', phrase: 'a discriminator (image in, a smaller map of scores out)' };
  }
  if (typeof channels === 'number' && channels > 4) {
    return { kind: 'segmenter', phrase: `a segmentation model (image in, ${channels} maps out)` };
  }
  return { kind: 'imageToImage', phrase: 'an image-to-image model (image in, image out)' };
}

const VECTOR_NAMES = /emb|feat|latent|code|mean|\bmu\b|logvar|^z$|style/i;
const SCORE_NAMES = /logit|prob|score|class|softmax|label|pred/i;

/** Vectors out: scores by name or by Softmax, else an embedding by name, else scores. */
function fromScores(graph: GraphIndex): KindVerdict {
  const isScore = ({ name }: GraphTensor) =>
    SCORE_NAMES.test(name) || graph.producer(name)?.opType === 'Softmax';
  const scores = graph.outputs.find(isScore) ?? graph.outputs.find(({ name }) => !VECTOR_NAMES.test(name));
  const output = scores ?? graph.outputs[0];
  const size = output?.shape?.at(-1);
  const count = typeof size === 'number' ? size.toLocaleString('en') : 'some';
  if (scores === undefined)
    return { kind: 'encoder', phrase: `an image encoder (image in, ${count} features out)` };
  if (size === 1 || output?.shape?.length === 1)
    return { kind: 'classifier', phrase: 'a discriminator (image in, one score out)' };
  return { kind: 'classifier', phrase: `an image classifier (image in, ${count} scores out)` };
}

function counted(graph: GraphIndex): string {
  const inputs = graph.inputs.length;
  const outputs = graph.outputs.length;
  return `${inputs} ${inputs === 1 ? 'input' : 'inputs'}, ${outputs} ${outputs === 1 ? 'output' : 'outputs'}`;
}
