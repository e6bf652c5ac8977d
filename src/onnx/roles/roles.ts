/** What each input and output of a graph means, guessed from the graph alone, or with what a run has shown. */
import type { ImageRole, InputRole, OutputRole, RoleGuess, Roles } from '../../shared/generator/roles.ts';
import type { GraphIndex } from '../graph.ts';
import { inputFacts } from './facts.ts';
import { guessInputs } from './inputs.ts';
import { guessOutputs, type OutputEvidence } from './outputs.ts';

export type { OutputEvidence } from './outputs.ts';

export interface RoleGuesses {
  readonly inputs: Readonly<Record<string, RoleGuess<InputRole>>>;
  readonly outputs: Readonly<Record<string, RoleGuess<OutputRole>>>;
}

/** Shapes and values seen in a first run, for outputs that the graph neither bounds nor declares. */
export interface RoleEvidence {
  readonly outputs: Readonly<Record<string, OutputEvidence>>;
}

/** Guesses in the graph's order, each with its reason. Call again with evidence after the first run. */
export function inferRoles(graph: GraphIndex, evidence?: RoleEvidence): RoleGuesses {
  const facts = inputFacts(graph);
  const outputs = guessOutputs(graph, facts, evidence?.outputs);
  return { inputs: guessInputs(graph, facts, pictureOf(outputs)), outputs };
}

function pictureOf(outputs: RoleGuesses['outputs']): RoleGuess<ImageRole> | null {
  for (const { role, ...rest } of Object.values(outputs))
    if (role.role === 'image') return { ...rest, role, options: [role] };
  return null;
}

/** The roles without their reasons. */
export function rolesOf(guesses: RoleGuesses): Roles {
  return { inputs: pick(guesses.inputs), outputs: pick(guesses.outputs) };
}

function pick<R>(guesses: Readonly<Record<string, RoleGuess<R>>>): Record<string, R> {
  return Object.fromEntries(Object.entries(guesses).map(([name, { role }]) => [name, role]));
}

/** Whether the person must be asked before anything is drawn. */
export function needsAnswers(guesses: RoleGuesses): boolean {
  return [...Object.values(guesses.inputs), ...Object.values(guesses.outputs)].some(
    ({ certainty }) => certainty === 'ask',
  );
}
