/** Roles of inputs: latent, class, truncation, noise, constant (EXPORTS.md, rules 1 to 7). */
import type { InputRole, RoleGuess } from '../../shared/roles.ts';
import type { InputFacts, Nature } from './facts.ts';
import { guess, signature, usage } from './guess.ts';
import { guessVectors } from './vectors.ts';

type Guess = RoleGuess<InputRole>;

const LATENT: InputRole = { role: 'latent' };
const NOISE: InputRole = { role: 'noise' };
const TRUNCATION: InputRole = { role: 'truncation' };
const OTHER: InputRole = { role: 'other' };
const constant = (value: number): InputRole => ({ role: 'constant', value });

/** A guess for each input, by name, in the graph's order. */
export function guessInputs(facts: readonly InputFacts[]): Record<string, Guess> {
  const vectors = guessVectors(facts.filter(({ nature }) => nature === 'vector' || nature === 'point'));
  // fromEntries defines own properties whatever the names are; assignment would trip over "__proto__".
  return Object.fromEntries(
    facts.map((fact) => [fact.tensor.name, vectors.get(fact.tensor.name) ?? GUESSERS[fact.nature](fact)]),
  );
}

const GUESSERS: Readonly<Record<Nature, (facts: InputFacts) => Guess>> = {
  // Vectors are guessed together, above; these two lines only complete the table.
  vector: (facts) => guess(LATENT, 'ask', `${usage(facts)}: a latent vector`),
  point: (facts) => guess(LATENT, 'ask', `${usage(facts)}: a latent vector`),
  unused: ({ tensor }) =>
    guess(constant(0), 'sure', `${signature(tensor)} is not used by the graph: fed with zeros`),
  grid: (facts) =>
    guess(LATENT, 'likely', `${usage(facts)}: a latent with a grid of its own`, [constant(0), OTHER]),
  styles: (facts) =>
    guess(LATENT, 'ask', `${usage(facts)}: styles, one row a layer (w+), or another sequence`, [
      constant(0),
      OTHER,
    ]),
  noiseMap: (facts) => guess(NOISE, 'sure', `${usage(facts)}: a noise map`, [constant(0)]),
  image: (facts) => guess(OTHER, 'sure', `${usage(facts)}: an image`, [constant(0)]),
  tokens: (facts) => guess(OTHER, 'sure', `${usage(facts)}: token ids`, [constant(0)]),
  codes: (facts) => guess(OTHER, 'likely', `${usage(facts)}: codes of a codebook`, [constant(0)]),
  timestep: (facts) => guess(OTHER, 'likely', `${usage(facts)}, then Sin and Cos: a timestep`, [constant(0)]),
  label: guessLabel,
  scalar: guessScalar,
  unclear: guessUnclear,
};

function guessLabel(facts: InputFacts): Guess {
  const { classes, lead } = facts;
  if (classes < 1) {
    return guess(
      constant(0),
      'ask',
      `${usage(facts)}: a class index, but the graph does not say of how many`,
      [index(10), OTHER],
    );
  }
  const table = lead?.node.opType === 'Gather' ? ` from a table of ${classes} rows` : '';
  return guess(index(classes), 'sure', `${usage(facts)}${table}: the index of a class`, [constant(0)]);
}

const index = (classes: number): InputRole => ({ role: 'class', encoding: 'index', classes });

function guessScalar(facts: InputFacts): Guess {
  const { hint, lead } = facts;
  const others = [constant(1), constant(0)];
  if (hint === 'truncation')
    return guess(TRUNCATION, 'sure', `${usage(facts)} and is named so: the truncation ψ`, others);
  // w_avg + ψ (w − w_avg), or z · ψ.
  const scales = ['Mul', 'Sub', 'Where'].includes(lead?.node.opType ?? '');
  if (scales)
    return guess(TRUNCATION, 'likely', `${usage(facts)}: a factor such as the truncation ψ`, others);
  return guess(constant(1), 'ask', `${usage(facts)}: a number of unknown meaning`, [
    TRUNCATION,
    constant(0),
    OTHER,
  ]);
}

function guessUnclear(facts: InputFacts): Guess {
  const { dtype, shape } = facts.tensor;
  if (dtype === 'bool' && (shape === null || shape.every((dim) => dim === 1))) {
    return guess(constant(0), 'likely', `${usage(facts)}: a switch, left off`, [constant(1), OTHER]);
  }
  return guess(OTHER, 'ask', `${usage(facts)}: its meaning cannot be told from the graph`, [
    LATENT,
    NOISE,
    constant(0),
  ]);
}
