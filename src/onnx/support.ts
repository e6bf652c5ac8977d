/** What the runtime cannot run, said before it is asked to: its own message is a page of registrations. */
import { GenscopeError } from '../shared/kernel/errors.ts';
import type { GraphIndex } from './graph.ts';

/** Operator sets that the prebuilt runtime carries. */
const DOMAINS = new Set([
  '',
  'ai.onnx',
  'ai.onnx.ml',
  'com.microsoft',
  'com.microsoft.nchwc',
  'ai.onnx.preview',
]);

/** The error for operators of a domain that neither the runtime nor the model's own functions define; null if none. */
export function unsupportedOperators(graph: GraphIndex): GenscopeError | null {
  const own = new Set(graph.model.functions.map(({ domain, name }) => `${domain}::${name}`));
  const unknown = graph.nodes.find(
    ({ domain, opType }) => !DOMAINS.has(domain) && !own.has(`${domain}::${opType}`),
  );
  if (unknown === undefined) return null;
  return new GenscopeError(
    'model.unsupported',
    `This model uses the operator “${unknown.opType}” of “${unknown.domain}”, which ONNX Runtime does not have.`,
    'Export it with standard ONNX operators only.',
    { next: ['copyExportCode'] },
  );
}
