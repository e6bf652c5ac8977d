/** Building guesses, and the words in their reasons. */
import type { Certainty, RoleGuess } from '../../shared/generator/roles.ts';
import type { GraphTensor } from '../graph.ts';
import type { InputFacts } from './facts.ts';

export function guess<R>(
  role: R,
  certainty: Certainty,
  reason: string,
  others: readonly R[] = [],
): RoleGuess<R> {
  return { role, certainty, reason, options: [role, ...others] };
}

/** "float32 [batch, 96]"; unnamed dimensions are "?". */
export function signature({ dtype, shape }: GraphTensor): string {
  if (shape === null) return `${dtype} of undeclared rank`;
  return `${dtype} [${shape.map((dim) => (dim === '' ? '?' : dim)).join(', ')}]`;
}

/** "float32 [batch, 96] feeds a Gemm". */
export function usage({ tensor, lead }: InputFacts): string {
  if (lead === undefined) return `${signature(tensor)} is not used`;
  const op = lead.node.opType;
  const steps = lead.via.filter((step) => step === 'normalisation');
  const how = steps.length > 0 ? 'is normalised and feeds' : 'feeds';
  return `${signature(tensor)} ${how} ${/^[AEIOU]/.test(op) ? 'an' : 'a'} ${op}`;
}
