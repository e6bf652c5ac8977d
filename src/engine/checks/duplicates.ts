/** The two most alike samples of each batch, for the birthday-paradox test (arXiv 1706.08224). */
import { CentredRows, centreOf } from '../../algorithms/linalg/distances.ts';
import { nearestWithin, radiiOf } from '../../algorithms/linalg/nearest.ts';
import { supportOf } from '../../shared/checks/birthday.ts';
import type { ClosestPair, Duplicates, DuplicatesParams } from '../../shared/checks/looks.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { ScoreProgress } from '../../shared/scores/scores.ts';
import { throwIfCancelled } from '../kernel/queue.ts';
import type { TaskContext } from '../models/context.ts';
import { RuntimeAlgebra } from '../runtime/matmul.ts';
import { openSamples } from './sides.ts';

/** @throws GenscopeError as opening generator and extractor fails; `input.invalid` for batches of fewer than two */
export async function duplicates(
  { model, settings, cache }: DuplicatesParams,
  context: TaskContext<ScoreProgress>,
): Promise<Duplicates> {
  const { batch, batches, threshold } = settings;
  if (batch < 2 || batches < 1)
    throw new GenscopeError('input.invalid', 'A batch has two samples or more.', 'Ask for larger batches.');
  const extractor = await context.models.extractor(settings.extractor);
  const samples = batch * batches;
  const ours = await openSamples({ model, samples, settings, cache }, extractor, context);
  const algebra = new RuntimeAlgebra(context.models.threads);
  try {
    const pairs: ClosestPair[] = [];
    for (let number = 0; number < batches; number++) {
      throwIfCancelled(context.signal);
      context.report({ phase: 'scores', done: number, total: batches, message: 'comparing within batches' });
      const { columns, values } = ours.features;
      const first = number * batch;
      const rows = {
        rows: batch,
        columns,
        values: values.subarray(first * columns, (first + batch) * columns),
      };
      const centred = new CentredRows(rows, centreOf(rows));
      const lists = await nearestWithin(centred, 1, null, algebra, async () => {});
      const { squared } = radiiOf(lists, centred, null, 1);
      const a = squared.reduce((best, square, i) => (square < (squared[best] as number) ? i : best), 0);
      const b = lists.indices[a * lists.slots] as number;
      pairs.push({
        batch: number,
        places: a < b ? [first + a, first + b] : [first + b, first + a],
        distance: Math.sqrt(squared[a] as number),
      });
    }
    const alike = threshold === null ? 0 : pairs.filter(({ distance }) => distance <= threshold).length;
    return {
      ...{ schema: 1, model: { file: ours.description.name, sha256: ours.description.sha256 } },
      ...{ extractor: extractor.description, settings },
      pairs: pairs.sort((a, b) => a.distance - b.distance),
      estimate: threshold === null ? null : supportOf({ batch, batches, duplicates: alike }),
      warnings: [...new Set([...extractor.warnings, ...ours.warnings])],
    };
  } finally {
    await algebra.release();
  }
}
