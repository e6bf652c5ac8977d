/** A plan's samples as a wish: what the feed lacks is asked for, and drawn as it comes. */
import type { Edit } from '../../src/shared/edits/edits.ts';
import type { Frames, SampleResult } from '../../src/shared/protocol.ts';
import { type LatentPlan, planCount } from '../../src/shared/samples/latents.ts';
import type { Bridge } from '../bridge.ts';
import { type Report, unreadable, type Wish } from './courier.ts';
import type { Feed, Range } from './feed.ts';
import { isFrames } from './frames.ts';

/** A plan for a feed. `ids` says what each picture will show; `id` stands for all of it. */
export interface SampleWish {
  readonly feed: Feed;
  readonly id: string;
  readonly ids: readonly string[];
  readonly plan: LatentPlan;
  readonly maxSide: number;
  /** The content of the file that the pictures must come from. */
  readonly stamp: string;
  /** A feed that may have the pictures already. */
  readonly lender?: Feed;
  /** What is done to the units of the generator; without it the pictures are its own. */
  readonly edits?: readonly Edit[];
}

export function sampleWish(bridge: Bridge, wish: SampleWish): Wish {
  const { id, ids, feed, lender } = wish;
  return {
    id,
    target: feed,
    run: async (abort, report) => {
      const missing = feed.aim(ids, lender);
      feed.result.value = missing === null ? null : await sample(bridge, wish, missing, abort, report);
      return feed.result.value?.warnings ?? null;
    },
  };
}

async function sample(
  bridge: Bridge,
  { feed, plan, stamp, maxSide, edits }: SampleWish,
  missing: Range,
  abort: AbortSignal,
  report: Report,
): Promise<SampleResult> {
  const part = partOf(plan, missing);
  const total = part.count;
  let done = 0;
  let broken = false;
  report(done, total);
  const onProgress = (frames: Frames) => {
    if (abort.aborted) return;
    if (!isFrames(frames)) {
      broken = true;
      return;
    }
    feed.take(frames, part.base, abort);
    done += frames.count;
    report(done, total);
  };
  const params = { plan: part.plan, maxSide, stamp };
  const options = { signal: abort, onProgress };
  const result = await (edits === undefined
    ? bridge.request('sample', params, options)
    : bridge.request('editedSample', { ...params, edits }, options));
  await feed.settled();
  if (broken || done < total) throw unreadable();
  return result;
}

/** Sample i of `seeds` depends on seed + i alone, so only the missing stretch need be asked for. */
function partOf(plan: LatentPlan, missing: Range): { plan: LatentPlan; base: number; count: number } {
  if (plan.kind === 'seeds' && plan.source.layout === 'each') {
    const count = missing.to - missing.from;
    return { plan: { ...plan, seed: plan.seed + missing.from, count }, base: missing.from, count };
  }
  return { plan, base: 0, count: planCount(plan) };
}
