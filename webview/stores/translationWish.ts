/** A page of translations as a wish: asked for as a whole, drawn row by row as it comes. */
import type { PageParams } from '../../src/shared/pageProtocol.ts';
import type { TranslateResult } from '../../src/shared/protocol.ts';
import type { Bridge } from '../bridge.ts';
import { type Report, unreadable, type Wish } from './courier.ts';
import { isTranslated, type RowAim, type RowFeed } from './rowFeed.ts';

export interface TranslationWish {
  readonly id: string;
  readonly feed: RowFeed;
  readonly aim: RowAim;
  readonly params: PageParams<'translate'>;
  /** A feed that may have the pictures already. */
  readonly lender?: RowFeed;
  readonly onResult: (result: TranslateResult) => void;
}

export function translationWish(bridge: Bridge, wish: TranslationWish): Wish {
  const { id, feed, aim, lender } = wish;
  return {
    id,
    target: feed,
    run: async (abort, report) => {
      const missing = feed.aim(aim, lender);
      // A lent row is complete; a page is asked for again even so, since its cycle error is that of its own pictures.
      if (!missing && lender !== undefined) return null;
      const result = await translate(bridge, wish, abort, report);
      if (abort.aborted) return null;
      feed.result.value = result;
      wish.onResult(result);
      return result.warnings;
    },
  };
}

async function translate(
  bridge: Bridge,
  { feed, aim, params }: TranslationWish,
  abort: AbortSignal,
  report: Report,
): Promise<TranslateResult> {
  const came = new Set<number>();
  const total = aim.places.length;
  let broken = false;
  report(0, total);
  const result = await bridge.request('translate', params, {
    signal: abort,
    onProgress: (row) => {
      if (abort.aborted) return;
      if (!isTranslated(row, aim.columns.length)) {
        broken = true;
        return;
      }
      feed.take(row, aim, abort);
      came.add(row.index);
      report(came.size, total);
    },
  });
  await feed.settled();
  if (broken || result.columns.join() !== aim.columns.join()) throw unreadable();
  if (!abort.aborted) feed.leaveOut(came);
  return result;
}
