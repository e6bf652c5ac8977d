/**
 * Latents, one-hot classes and embeddings: all of them float vectors, told apart by what else there is, by width, by
 * name, and by whether they meet a matrix of their own (EXPORTS.md, rule 3).
 */
import type { InputRole, RoleGuess } from '../../shared/roles.ts';
import type { InputFacts } from './facts.ts';
import { guess, usage } from './guess.ts';

const LATENT: InputRole = { role: 'latent' };
const ZERO: InputRole = { role: 'constant', value: 0 };

type Guess = RoleGuess<InputRole>;

/** Guesses for all vectors (and [N, d, 1, 1] points) of a graph, by name. */
export function guessVectors(vectors: readonly InputFacts[]): Map<string, Guess> {
  const latents = chooseLatents(vectors);
  const widest = Math.max(0, ...latents.map(({ width }) => width));
  return new Map(
    vectors.map((facts) => [
      facts.tensor.name,
      latents.includes(facts) ? latentGuess(facts, vectors, latents) : otherGuess(facts, widest),
    ]),
  );
}

/** The vectors that are latents: those so named or shaped; else the widest that nothing names otherwise. */
function chooseLatents(vectors: readonly InputFacts[]): InputFacts[] {
  const named = vectors.filter(
    ({ hint, nature }) => hint === 'latent' || (nature === 'point' && hint !== 'class'),
  );
  if (named.length > 0) return named;
  const unnamed = vectors.filter(
    ({ hint, tensor }) => (hint === 'none' || hint === 'noise') && /float/.test(tensor.dtype),
  );
  const pool = unnamed.length > 0 ? unnamed : vectors.filter(({ tensor }) => /float/.test(tensor.dtype));
  const widest = pool.reduce<InputFacts | undefined>(
    (best, next) => (best && best.width >= next.width ? best : next),
    undefined,
  );
  return widest === undefined ? [] : [widest];
}

function latentGuess(
  facts: InputFacts,
  vectors: readonly InputFacts[],
  latents: readonly InputFacts[],
): Guess {
  const reason = `${usage(facts)}: a latent vector`;
  if (facts.hint === 'class' || facts.hint === 'embedding') {
    return guess(LATENT, 'ask', `${reason}, or a class, as its name says`, [oneHot(facts), ZERO]);
  }
  const rivals = vectors.filter((other) => other !== facts && other.hint !== 'class');
  if (rivals.length === 0 || facts.hint === 'latent') return guess(LATENT, 'sure', reason, [ZERO]);
  const isAlone = latents.length === 1 && rivals.every((other) => other.width < facts.width);
  if (isAlone)
    return guess(LATENT, 'likely', `${reason}, the widest of ${vectors.length}`, [oneHot(facts), ZERO]);
  return guess(LATENT, 'ask', `${reason}, or a class: there are ${vectors.length} of its kind`, [
    oneHot(facts),
    ZERO,
  ]);
}

/** A vector beside the latents: a class as one-hot or as embedding, or a second latent. */
function otherGuess(facts: InputFacts, widest: number): Guess {
  const { hint, width, lead } = facts;
  const role = oneHot(facts);
  const says = usage(facts);
  const ownMatrix = lead?.node.opType === 'Gemm' || lead?.node.opType === 'MatMul';
  const isNarrow = width > 1 && width < widest;
  if (width < 2 || hint === 'embedding') {
    return guess(LATENT, 'ask', `${says}: an embedding, a condition or a second latent`, [role, ZERO]);
  }
  if (/int/.test(facts.tensor.dtype))
    return guess(role, 'sure', `${says}: a one-hot class of ${width}`, [ZERO]);
  if (hint === 'class' && ownMatrix)
    return guess(role, 'sure', `${says} of ${width} rows: a one-hot class`, [LATENT, ZERO]);
  if (hint === 'class' && isNarrow) {
    return guess(role, 'likely', `${says} and is named like a class: a one-hot class of ${width}`, [
      LATENT,
      ZERO,
    ]);
  }
  if (hint === 'class') {
    return guess(role, 'ask', `${says} and is named like a class, but is as wide as a latent`, [
      LATENT,
      ZERO,
    ]);
  }
  if (hint === 'maybeClass' && ownMatrix) {
    return guess(role, 'likely', `${says} of ${width} rows beside a latent: a one-hot class`, [LATENT, ZERO]);
  }
  if (isNarrow)
    return guess(role, 'ask', `${says} beside a wider latent: a one-hot class, or an embedded one`, [
      LATENT,
      ZERO,
    ]);
  // BigGAN's `y` is an embedding of the class as wide as a latent.
  return guess(LATENT, 'ask', `${says}: an embedded class, a one-hot class or a second latent`, [role, ZERO]);
}

function oneHot({ width }: InputFacts): InputRole {
  return { role: 'class', encoding: 'onehot', classes: Math.max(width, 1) };
}
