/** What a model is for, so that a file which is no generator gets a sentence instead of a grid of rubbish. */

import type { ModelKind } from '../shared/generator/model.ts';
import type { InputRole } from '../shared/generator/roles.ts';
import { GenscopeError } from '../shared/kernel/errors.ts';
import type { GraphIndex, GraphTensor } from './graph.ts';
import { judgeVectors } from './judges.ts';
import { randomNodes } from './noise.ts';
import { type InputFacts, inputFacts, isPicture } from './roles/facts.ts';
import { signature } from './roles/guess.ts';
import { isScoreMap } from './roles/outputs.ts';
import type { RoleGuesses } from './roles/roles.ts';
import { readTail } from './roles/tail.ts';

export interface KindVerdict {
  readonly kind: ModelKind;
  /** A noun phrase with its grounds: "an image classifier (image in, 1,000 scores out)". */
  readonly phrase: string;
  /** What to ask, where one question decides. */
  readonly question?: string;
  /** It can make one picture only. */
  readonly isConstant?: boolean;
}

/** What a sample can be drawn from. */
const SOURCES: ReadonlySet<InputRole['role']> = new Set(['latent', 'codes', 'class', 'embedding']);

/**
 * Decides by what goes in (a latent, an image, token ids) and what comes out (a picture, scores, maps).
 * Roles that a person has confirmed win over what the graph looks like.
 */
export function classifyModel(graph: GraphIndex, roles: RoleGuesses): KindVerdict {
  const facts = inputFacts(graph);
  const has = (nature: InputFacts['nature']) => facts.some((fact) => fact.nature === nature);
  const takes = (role: InputRole['role']) =>
    Object.values(roles.inputs).some((guess) => guess.role.role === role);
  const makesPicture = Object.values(roles.outputs).some(({ role }) => role.role === 'image');
  const confirmed = makesPicture ? fromAnswers(roles) : null;
  if (confirmed !== null) return confirmed;
  if (graph.inputs.length === 0 && makesPicture) return withoutInputs(graph);
  if (has('tokens')) return fromTokens(graph, makesPicture);
  if (has('timestep'))
    return { kind: 'diffusion', phrase: 'one step of a diffusion model (a picture and a timestep in)' };
  const planes = facts.find(({ nature }) => nature === 'planes');
  if (planes && makesPicture && roles.inputs[planes.tensor.name]?.certainty !== 'confirmed')
    return fromPlanes(planes);
  if (has('image')) return fromImage(graph, facts);
  if (takes('latent') && makesPicture)
    return { kind: 'generator', phrase: 'a generator (latent in, image out)' };
  if (has('label') && makesPicture) return { kind: 'generator', phrase: 'a generator (class in, image out)' };
  if (takes('codes') && makesPicture)
    return { kind: 'generator', phrase: 'a generator (codes of a codebook in, image out)' };
  return { kind: 'unknown', phrase: `a graph of another kind (${counted(graph)})` };
}

/** Null where nobody has said anything that decides. */
function fromAnswers({ inputs }: RoleGuesses): KindVerdict | null {
  const answers = Object.values(inputs).filter(({ certainty }) => certainty === 'confirmed');
  if (answers.some(({ role }) => role.role === 'labelMap'))
    return {
      kind: 'imageToImage',
      phrase: 'an image-to-image model (label map in, image out, as confirmed)',
    };
  if (answers.some(({ role }) => role.role === 'image'))
    return { kind: 'imageToImage', phrase: 'an image-to-image model (image in, image out, as confirmed)' };
  // A class alone decides nothing: a conditional discriminator or a diffusion step has one, too.
  const source = answers.find(({ role }) => role.role !== 'class' && SOURCES.has(role.role));
  if (source === undefined) return null;
  return { kind: 'generator', phrase: `a generator (${source.role.role} in, image out, as confirmed)` };
}

/** The error for a model that cannot be sampled; null for a generator. */
export function notGenerator(verdict: KindVerdict): GenscopeError | null {
  if (verdict.kind !== 'imageToImage') return cannotOpen(verdict);
  return new GenscopeError(
    'model.notGenerator',
    `This looks like ${verdict.phrase}: it translates pictures, and has no latent to sample.`,
    'Translate a folder of pictures with it, or open a generator that draws its pictures from a latent vector.',
    { next: ['answerRoles'] },
  );
}

