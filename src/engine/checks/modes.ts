/** Kinds of real pictures that a generator hardly makes, or makes too often; and samples unlike any of them. */

import { exactSquare } from '../../algorithms/linalg/distances.ts';
import { histogram } from '../../algorithms/scores/groups.ts';
import { cellsOf, twoProportions } from '../../algorithms/scores/ndb.ts';
import { realismOfEach } from '../../algorithms/scores/realism.ts';
import type { Matrix, ScoreInputs } from '../../algorithms/scores/types.ts';
import { holm } from '../../algorithms/stats/holm.ts';
import type { Mode, Modes, ModesParams } from '../../shared/checks/looks.ts';
import type { ScoreProgress } from '../../shared/scores/scores.ts';
import type { TaskContext } from '../models/context.ts';
import { RuntimeAlgebra } from '../runtime/matmul.ts';
import { argmaxLabel } from './labels.ts';
import { openReal, openSamples } from './sides.ts';

const LEVEL = 0.05;
/** Below this part of its share a kind counts as missing. */
const MISSING = 0.1;
const NEIGHBOURS = 3;

/** @throws GenscopeError as opening generator, extractor and reference fails; `input.invalid` for too few images */
export async function modes(
  { model, settings, cache }: ModesParams,
  context: TaskContext<ScoreProgress>,
): Promise<Modes> {
  const { models, signal, report } = context;
  const extractor = await models.extractor(settings.extractor);
  const theirs = await openReal(settings, extractor, cache, context);
  const ours = await openSamples({ model, samples: settings.samples, settings, cache }, extractor, context);
  const algebra = new RuntimeAlgebra(models.threads);
  try {
    const inputs: ScoreInputs = {
      ...{ generated: ours.side, reference: theirs.side, seed: settings.seed, options: {}, algebra, signal },
      ...{ shared: new Map(), sharedReference: new Map() },
      report: (share) => report({ phase: 'scores', done: share, total: 1, message: 'sorting into kinds' }),
    };
    const cells = await cellsOf(inputs, settings.k);
    const realism = await realismOfEach(inputs, NEIGHBOURS);
    const centres = { rows: cells.k, columns: theirs.features.columns, values: cells.centres };
    const [n, m] = [ours.features.rows, theirs.features.rows];
    const [made, real] = [histogram(cells.generated, cells.k), histogram(cells.reference, cells.k)];
    const chances = holm(
      Array.from(made, (count, cell) => twoProportions(count, n, real[cell] as number, m)),
    );
    const found = chances.map((p, cell): Mode => {
      const shares = { real: (real[cell] as number) / m, made: (made[cell] as number) / n };
      return {
        ...{ cell, ...shares, p, verdict: verdictOf(shares, p) },
        label: argmaxLabel(theirs.side.labels, cells.reference, cell),
        realPlaces: nearestTo(centres, cell, theirs.features, cells.reference, settings.shown),
        madePlaces: nearestTo(centres, cell, ours.features, cells.generated, settings.shown),
      };
    });
    const rank: Record<Mode['verdict'], number> = { missing: 0, rare: 1, frequent: 2, even: 3 };
    return {
      ...{ schema: 1, model: { file: ours.description.name, sha256: ours.description.sha256 } },
      ...{ extractor: extractor.description, reference: theirs.description, settings },
      modes: found.sort((a, b) => rank[a.verdict] - rank[b.verdict] || b.real - b.made - (a.real - a.made)),
      strange: [...realism.keys()]
        .sort((a, b) => (realism[a] as number) - (realism[b] as number))
        .slice(0, settings.shown)
        .map((place) => ({ place, realism: realism[place] as number })),
      warnings: [...new Set([...extractor.warnings, ...theirs.warnings, ...ours.warnings])],
    };
  } finally {
    await algebra.release();
  }
}

function verdictOf({ real, made }: { real: number; made: number }, p: number): Mode['verdict'] {
  if (p >= LEVEL) return 'even';
  if (made > real) return 'frequent';
  return made < MISSING * real ? 'missing' : 'rare';
}

function nearestTo(centres: Matrix, cell: number, rows: Matrix, labels: Int32Array, count: number): number[] {
  const own = [...labels.keys()].filter((row) => labels[row] === cell);
  const squares = new Map(own.map((row) => [row, exactSquare(rows, row, centres, cell)]));
  return own.sort((a, b) => (squares.get(a) ?? 0) - (squares.get(b) ?? 0)).slice(0, count);
}
