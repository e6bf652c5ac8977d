/** Inputs that stand behind a mapping network: w, once for all layers, or w+, a row a layer (EXPORTS.md, rule 4). */
import type { GraphIndex } from '../graph.ts';
import { firstUses, type Use } from './uses.ts';

/** Fewer layers than this may be a coincidence: a first layer, and a vector that is fed in again. */
const FEWEST_LAYERS = 4;
/** Expand to all layers, then a Gather for each: no exporter writes more between w and an affine layer. */
const MAX_STEPS = 3;

const TAKES_APART = new Set(['Slice', 'Split']);

/** [N, L, D] that is never read as a whole: each use takes one row, or a few. */
export function takesRowsApart(uses: readonly Use[]): boolean {
  return uses.length > 0 && uses.every(isRow);
}

function isRow({ node, slot, via }: Use): boolean {
  return (node.opType === 'Gather' && slot === 0) || via.some((step) => TAKES_APART.has(step));
}

/**
 * Whether a vector goes, whole and as it is, to an affine layer for each of many convolutions, and what they make of it
 * does nothing but scale. A latent z that is also fed to every layer makes the first feature map, too, so it is not one.
 */
export function modulates(graph: GraphIndex, uses: readonly Use[]): boolean {
  const layers = uses.flatMap((use) => spread(graph, use, MAX_STEPS));
  return layers.length >= FEWEST_LAYERS && layers.every((use) => isAffine(use) && scales(graph, use));
}

/** The uses behind Expand, Tile and Gather: w copied for each layer. */
function spread(graph: GraphIndex, use: Use, steps: number): Use[] {
  const { node, slot } = use;
  if (steps === 0 || slot !== 0 || !['Expand', 'Tile', 'Gather'].includes(node.opType)) return [use];
  return firstUses(graph, node.output[0] ?? '').flatMap((next) => spread(graph, next, steps - 1));
}

function isAffine({ node, slot, via }: Use): boolean {
  const isLayer = node.opType === 'Gemm' || node.opType === 'MatMul';
  return isLayer && slot === 0 && !via.includes('normalisation') && !via.includes('Split');
}

function scales(graph: GraphIndex, { node }: Use): boolean {
  return firstUses(graph, node.output[0] ?? '').some((use) => {
    if (use.node.opType === 'Mul') return true;
    // MatMul's bias is an Add of its own.
    const isBias =
      use.node.opType === 'Add' && use.node.input.some((name) => graph.weightDims(name) !== null);
    return (
      isBias && firstUses(graph, use.node.output[0] ?? '').some(({ node: next }) => next.opType === 'Mul')
    );
  });
}
