/** Whether roles are inferred as the manifest has them: without a sidecar, from the graph and one run. */
import { asNumbers } from '../../../src/engine/pictures/pixels.ts';
import { GraphIndex } from '../../../src/onnx/graph.ts';
import { classifyModel } from '../../../src/onnx/kind.ts';
import { inferRoles } from '../../../src/onnx/roles/roles.ts';
import type { InputRole, OutputRole, RoleGuess } from '../../../src/shared/generator/roles.ts';
import type { Outputs } from './checks.ts';
import type { Variant, ZooInput } from './manifest.ts';
import type { Subject } from './subject.ts';

export type RolesVerdict = 'right' | 'asks' | { readonly wrong: readonly string[] };

/** `asks`: every wrong guess is one that is asked about before anything is drawn, and the truth is on the menu. */
export function rolesVerdict({ opened, variant }: Subject, outputs: Outputs): RolesVerdict {
  const graph = new GraphIndex(opened.model);
  const evidence = Object.entries(outputs).map(([name, { data, dtype, shape }]) => {
    const numbers = asNumbers(data, dtype);
    let [min, max] = [Infinity, -Infinity];
    for (let i = 0; i < numbers.length; i++) {
      min = Math.min(min, numbers[i] as number);
      max = Math.max(max, numbers[i] as number);
    }
    return [name, { shape, min, max }] as const;
  });
  const guesses = inferRoles(graph, { outputs: Object.fromEntries(evidence) });
  const shown = variant.outputs.find(({ role }) => role === 'image');
  const verdicts = [
    ...variant.inputs.map((input) =>
      verdictOf(input.name, guesses.inputs[input.name], (role) => isInput(role, input)),
    ),
    ...variant.outputs.map((output) =>
      verdictOf(output.name, guesses.outputs[output.name], (role) =>
        output === shown ? isPicture(role, output) : role.role === 'other',
      ),
    ),
  ];
  const { kind } = classifyModel(graph, guesses);
  const wrong = verdicts.filter((verdict) => verdict !== 'right' && verdict !== 'asks');
  if (kind !== variant.kind) wrong.push(`taken for ${kind}`);
  if (wrong.length > 0) return { wrong };
  return verdicts.includes('asks') ? 'asks' : 'right';
}

function verdictOf<R extends InputRole | OutputRole>(
  name: string,
  guess: RoleGuess<R> | undefined,
  isTrue: (role: R) => boolean,
): string {
  if (guess === undefined) return `${name} is not there`;
  if (guess.certainty === 'ask') return guess.options.some(isTrue) ? 'asks' : `${name} is not on the menu`;
  return isTrue(guess.role) ? 'right' : `${name} is taken for ${JSON.stringify(guess.role)}`;
}

function isInput(role: InputRole, { role: truth, encoding, classes, count }: ZooInput): boolean {
  switch (truth) {
    case 'latent':
      return role.role === 'latent' && (role.space ?? 'z') === 'z';
    case 'styles':
      return role.role === 'latent' && role.space === 'w+';
    case 'class':
      // A class that arrives embedded is what another network makes.
      if (encoding === 'embedded') return role.role === 'embedding';
      return role.role === 'class' && role.encoding === encoding && role.classes === classes;
    case 'codes':
      return role.role === 'codes' && role.entries === count;
    case 'timestep':
      return role.role === 'other';
    default:
      return role.role === truth;
  }
}

function isPicture(role: OutputRole, { range }: Variant['outputs'][number]): boolean {
  // "[0,1], clamped outside" is [0,1]; where the manifest names none, any will do.
  const [, low, high] = /^\[(-?\d+),(-?\d+)\]/.exec(range ?? '') ?? [];
  if (role.role !== 'image' || role.layout !== 'NCHW') return false;
  return low === undefined || (role.range[0] === Number(low) && role.range[1] === Number(high));
}
