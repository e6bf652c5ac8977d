/** The sidecar, `<model>.genscope.json`: the roles a person confirmed, and the names of the classes. */
import type {
  ImageRole,
  InputRole,
  OutputRole,
  RoleGuess,
  Roles,
  Sidecar,
} from '../shared/generator/roles.ts';
import type { RoleGuesses } from './roles/roles.ts';
import { invalidSidecar } from './sidecarJson.ts';

export { checkSidecar, parseSidecar } from './sidecarJson.ts';

type PartialInput = NonNullable<Sidecar['inputs']>[string];
type PartialOutput = NonNullable<Sidecar['outputs']>[string];

/** 'models/generator.onnx' → 'models/generator.genscope.json'. */
export function sidecarFileName(model: string): string {
  return `${model.replace(/\.onnx$/i, '')}.genscope.json`;
}

/** The sidecar that keeps these roles. */
export function makeSidecar(roles: Roles, classNames: readonly string[] = []): Sidecar {
  const sidecar: Sidecar = { schema: 1, inputs: { ...roles.inputs }, outputs: { ...roles.outputs } };
  return classNames.length === 0 ? sidecar : { ...sidecar, classNames: [...classNames] };
}

/** Confirmed roles over the guesses; names the model does not have come back as warnings. */
export function applySidecar(
  guesses: RoleGuesses,
  sidecar: Sidecar,
): { guesses: RoleGuesses; warnings: string[] } {
  const warnings: string[] = [];
  const inputs = merge(guesses.inputs, sidecar.inputs, 'input', completeInput, warnings);
  const outputs = merge(guesses.outputs, sidecar.outputs, 'output', completeOutput, warnings);
  return { guesses: { inputs, outputs }, warnings };
}

function merge<R extends { role: string }, P>(
  guesses: Readonly<Record<string, RoleGuess<R>>>,
  confirmed: Readonly<Record<string, P>> | undefined,
  what: string,
  complete: (partial: P, options: readonly R[], path: string) => R,
  warnings: string[],
): Record<string, RoleGuess<R>> {
  const merged = new Map(Object.entries(guesses));
  for (const [name, partial] of Object.entries(confirmed ?? {})) {
    const own = merged.get(name);
    if (own === undefined) {
      warnings.push(`The sidecar names the ${what} “${name}”, which this model does not have.`);
      continue;
    }
    const role = complete(partial, own.options, `$.${what}s.${name}`);
    const options = [
      role,
      ...own.options.filter((option) => JSON.stringify(option) !== JSON.stringify(role)),
    ];
    merged.set(name, { role, certainty: 'confirmed', reason: 'confirmed in the sidecar', options });
  }
  return Object.fromEntries(merged);
}

/** What a partial role leaves open is filled from the guess of the same role. */
function completeInput(partial: PartialInput, options: readonly InputRole[], path: string): InputRole {
  const like = options.find(({ role }) => role === partial.role);
  const full = { ...like, ...partial } as InputRole;
  if (full.role === 'constant') return { role: 'constant', value: full.value ?? 0 };
  if (full.role === 'image') return completeImage(full);
  if (full.role === 'mask')
    return { role: 'mask', layout: full.layout ?? 'NCHW', range: full.range ?? [0, 1] };
  if (full.role === 'labelMap') {
    if (full.classes === undefined)
      throw invalidSidecar(`${path}.classes`, 'must be the number of classes of the label map');
    return { ...full, layout: full.layout ?? 'NCHW' };
  }
  if (full.role === 'codes' && full.entries === undefined)
    throw invalidSidecar(`${path}.entries`, 'must be the number of entries of the codebook');
  if (full.role !== 'class') return full;
  if (full.encoding === undefined) throw invalidSidecar(`${path}.encoding`, 'must be "onehot" or "index"');
  if (full.classes === undefined) throw invalidSidecar(`${path}.classes`, 'must be the number of classes');
  return full;
}

function completeOutput(partial: PartialOutput, options: readonly OutputRole[]): OutputRole {
  if (partial.role === 'other') return { role: 'other' };
  const like = options.find(({ role }) => role === 'image');
  return completeImage({ ...like, ...partial } as Partial<ImageRole>);
}

function completeImage(known: Partial<ImageRole>): ImageRole {
  return { layout: 'NCHW', range: [-1, 1], ...known, role: 'image' };
}
