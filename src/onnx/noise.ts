/** Chance inside a graph: the nodes that draw random numbers, and what else makes two runs differ (EXPORTS.md, rule 14). */
import type { NodeProto } from 'onnx-buf';
import type { NoiseDescription } from '../shared/generator/model.ts';
import type { GraphIndex } from './graph.ts';
import { intAttribute, isStandard } from './proto.ts';

const RANDOM_OPS: ReadonlySet<string> = new Set([
  'RandomNormal',
  'RandomNormalLike',
  'RandomUniform',
  'RandomUniformLike',
  'Bernoulli',
  'Multinomial',
]);

/** Nodes whose outputs differ from run to run, in graph order. A node without a name goes by its output's. */
export function randomNodes(graph: GraphIndex): NoiseDescription[] {
  return graph.nodes
    .filter((node) => isStandard(node) && (RANDOM_OPS.has(node.opType) || dropsOut(graph, node)))
    .map((node) => ({ node: node.name || (node.output[0] ?? ''), op: node.opType }));
}

/** Sentences about traces of training mode, which change pictures without any random node being wanted. */
export function trainingWarnings(graph: GraphIndex): string[] {
  const dropouts = graph.nodes.filter((node) => dropsOut(graph, node)).length;
  const norms = graph.nodes.filter(normalisesByBatch).length;
  const warnings: string[] = [];
  if (dropouts > 0) {
    warnings.push(
      `Exported in training mode: ${plural(dropouts, 'Dropout')} may switch units off at random. Call .eval() before exporting.`,
    );
  }
  if (norms > 0) {
    warnings.push(
      `Exported in training mode: ${plural(norms, 'BatchNormalization')} may use each batch’s own statistics. Call .eval() before exporting.`,
    );
  }
  return warnings;
}

/** Dropout with `training_mode` true (its third input, since opset 12). */
function dropsOut(graph: GraphIndex, node: NodeProto): boolean {
  if (!isStandard(node) || node.opType !== 'Dropout') return false;
  const mode = graph.values(node.input[2] ?? '');
  return mode?.[0] !== undefined && mode[0] !== 0;
}

/** Up to opset 13 a BatchNormalization in training mode has five outputs; since 14 it says `training_mode`. */
function normalisesByBatch(node: NodeProto): boolean {
  if (!isStandard(node) || node.opType !== 'BatchNormalization') return false;
  return node.output.filter((name) => name !== '').length > 1 || intAttribute(node, 'training_mode', 0) === 1;
}

function plural(count: number, what: string): string {
  return count === 1 ? `a ${what} node` : `${count} ${what} nodes`;
}