/** The error for a model that Genscope can do nothing with; null for what makes pictures, of latents or of pictures. */
export function cannotOpen({ kind, phrase, question, isConstant }: KindVerdict): GenscopeError | null {
  if (kind === 'generator' || kind === 'imageToImage') return null;
  if (isConstant && question)
    return new GenscopeError('model.notGenerator', `This looks like ${phrase}.`, question, {
      next: ['copyExportCode', 'openDemo'],
    });
  if (kind !== 'unknown') {
    const advice =
      kind === 'diffusion'
        ? 'Open a model that makes its picture in one run: a GAN’s generator, or the decoder of an autoencoder.'
        : 'Open the ONNX file of the generator itself, or the demo generator.';
    return new GenscopeError('model.notGenerator', `This looks like ${phrase}, not a generator.`, advice, {
      next: ['openDemo', 'answerRoles'],
    });
  }
  return new GenscopeError(
    'model.rolesUnknown',
    `This looks like ${phrase}, and Genscope cannot tell how to make pictures with it.`,
    question ?? 'Say which input is the latent and which output is the image, if it has them.',
    { next: ['answerRoles', 'openDemo'] },
  );
}

/** What it draws inside decides the picture; without chance there is one picture and no more. */
function withoutInputs(graph: GraphIndex): KindVerdict {
  if (randomNodes(graph).length > 0)
    return { kind: 'generator', phrase: 'a generator (its latent is drawn inside, image out)' };
  return {
    kind: 'unknown',
    phrase: 'a generator with its latent baked in (it has no inputs, so it always gives the same picture)',
    question: 'Export it with the latent as an input of the graph.',
    isConstant: true,
  };
}

/** A label map, stacked pictures, a picture with its mask: which, only a person knows. */
function fromPlanes({ tensor }: InputFacts): KindVerdict {
  return {
    kind: 'unknown',
    phrase: `a model that makes a picture of maps (“${tensor.name}”, ${signature(tensor)}, is as large as the picture)`,
    question: `Say what “${tensor.name}” is: a label map, to translate label maps with it, a picture with its mask in the fourth channel (the alpha of the files), or a latent. Stacked pictures are not supported.`,
  };
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
  if (output.shape?.length === 4) return fromMaps(facts, output, own.channels);
  if (output.shape?.length === 3 && /int/.test(output.dtype)) {
    return { kind: 'segmenter', phrase: 'a segmentation model (image in, a map of classes out)' };
  }
  return judgeVectors(graph);
}

function rank({ shape }: GraphTensor): number {
  return shape?.length ?? 0;
}

function fromMaps(facts: readonly InputFacts[], output: GraphTensor, lastChannels: number): KindVerdict {
  const [, first = ''] = output.shape ?? [];
  const channelsLast = isPicture(output.shape?.[3]) && !isPicture(first);
  const channels = channelsLast ? output.shape?.[3] : typeof first === 'number' ? first : lastChannels;
  if (/int64|int32/.test(output.dtype))
    return { kind: 'segmenter', phrase: 'a segmentation model (image in, a map of classes out)' };
  if (channels === 1 && isScoreMap(facts, output.shape ?? []))
    return { kind: 'discriminator', phrase: 'a discriminator (image in, a smaller map of scores out)' };
  if (typeof channels === 'number' && channels > 4) {
    return { kind: 'segmenter', phrase: `a segmentation model (image in, ${channels} maps out)` };
  }
  const before = facts.find(({ nature }) => nature === 'image')?.tensor.shape?.[2];
  const after = output.shape?.[2];
  if (typeof before === 'number' && typeof after === 'number' && after >= 2 * before) {
    const times = after % before === 0 ? `${after / before} times as large` : 'larger';
    return { kind: 'imageToImage', phrase: `a super-resolution model (image in, image out, ${times})` };
  }
  return { kind: 'imageToImage', phrase: 'an image-to-image model (image in, image out)' };
}

function counted(graph: GraphIndex): string {
  const inputs = graph.inputs.length;
  const outputs = graph.outputs.length;
  return `${inputs} ${inputs === 1 ? 'input' : 'inputs'}, ${outputs} ${outputs === 1 ? 'output' : 'outputs'}`;
}
