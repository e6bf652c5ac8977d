/**
 * The one way to the network. The hub library takes a `fetch` of ours: it adds what the library lacks, a cancel that
 * stops a transfer, and statuses that stay errors (its stream of a refused file ends in a bare string).
 */
import { cancelled, type GenscopeError } from '../../shared/kernel/errors.ts';
import { type HubRequest, networkError, statusError } from './request.ts';

export interface Transport {
  readonly fetch: typeof fetch;
  /** Why the last request failed; null when it did not. */
  failure(): GenscopeError | null;
  /** It was asked for the rest of a file and gave the whole: appended to what is there it would be garbage. */
  rangesRefused(): boolean;
}

export function openTransport({ id, signal }: HubRequest, endpoint: string): Transport {
  let failed: GenscopeError | null = null;
  let refused = false;
  const fail = (error: GenscopeError): never => {
    failed = error;
    throw error;
  };
  return {
    failure: () => failed,
    rangesRefused: () => refused,
    async fetch(input, init) {
      failed = null;
      refused = false;
      if (signal.aborted) fail(cancelled());
      let response: Response;
      try {
        response = await fetch(input, { ...init, signal });
      } catch (thrown) {
        return fail(signal.aborted ? cancelled() : networkError(thrown, endpoint));
      }
      if (!response.ok) {
        await response.body?.cancel();
        return fail(statusError(response.status, id, response.url));
      }
      const range = /^bytes=([1-9]\d*)-/.exec(new Headers(init?.headers).get('range') ?? '');
      if (range && response.status !== 206) {
        await response.body?.cancel();
        refused = true;
        return fail(networkError(new Error(`no ranges from ${response.url}`), endpoint));
      }
      return response;
    },
  };
}
