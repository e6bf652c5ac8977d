/** Large constants made initializers, since only those may lie outside the model. */
import { AttributeProto_AttributeType, type GraphProto, type ModelProto } from 'onnx-buf';
import { copyMessage, EXTERNAL, isStandard } from './proto.ts';

/**
 * External data is only for initializers, so a Constant node whose value stayed on disk becomes one:
 *
 *   Constant(value = W) ─ w ─ Conv      →      initializer w ─ Conv
 */
export function hoistLargeConstants(model: ModelProto): ModelProto {
  return model.graph === undefined ? model : copyMessage(model, { graph: hoisted(model.graph) });
}

function hoisted(graph: GraphProto): GraphProto {
  const initializer = [...graph.initializer];
  const node = graph.node.flatMap((candidate) => {
    const value = candidate.attribute.find((attribute) => attribute.name === 'value')?.t;
    const [output] = candidate.output;
    if (
      isStandard(candidate) &&
      candidate.opType === 'Constant' &&
      output !== undefined &&
      value?.dataLocation === EXTERNAL
    ) {
      initializer.push(copyMessage(value, { name: output }));
      return [];
    }
    if (!candidate.attribute.some((attribute) => attribute.type === AttributeProto_AttributeType.GRAPH))
      return [candidate];
    const attributes = candidate.attribute.map((attribute) =>
      attribute.g === undefined ? attribute : copyMessage(attribute, { g: hoisted(attribute.g) }),
    );
    return [copyMessage(candidate, { attribute: attributes })];
  });
  return copyMessage(graph, { node, initializer });
}
