/**
 * Latents, one-hot classes and embeddings: all of them float vectors, told apart by what else there is, by how they join,
 * by width, by name, and by whether they meet a matrix of their own (EXPORTS.md, rule 3).
 */
import type { InputRole, RoleGuess } from '../../shared/generator/roles.ts';
import type { GraphIndex } from '../graph.ts';
import type { InputFacts } from './facts.ts';
import { guess, usage } from './guess.ts';
import { joinedAsTheyAre } from './joins.ts';

const LATENT: InputRole = { role: 'latent' };
const Z: InputRole = { role: 'latent', space: 'z' };
const W: InputRole = { role: 'latent', space: 'w' };
const EMBEDDING: InputRole = { role: 'embedding' };
const ZERO: InputRole = { role: 'constant', value: 0 };

type Guess = RoleGuess<InputRole>;

interface Latents {
  readonly chosen: readonly InputFacts[];
  /** Chosen by how they join the others, and not by name or width. */
  readonly byJoin: boolean;
}

/** Guesses for all vectors (and [N, d, 1, 1] points) of a graph, by name. */
export function guessVectors(graph: GraphIndex, facts: readonly InputFacts[]): Map<string, Guess> {
  const vectors = facts.filter(({ nature }) => nature === 'vector' || nature === 'point');
  const latents = chooseLatents(graph, vectors, facts);
  return new Map(
    vectors.map((own) => [
      own.tensor.name,
      latents.chosen.includes(own) ? latentGuess(own, vectors, latents) : otherGuess(own, latents),
    ]),
  );
}

/**
 * The vectors that are latents: those so named or shaped; those joined as they are; else the widest that nothing names
 * otherwise. A latent has many names, and “noise” is as good a one for a vector as “code”: InfoGAN has both.
 */
function chooseLatents(
  graph: GraphIndex,
  vectors: readonly InputFacts[],
  facts: readonly InputFacts[],
): Latents {
  const floats = vectors.filter(({ tensor }) => /float/.test(tensor.dtype));
  const named = floats.filter(
    (facts) =>
      isNamed(facts) || (facts.nature === 'point' && facts.hint !== 'class' && facts.hint !== 'embedding'),
  );
  if (named.length > 0) return { chosen: named, byJoin: false };
  const unnamed = floats.filter(({ hint }) => hint === 'none');
  // A network that is given an image, a grid or styles needs no latent besides: what is named a class there is one.
  const isFed = facts.some(({ nature }) => ['image', 'grid', 'styles', 'codes'].includes(nature));
  const pool = unnamed.length > 0 ? unnamed : isFed ? [] : floats;
  const joined = joinedAsTheyAre(graph, pool);
  if (joined.length > 0) return { chosen: joined, byJoin: true };
  const widest = pool.reduce<InputFacts | undefined>(
    (best, next) => (best && best.width >= next.width ? best : next),
    undefined,
  );
  return { chosen: widest === undefined ? [] : [widest], byJoin: false };
}

function latentGuess(facts: InputFacts, vectors: readonly InputFacts[], latents: Latents): Guess {
  if (facts.modulates)
    return guess(
      W,
      'likely',
      `${usage(facts)} and others, all of which only scale feature maps: w, what a mapping network makes of z`,
      [Z, EMBEDDING, ZERO],
    );
  const reason = `${usage(facts)}: a latent vector`;
  if (facts.hint === 'class' || facts.hint === 'embedding') {
    return guess(LATENT, 'ask', `${reason}, or a class or embedding, as its name says`, [
      oneHot(facts),
      EMBEDDING,
      ZERO,
    ]);
  }
  const others = [oneHot(facts), EMBEDDING, ZERO];
  const rivals = vectors.filter((other) => other !== facts && other.hint !== 'class');
  if (rivals.length === 0) return guess(LATENT, 'sure', reason, [ZERO]);
  if (isNamed(facts)) {
    // A name is a hint: it makes sure only beside vectors that are named as something else.
    const free = rivals.filter((other) => isNamed(other) || other.hint === 'none');
    if (free.length === 0) return guess(LATENT, 'sure', reason, [ZERO]);
    const beside = `${reason}, as its name says; there are ${vectors.length} of its kind`;
    return guess(LATENT, 'likely', beside, others);
  }
  const isWidest = rivals.every((other) => other.width < facts.width);
  const isAlone = latents.chosen.length === 1;
  if (isAlone && isWidest)
    return guess(LATENT, 'likely', `${reason}, the widest of ${vectors.length}`, others);
  if (isAlone && latents.byJoin)
    return guess(LATENT, 'likely', `${reason}, joined with what a layer makes of the others`, others);
  return guess(LATENT, 'ask', `${reason}, or a class: there are ${vectors.length} of its kind`, others);
}

