/** How vectors meet: a latent joins as it is, a condition after a layer of its own has made something of it. */
import type { GraphIndex } from '../graph.ts';
import type { InputFacts } from './facts.ts';

/** Layers, activations and normalisations between a condition and the Concat where it meets the latent. */
const MAX_STEPS = 12;
const MAX_TENSORS = 256;

/**
 * Of several vectors, the latents as the graph's structure shows them; none where it shows nothing.
 *
 *   z ─ Split ─┬───── Concat          z ───────────── Concat ─ …
 *              └─┬─── Concat          c ─ MatMul ─────┘
 *   y ───────────┴────┘
 */
export function joinedAsTheyAre(graph: GraphIndex, vectors: readonly InputFacts[]): InputFacts[] {
  if (vectors.length < 2) return [];
  // BigGAN deals its latent out to the blocks piece by piece, and hands each of them the whole class.
  const dealtOut = vectors.filter(isDealtOut);
  if (dealtOut.length > 0 && dealtOut.length < vectors.length) return dealtOut;
  const direct = vectors.filter((facts) => concats(facts).length > 0);
  const isMet = (facts: InputFacts) => {
    const places = new Set(concats(facts).flatMap(({ output }) => output));
    return vectors.some((other) => other !== facts && isLayered(other) && reaches(graph, other, places));
  };
  const met = direct.filter((facts) => !isLayered(facts) && isMet(facts));
  return met.length < vectors.length ? met : [];
}

function isDealtOut({ uses }: InputFacts): boolean {
  return uses.length > 1 && uses.every(({ via }) => via.includes('Split') || via.includes('Slice'));
}

function concats({ uses }: InputFacts) {
  return uses.filter(({ node }) => node.opType === 'Concat').map(({ node }) => node);
}

function isLayered({ lead }: InputFacts): boolean {
  return lead !== undefined && ['Gemm', 'MatMul', 'Conv', 'ConvTranspose'].includes(lead.node.opType);
}

function reaches(graph: GraphIndex, { lead }: InputFacts, places: ReadonlySet<string>): boolean {
  let edge = lead?.node.output ?? [];
  const seen = new Set<string>();
  for (let step = 0; step < MAX_STEPS && edge.length > 0 && seen.size < MAX_TENSORS; step++) {
    if (edge.some((name) => places.has(name))) return true;
    for (const name of edge) seen.add(name);
    edge = edge
      .flatMap((name) => graph.consumers(name).flatMap(({ output }) => output))
      .filter((name) => name !== '' && !seen.has(name));
  }
  return false;
}
