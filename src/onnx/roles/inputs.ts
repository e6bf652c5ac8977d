/** Roles of inputs: latent, class, truncation, noise, codes, image, constant (EXPORTS.md, rules 1 to 7). */
import type { ImageRole, InputRole, RoleGuess } from '../../shared/generator/roles.ts';
import type { GraphIndex } from '../graph.ts';
import type { InputFacts, Nature } from './facts.ts';
import { guess, signature, usage } from './guess.ts';
import { guessImageInput } from './imageInputs.ts';
import { guessVectors } from './vectors.ts';

type Guess = RoleGuess<InputRole>;

const LATENT: InputRole = { role: 'latent' };
const STYLES: InputRole = { role: 'latent', space: 'w+' };
const EMBEDDING: InputRole = { role: 'embedding' };
const NOISE: InputRole = { role: 'noise' };
const TRUNCATION: InputRole = { role: 'truncation' };
const OTHER: InputRole = { role: 'other' };
const constant = (value: number): InputRole => ({ role: 'constant', value });

/**
 * A guess for each input, by name, in the graph's order.
 * @param picture the image that the graph makes, where it makes one: an image going in has the same values
 */
export function guessInputs(
  graph: GraphIndex,
  facts: readonly InputFacts[],
  picture: RoleGuess<ImageRole> | null,
): Record<string, Guess> {
  const together = guessVectors(graph, facts);
  // fromEntries defines own properties whatever the names are; assignment would trip over "__proto__".
  return Object.fromEntries(
    facts.map((fact) => {
      const own =
        fact.nature === 'image'
          ? guessImageInput(
              graph,
              fact,
              picture,
              facts.some((other) => other !== fact && other.nature === 'image'),
            )
          : together.get(fact.tensor.name);
      return [fact.tensor.name, own ?? GUESSERS[fact.nature](fact)];
    }),
  );
}

const GUESSERS: Readonly<Record<Nature, (facts: InputFacts) => Guess>> = {
  // Vectors are guessed together and images with the picture, above; these three lines only complete the table.
  vector: (facts) => guess(LATENT, 'ask', `${usage(facts)}: a latent vector`),
  point: (facts) => guess(LATENT, 'ask', `${usage(facts)}: a latent vector`),
  image: (facts) => guess(OTHER, 'ask', `${usage(facts)}: an image`),
  unused: ({ tensor }) =>
    guess(constant(0), 'sure', `${signature(tensor)} is not used by the graph: fed with zeros`),
  grid: (facts) =>
    guess(LATENT, 'likely', `${usage(facts)}: a latent with a grid of its own`, [constant(0), OTHER]),
  planes: guessPlanes,
  styles: (facts) =>
    guess(
      STYLES,
      'likely',
      `${usage(facts)}, row by row: styles, one row a layer (w+); one w is drawn a sample, the same for all rows`,
      [EMBEDDING, constant(0), OTHER],
    ),
  sequence: guessSequence,
  noiseMap: (facts) => guess(NOISE, 'sure', `${usage(facts)}: a noise map`, [constant(0)]),
  tokens: (facts) => guess(OTHER, 'sure', `${usage(facts)}: token ids`, [constant(0)]),
  codes: guessCodes,
  timestep: (facts) => guess(OTHER, 'likely', `${usage(facts)}, then Sin and Cos: a timestep`, [constant(0)]),
  label: guessLabel,
  scalar: guessScalar,
  unclear: guessUnclear,
};

/** Never fed with noise unasked: four pictures of nothing would come out. */
function guessPlanes(facts: InputFacts): Guess {
  const [, second, , fourth] = facts.tensor.shape ?? [];
  const channels = typeof second === 'number' ? second : fourth;
  const says = `${usage(facts)}, and is as large as the picture: a label map (a plane for each class), pictures or a picture and its mask in one, or a latent`;
  const rest = [LATENT, constant(0), OTHER];
  const picture: InputRole = { role: 'image', layout: 'NCHW', range: [-1, 1] };
  if (channels === 4) return guess(OTHER, 'ask', says, [picture, labelMap(4), LATENT, constant(0)]);
  if (typeof channels !== 'number' || channels < 2 || channels > 256) return guess(OTHER, 'ask', says, rest);
  return guess(labelMap(channels), 'ask', says, rest);
}

const labelMap = (classes: number): InputRole => ({ role: 'labelMap', layout: 'NCHW', classes });

function guessSequence(facts: InputFacts): Guess {
  if (facts.hint === 'embedding')
    return guess(
      EMBEDDING,
      'likely',
      `${usage(facts)} and is named so: an embedding that another network makes`,
      [LATENT, constant(0), OTHER],
    );
  return guess(
    LATENT,
    'ask',
    `${usage(facts)}: a latent in rows, styles (w+), or another network's embedding`,
    [STYLES, EMBEDDING, constant(0), OTHER],
  );
}

function guessCodes(facts: InputFacts): Guess {
  const { entries } = facts;
  if (entries < 1)
    return guess(OTHER, 'ask', `${usage(facts)}: codes, but the graph does not say of how many`, [
      constant(0),
    ]);
  return guess({ role: 'codes', entries }, 'sure', `${usage(facts)} from a codebook of ${entries}: codes`, [
    constant(0),
    OTHER,
  ]);
}

function guessLabel(facts: InputFacts): Guess {
  const { entries, lead } = facts;
  if (entries < 1) {
    return guess(
      constant(0),
      'ask',
      `${usage(facts)}: a class index, but the graph does not say of how many`,
      [index(10), OTHER],
    );
  }
  const table =
    lead?.node.opType === 'Gather' ? ` from a table of ${entries} rows` : ` of ${entries} classes`;
  return guess(index(entries), 'sure', `${usage(facts)}${table}: the index of a class`, [constant(0)]);
}

const index = (classes: number): InputRole => ({ role: 'class', encoding: 'index', classes });

function guessScalar(facts: InputFacts): Guess {
  const { hint, lead } = facts;
  const others = [constant(1), constant(0)];
  // w_avg + ψ (w − w_avg), or z · ψ.
  const scales = ['Mul', 'Sub', 'Where'].includes(lead?.node.opType ?? '');
  if (hint === 'truncation')
    return guess(
      TRUNCATION,
      scales ? 'sure' : 'likely',
      `${usage(facts)} and is named so: the truncation ψ`,
      others,
    );
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
