/** The first two samples, as feeds: what a model is tried with when it is opened. */
import { planLatents } from '../../algorithms/latent/plan.ts';
import type { InputRole } from '../../shared/generator/roles.ts';
import { DEFAULT_SOURCE, type LatentPlan } from '../../shared/samples/latents.ts';
import { type Embeddings, NO_EMBEDDINGS } from './embeddings.ts';
import { classCount, type FeedRequest, type LatentInput } from './feeds.ts';

const PLAN: LatentPlan = { kind: 'seeds', source: DEFAULT_SOURCE, seed: 0, count: 2, classes: 'all' };

/** Rows [index, index + count) of the samples with seeds 0 and 1. */
export function firstRows(
  latents: readonly LatentInput[],
  roles: Readonly<Record<string, InputRole>>,
  embeddings: Embeddings = NO_EMBEDDINGS,
): (index: number, count: number) => FeedRequest {
  const size = latents.reduce((sum, input) => sum + input.size, 0);
  const planned = planLatents(PLAN, size, classCount(roles, embeddings));
  return (index, count) => ({
    count,
    latents: planned.rows(index, count),
    classWeights: planned.classWeights(index, count),
    seeds: [0, 1].slice(index, index + count),
    noise: 'random',
    truncation: 1,
  });
}