/** A vector beside the latents: a class as one-hot, an embedding (of a class, of a text), or a second latent. */
function otherGuess(facts: InputFacts, latents: Latents): Guess {
  const { hint, width, lead } = facts;
  const widest = Math.max(0, ...latents.chosen.map((latent) => latent.width));
  const role = oneHot(facts);
  const others = [EMBEDDING, LATENT, ZERO];
  const says = usage(facts);
  const ownMatrix = lead?.node.opType === 'Gemm' || lead?.node.opType === 'MatMul';
  const isNarrow = width > 1 && width < widest;
  if (hint === 'embedding')
    return guess(EMBEDDING, 'likely', `${says} and is named so: an embedding that another network makes`, [
      LATENT,
      role,
      ZERO,
    ]);
  if (width < 2) {
    const [first, second] = hint === 'none' ? [LATENT, EMBEDDING] : [EMBEDDING, LATENT];
    return guess(first, 'ask', `${says}: an embedding, a condition or a second latent`, [second, role, ZERO]);
  }
  if (/int/.test(facts.tensor.dtype))
    return guess(role, 'sure', `${says}: a one-hot class of ${width}`, [ZERO]);
  if (hint === 'class' && ownMatrix)
    return guess(role, 'sure', `${says} of ${width} rows: a one-hot class`, others);
  if (hint === 'class' && (isNarrow || latents.chosen.length === 0))
    return guess(role, 'likely', `${says} and is named like a class: a one-hot class of ${width}`, others);
  if (hint === 'class')
    return guess(role, 'ask', `${says} and is named like a class, but is as wide as a latent`, others);
  if (hint === 'maybeClass' && ownMatrix)
    return guess(role, 'likely', `${says} of ${width} rows beside a latent: a one-hot class`, others);
  // BigGAN's `y` goes whole into a Concat for every block: it is embedded already.
  if (!ownMatrix && isSharedWhole(facts))
    return guess(
      EMBEDDING,
      'ask',
      `${says} for each of several layers: an embedded class, or a one-hot class`,
      [role, LATENT, ZERO],
    );
  if (isNarrow)
    return guess(role, 'ask', `${says} beside a wider latent: a one-hot class, or an embedded one`, others);
  // Nothing says that another network makes it: zeros would take away whatever it decides.
  if (hint === 'none')
    return guess(LATENT, 'ask', `${says}: a second latent, a one-hot class or an embedded one`, [
      role,
      EMBEDDING,
      ZERO,
    ]);
  return guess(EMBEDDING, 'ask', `${says}: an embedded class, a one-hot class or a second latent`, [
    role,
    LATENT,
    ZERO,
  ]);
}

function isNamed({ hint }: InputFacts): boolean {
  return hint === 'latent' || hint === 'noise';
}

function isSharedWhole({ uses }: InputFacts): boolean {
  return uses.length > 1 && uses.every(({ node, via }) => node.opType === 'Concat' && via.length === 0);
}

function oneHot({ width }: InputFacts): InputRole {
  return { role: 'class', encoding: 'onehot', classes: Math.max(width, 1) };
}
