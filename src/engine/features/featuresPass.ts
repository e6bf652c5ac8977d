/** Pictures → features, a batch at a time: cancellable, kept as it goes, taken up again where it was left. */
import type { ScoreProgress } from '../../shared/scores/scores.ts';
import type { Extractor } from '../extractor/extractor.ts';
import { contentKey } from '../kernel/contentKey.ts';
import { nextTurn, throwIfCancelled } from '../kernel/queue.ts';
import type { Skipped } from '../pictures/imageSource.ts';
import type { PictureStack } from '../runtime/imageCodec.ts';
import { runtimeVersion } from '../runtime/session.ts';
import { BatchSizer } from '../samples/batching.ts';
import { NO_LABEL, type PictureSource, SKIPPED } from './pictureSource.ts';
import { FeatureStore, type Rows } from './store.ts';

/** Changes when the same pictures and extractor would give other numbers. */
const VERSION = 3;
/** How long rows may wait to be kept. */
const KEEP_EVERY_MS = 500;
const REPORT_EVERY_MS = 100;
/** Pictures decoded ahead, in batches. */
const AHEAD = 2;

export interface FeaturesPass {
  readonly source: PictureSource;
  readonly extractor: Extractor;
  readonly cache: string | null;
  readonly phase: 'reference' | 'samples';
  readonly signal: AbortSignal;
  readonly report: (progress: ScoreProgress) => void;
  /** Pictures a run; 0: as suits the machine. */
  readonly batchSize?: number;
}

/** Features of all pictures that could be decoded. */
export interface PictureFeatures extends Rows {
  readonly count: number;
  readonly skipped: readonly Skipped[];
  /** Pictures that the extractor saw in this pass; the others were kept from before. */
  readonly made: number;
  readonly warnings: readonly string[];
}

/** @throws GenscopeError `request.cancelled` between batches; as generator, decoder and extractor fail */
export async function runFeatures(pass: FeaturesPass): Promise<PictureFeatures> {
  const { source, extractor, cache, signal } = pass;
  const { features: d, classes } = extractor.description;
  const rows: Rows = {
    features: new Float32Array(source.count * d),
    logits: new Float32Array(source.count * classes),
    labels: new Int32Array(source.count).fill(NO_LABEL),
  };
  const key = contentKey(await partsOf(pass));
  const shape = { features: d, classes };
  const { store, known } = FeatureStore.open(cache, key, shape, source.count, rows);
  const progress = reporter(pass, known);
  progress(known);
  const sizer = new BatchSizer(source.rowsPerRun, pass.batchSize);
  let kept = known;
  let keptAt = performance.now();
  const keep = (done: number) => {
    store.append(rows, kept, done - kept);
    kept = done;
    keptAt = performance.now();
  };
  let done = known;
  try {
    while (done < source.count) {
      throwIfCancelled(signal);
      const started = performance.now();
      const count = sizer.next(source.count - done);
      const batch = await source.read(done, count, AHEAD * count);
      rows.labels.set(batch.labels, done);
      await extractInto(extractor, batch.stacks, placesOf(batch.labels, done), rows);
      sizer.learn(count, performance.now() - started);
      done += count;
      if (performance.now() - keptAt > KEEP_EVERY_MS) keep(done);
      progress(done);
      await nextTurn();
    }
  } finally {
    if (done > kept) keep(done);
  }
  return finish(source, extractor, rows, done - known, store);
}

/** How many pictures of a source the extractor has not seen yet. */
export async function missingRows(
  source: PictureSource,
  extractor: Extractor,
  cache: string | null,
): Promise<number> {
  const key = contentKey(await partsOf({ source, extractor }));
  const { features, classes } = extractor.description;
  return Math.max(0, source.count - FeatureStore.rowsKept(cache, key, { features, classes }));
}

async function partsOf({ source, extractor }: Pick<FeaturesPass, 'source' | 'extractor'>): Promise<unknown> {
  const { sha256, resize, values, input } = extractor.description;
  const runtime = await runtimeVersion();
  return {
    version: VERSION,
    source: source.key,
    sha256,
    resize,
    values,
    input,
    layer: extractor.layer,
    runtime,
  };
}

/** Rows of a batch that have a picture. */
function placesOf(labels: Int32Array, first: number): number[] {
  return [...labels].flatMap((label, i) => (label === SKIPPED ? [] : [first + i]));
}

async function extractInto(
  extractor: Extractor,
  stacks: readonly PictureStack[],
  places: readonly number[],
  rows: Rows,
): Promise<void> {
  const { features: d, classes } = extractor.description;
  let next = 0;
  for (const stack of stacks) {
    const { features, logits } = await extractor.extract(stack);
    for (let i = 0; i < stack.count; i++) {
      const row = places[next++] as number;
      rows.features.set(features.subarray(i * d, (i + 1) * d), row * d);
      rows.logits.set(logits.subarray(i * classes, (i + 1) * classes), row * classes);
    }
  }
}

async function finish(
  source: PictureSource,
  extractor: Extractor,
  rows: Rows,
  made: number,
  { damage, failure }: FeatureStore,
): Promise<PictureFeatures> {
  const skipped: Skipped[] = [];
  for (let row = 0; row < source.count; row++)
    if (rows.labels[row] === SKIPPED)
      skipped.push({ file: source.nameOf(row), reason: await source.reasonOf(row) });
  const warnings = [
    ...source.warnings,
    ...(damage === null ? [] : [damage]),
    ...(failure === null ? [] : [`Features are not kept for another time: ${failure}`]),
  ];
  const good = skipped.length === 0 ? rows : withoutSkipped(rows, extractor.description);
  return { ...good, count: source.count - skipped.length, skipped, made, warnings };
}

function withoutSkipped(rows: Rows, shape: { readonly features: number; readonly classes: number }): Rows {
  const places = placesOf(rows.labels, 0);
  const pick = (values: Float32Array, width: number) => {
    const out = new Float32Array(places.length * width);
    for (const [i, row] of places.entries())
      out.set(values.subarray(row * width, (row + 1) * width), i * width);
    return out;
  };
  return {
    features: pick(rows.features, shape.features),
    logits: pick(rows.logits, shape.classes),
    labels: Int32Array.from(places, (row) => rows.labels[row] as number),
  };
}

/** Rate and time left from this pass's own pace: what was kept from before came for nothing. */
function reporter({ phase, source, report }: FeaturesPass, known: number): (done: number) => void {
  const total = source.count;
  const started = performance.now();
  let last = Number.NEGATIVE_INFINITY;
  return (done) => {
    const now = performance.now();
    if (done < total && now - last < REPORT_EVERY_MS) return;
    last = now;
    const made = done - known;
    const rate = made > 0 ? (1000 * made) / Math.max(1, now - started) : undefined;
    report({
      ...{ phase, done, total },
      ...(rate !== undefined && { rate, eta: (1000 * (total - done)) / rate }),
    });
  };
}
