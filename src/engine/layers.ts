/** Shapes of the layers worth dissecting, found by running the graph once with all of them exposed. */
import { candidateLayers } from '../onnx/layers.ts';
import { serialize } from '../onnx/open.ts';
import { expose } from '../onnx/surgery/expose.ts';
import type { LayerDescription } from '../shared/model.ts';
import { buildFeeds } from './feeds.ts';
import type { Generator } from './generator.ts';
import type { ModelFile } from './modelFile.ts';
import { firstRows } from './probe.ts';
import { Session } from './runtime/session.ts';

/**
 * Layers in graph order, [1, C, h, w] each with h and w above 1. Optimisation is off for this one session: fusion
 * would hide tensors (EXPORTS.md, rule 10).
 */
export async function discoverLayers(
  file: ModelFile,
  generator: Generator,
): Promise<readonly LayerDescription[]> {
  const candidates = candidateLayers(file.graph);
  if (candidates.length === 0) return [];
  const exposed = expose(
    generator.model,
    candidates.map(({ tensor }) => tensor),
  );
  const session = await Session.unfused(serialize(exposed), file.folder);
  try {
    const request = firstRows(generator.latents, generator.inputRoles)(0, 1);
    const outputs = await session.run(
      buildFeeds(session, generator.inputRoles, generator.latents, request, generator.noise),
    );
    return candidates.flatMap(({ name, tensor }) => {
      const shape = outputs[tensor]?.shape ?? [];
      const [, units, height, width] = shape;
      if (shape.length !== 4 || !units || !height || !width || height < 2 || width < 2) return [];
      return [{ name, tensor, shape, units, resolution: [height, width] as const }];
    });
  } finally {
    await session.release();
  }
}
