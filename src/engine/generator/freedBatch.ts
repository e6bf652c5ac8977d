/** A generator whose batch the exporter baked in, of one or of more, with the batch freed where that can be proven right. */
import { type FreedBatch, freeBatch } from '../../onnx/surgery/freeBatch/freeBatch.ts';
import { asGenscopeError } from '../../shared/kernel/errors.ts';
import type { FeedRequest } from '../feeds/feeds.ts';
import { type BatchVerdict, checkBatch } from '../open/batchCheck.ts';
import { tensorShapes } from '../open/shapes.ts';
import type { Session, TensorValue } from '../runtime/session.ts';
import type { Generator } from './generator.ts';

/** What the generator made of its first sample, and of which samples to ask for more. */
export interface FirstRun {
  readonly rows: (index: number, count: number) => FeedRequest;
  readonly single: TensorValue;
  readonly ms: number;
}

/**
 * Frees what the graph alone shows, and where that does not prove right, what the sizes of all tensors show as well: they
 * take one more run. Keeps the generator as it is where the rows do not prove equal either way.
 */
export async function withFreedBatch(asIs: Generator, first: FirstRun): Promise<Generator> {
  const { model, batchReason } = asIs;
  const plain = freeBatch(model);
  if ('refused' in plain) return asIs.with({ batchReason: `${batchReason}; ${plain.refused}` });
  const tried = await attempt(asIs, plain, first);
  if (typeof tried !== 'string') return tried;
  const keep = asIs.with({ batchReason: `${batchReason}; ${tried}` });
  const shapes = await tensorShapes(asIs.oneSample()).catch(() => null);
  // Without sizes there is nothing more to try.
  if (shapes === null) return keep;
  const informed = freeBatch(model, { shapes });
  if ('refused' in informed) return keep;
  const again = await attempt(asIs, informed, first);
  return typeof again === 'string' ? keep : again;
}

/** The freed generator, or why it is none, as a part of a sentence. */
async function attempt(
  asIs: Generator,
  { model, changed }: Exclude<FreedBatch, { refused: string }>,
  { rows, single, ms }: FirstRun,
): Promise<Generator | string> {
  let session: Session;
  try {
    session = await asIs.mapped.open(model);
  } catch (thrown) {
    return `freeing it failed (${asGenscopeError(thrown).message})`;
  }
  const freed = asIs.with({ session, running: model, batch: 'free', fixedRows: 1 });
  const verdict: BatchVerdict = await checkBatch(freed, rows, single, ms).catch((thrown: unknown) => ({
    batch: 'loop',
    settled: false,
    reason: asGenscopeError(thrown).message,
  }));
  if (verdict.batch !== 'free') {
    await session.release();
    return `freed in ${places(changed.length)}, ${verdict.reason}`;
  }
  await asIs.release();
  return freed.with({ batchReason: `freed in ${places(changed.length)}: ${verdict.reason}` });
}

function places(count: number): string {
  return count === 1 ? 'one place' : `${count} places`;
}
