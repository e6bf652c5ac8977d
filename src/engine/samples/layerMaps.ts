/** Feature maps of a plan's samples at one layer, batch by batch. */
import { planLatents } from '../../algorithms/latent/plan.ts';
import type { LatentPlan } from '../../shared/samples/latents.ts';
import type { Generator } from '../generator/generator.ts';
import type { LayerMaps, LayerPlace } from '../generator/layerSession.ts';
import { layerSession } from '../generator/layerSessions.ts';
import { nextTurn, throwIfCancelled } from '../kernel/queue.ts';
import { requestOf } from './sampling.ts';

/** Images per run: the maps of a wide layer are large. */
const BATCH = 16;

/**
 * @param withPicture false runs the graph only as far as the layer
 * @throws GenscopeError `request.cancelled` between batches; as opening the layer does
 */
export async function* layerMaps(
  generator: Generator,
  { plan, layer }: { readonly plan: LatentPlan; readonly layer: LayerPlace },
  withPicture: boolean,
  signal: AbortSignal,
): AsyncGenerator<{ at: number; part: LayerMaps }> {
  const session = await layerSession(generator, layer, withPicture);
  const planned = planLatents(plan, generator.latentSize, generator.classes);
  for (let at = 0; at < planned.count; at += BATCH) {
    throwIfCancelled(signal);
    const count = Math.min(BATCH, planned.count - at);
    for await (const part of session.run(requestOf(planned, plan, at, count, 'random'))) yield { at, part };
    await nextTurn();
  }
}
