/** `scoreTrial`: how long a score will take, from a few images, before hours are spent on it. */
import type { ScoreParams, ScoreTrial } from '../../shared/scores/scores.ts';
import type { Extractor } from '../extractor/extractor.ts';
import { missingRows } from '../features/featuresPass.ts';
import type { PictureSource } from '../features/pictureSource.ts';
import { openPictures, pathKind, type SideInput } from '../features/side.ts';
import { nextTurn, throwIfCancelled } from '../kernel/queue.ts';
import type { TaskContext } from '../models/context.ts';
import { generatedInput, referenceInput } from './inputs.ts';

const IMAGES = 32;
/** The first run is slower than all others: memory is taken, kernels are chosen. */
const WARM_UP = 4;
const BATCH = 8;
/** A generator that takes seconds an image has said enough by then. */
const LONGEST_MS = 5000;

export async function scoreTrial(params: ScoreParams, context: TaskContext<never>): Promise<ScoreTrial> {
  const extractor = await context.models.extractor(params.settings.extractor);
  const edited = (params.edits ?? []).length > 0;
  const samples = await tryOut(generatedInput(params, edited), extractor, params.cache, context);
  const input = referenceInput(params.settings);
  const reference = input === null ? null : await tryOut(input, extractor, params.cache, context);
  const times = edited && params.compare === true ? 2 : 1;
  const seconds = (side: SideTrial | null) => (side && side.rate > 0 ? side.missing / side.rate : 0);
  return {
    images: samples?.images ?? 0,
    rate: samples?.rate ?? 0,
    rateReference: reference?.rate ?? null,
    missing: (samples?.missing ?? 0) * times,
    missingReference: reference?.missing ?? 0,
    eta: 1000 * (seconds(samples) * times + seconds(reference)),
    warnings: [...extractor.warnings],
  };
}

interface SideTrial {
  readonly images: number;
  readonly rate: number;
  readonly missing: number;
}

/** Null for arrays, which cost nothing. */
async function tryOut(
  input: SideInput,
  extractor: Extractor,
  cache: string | null,
  { models, signal }: TaskContext<never>,
): Promise<SideTrial | null> {
  if (input.kind === 'path' && (await pathKind(input.path)) === 'arrays') return null;
  const { source } = await openPictures(input, { models, signal });
  try {
    const missing = await missingRows(source, extractor, cache);
    return { ...(await measure(source, extractor, signal)), missing };
  } finally {
    source.close();
  }
}

async function measure(
  source: PictureSource,
  extractor: Extractor,
  signal: AbortSignal,
): Promise<{ images: number; rate: number }> {
  const size = Math.min(BATCH, source.rowsPerRun);
  const run = async (first: number, count: number) => {
    const { stacks } = await source.read(first, count, count);
    for (const stack of stacks) await extractor.extract(stack);
  };
  await run(0, Math.min(WARM_UP, source.rowsPerRun, source.count));
  const most = Math.min(IMAGES, source.count);
  const started = performance.now();
  let done = 0;
  while (done < most && performance.now() - started < LONGEST_MS) {
    throwIfCancelled(signal);
    const count = Math.min(size, most - done);
    await run(done, count);
    done += count;
    await nextTurn();
  }
  return { images: done, rate: (1000 * done) / Math.max(1e-3, performance.now() - started) };
}
