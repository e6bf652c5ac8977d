/** *Copy Latent*: Python that makes a plan's very latents and runs the model on them. */

import type { ClassEncoding } from '../../shared/generator/roles.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import { type LatentPlan, planCount } from '../../shared/samples/latents.ts';
import { planLatents } from './plan.ts';
import { drawCode } from './pythonDraw.ts';
import { sampleCode } from './pythonSamples.ts';

/** NumPy's name of a type. */
export type NumpyType = 'float16' | 'float32' | 'float64' | 'int32' | 'int64' | 'uint8' | 'bool';

/** Another graph than the file's: how its session is made, and what its runs take besides the samples. */
export interface GraphCode {
  readonly imports: readonly string[];
  /** Each a list of lines. */
  readonly functions: readonly (readonly string[])[];
  /** They leave `session`. */
  readonly lines: readonly string[];
  /** An entry of the dict of feeds; `i` is the sample's place. */
  readonly feeds: string;
}

export interface LatentCodeOptions {
  /** As Python should open it: a path, absolute or relative to where the code will run. */
  readonly modelFile: string;
  readonly latentInput: string;
  /** N first, e.g. [1, 96] or [1, 96, 1, 1]; the rest must be known. */
  readonly latentShape: readonly number[];
  /** `float32` when left out. */
  readonly latentType?: NumpyType;
  readonly classInput?: {
    readonly name: string;
    readonly encoding: ClassEncoding;
    readonly classes: number;
    /** Of one sample, when it is neither [1, classes] (one-hot) nor [1] (index). */
    readonly shape?: readonly number[];
    /** `float32` (one-hot) or `int64` (index) when left out. */
    readonly dtype?: NumpyType;
  };
  /** Further inputs, each filled with one value: a truncation, a constant. Shapes are those of one sample. */
  readonly filledInputs?: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly dtype?: NumpyType;
    readonly value: number;
  }[];
  readonly imageOutput: string;
  /** One sample of the plan only. */
  readonly index?: number;
  readonly graph?: GraphCode;
  /** The graph draws random numbers of its own, which a session on the file cannot fix. */
  readonly ownNoise?: boolean;
}

/**
 * A Python script that needs numpy and onnxruntime (torch for a torch plan, scipy for truncnorm). It leaves `z`, float32
 * [N, d], within 1e-6 of what `planLatents` gives (torch normals: 4e-6), `classes`, float32 [N, K], and `images`.
 * Every model takes one sample a run, so that is how the script runs it. Throws as `planLatents` does, and
 * `input.invalid` for ψ.
 */
export function latentCode(plan: LatentPlan, options: LatentCodeOptions): string {
  const size = options.latentShape.slice(1).reduce((product, length) => product * length, 1);
  const classes = options.classInput?.classes ?? 0;
  const { index, graph } = options;
  const { count } = planLatents(plan, size, classes);
  requireSayable(plan);
  if (index !== undefined && !(Number.isInteger(index) && index >= 0 && index < count)) {
    throw new GenscopeError(
      'input.invalid',
      `There is no sample ${index} in this plan.`,
      `Choose one from 0 to ${count - 1}.`,
    );
  }
  const draw = drawCode(plan.source);
  const samples = sampleCode(plan, size, classes, index);
  const blocks = [
    [
      ...titleLines(plan, options),
      'import numpy as np',
      'import onnxruntime as ort',
      ...draw.imports,
      ...(graph?.imports ?? []),
    ],
    draw.lines,
    ...samples.functions,
    ...(graph?.functions ?? []),
    samples.lines,
  ].map((lines) => lines.join('\n'));
  return `${blocks.join('\n\n\n')}\n\n${runLines(options, classes).join('\n')}\n`;
}

/** ψ acts on w inside the graph, which a session on the file cannot reach. */
function requireSayable({ source: { truncation } }: LatentPlan): void {
  if (truncation.mode !== 'psi' || truncation.psi === 1) return;
  throw new GenscopeError(
    'input.invalid',
    'Python code that runs the file cannot draw w towards its mean, so it would give other pictures.',
    'Set ψ to 1 and copy again, or save the samples as NumPy files.',
  );
}

function titleLines(plan: LatentPlan, { index, ownNoise }: LatentCodeOptions): string[] {
  const noise = '# The graph draws noise of its own each time it is run: its pictures differ by that.';
  return [`# ${title(plan, index)}`, ...(ownNoise ? [noise] : [])];
}

function title(plan: LatentPlan, index?: number): string {
  const library = plan.source.rng === 'numpy' ? 'NumPy' : 'PyTorch';
  return `${subject(plan, index)}, with ${library}'s random numbers, as Genscope draws them.`;
}

function subject(plan: LatentPlan, index?: number): string {
  const count = planCount(plan);
  const all = count === 1 ? 'The one sample' : `The ${count} samples`;
  const samples = index === undefined ? all : `Sample ${index} of ${count}`;
  if (plan.kind === 'path') {
    const through = plan.keys.map((key) => key.seed).join(', ');
    return `${samples} on a ${plan.loop ? 'closed ' : ''}path through seeds ${through}`;
  }
  if (plan.kind === 'grid') {
    const corners = plan.corners.map((key) => key.seed).join(', ');
    return `${samples} on a grid of ${plan.rows} × ${plan.columns} between seeds ${corners}`;
  }
  if (plan.kind === 'picks') return `${samples} picked from ${plan.count} of seed ${plan.seed}`;
  if (plan.source.layout === 'stream') return `${samples} in one stream from seed ${plan.seed}`;
  if (index !== undefined || count === 1) return `The sample of seed ${plan.seed + (index ?? 0)}`;
  return `The samples of seeds ${plan.seed} to ${plan.seed + count - 1}`;
}

function runLines(options: LatentCodeOptions, classes: number): string[] {
  const { classInput, filledInputs = [], graph } = options;
  const feeds = [
    `${quoted(options.latentInput)}: ${shaped('z[i]', options.latentShape, options.latentType)}`,
  ];
  if (classInput && classes > 0) {
    const { name, encoding, dtype, shape } = classInput;
    const [value, own] = encoding === 'onehot' ? ['classes[i]', [1, classes]] : ['classes[i].argmax()', [1]];
    feeds.push(`${quoted(name)}: ${shaped(value as string, shape ?? (own as number[]), dtype)}`);
  }
  for (const { name, shape, value, dtype } of filledInputs) {
    feeds.push(`${quoted(name)}: np.full(${tuple(shape)}, ${value}, np.${dtype ?? 'float32'})`);
  }
  if (graph) feeds.push(graph.feeds);
  return [
    ...(graph?.lines ?? [`session = ort.InferenceSession(${quoted(options.modelFile)})`]),
    'images = []',
    'for i in range(len(z)):',
    ...(feeds.length > 1
      ? ['    feeds = {', ...feeds.map((feed) => `        ${feed},`), '    }']
      : [`    feeds = {${feeds[0]}}`]),
    `    images.append(session.run([${quoted(options.imageOutput)}], feeds)[0])`,
    'images = np.concatenate(images)',
    'print(images.shape, images.dtype, images.min(), images.max())',
  ];
}

/** One sample, with a leading axis of 1 whatever N the caller wrote. */
function shaped(value: string, shape: readonly number[], dtype?: NumpyType): string {
  const sizes = [1, ...shape.slice(1)].join(', ');
  return `${value}.reshape(${sizes})${dtype === undefined ? '' : `.astype(np.${dtype})`}`;
}

function tuple(shape: readonly number[]): string {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
}

/** JSON's strings are Python's too. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
