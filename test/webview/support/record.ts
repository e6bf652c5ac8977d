/**
 * What the fake host was asked and what went over the line, inside the page. Tests do not import it: a record says what
 * has arrived so far, so reading it once is a race. They ask through `Inspector.requests` and `Inspector.count`, which wait.
 */
export interface HostRecord {
  readonly log: { readonly method: string; readonly params: unknown }[];
  /** Requests for pictures now, and at most at once. */
  inFlight: number;
  mostInFlight: number;
  /** Requests that the page called off. */
  cancelled: number;
  /** Requests of any kind that the host has not answered. */
  open: number;
  /** Messages each way that one end has sent and the other has not received. */
  readonly underWay: { toHost: number; toPage: number };
  /** Until when nothing had happened: milliseconds of the page's clock. */
  lastEvent: number;
}

/** Where the harness finds the record and the host in the page, and puts options before it loads; no type tells of them. */
export const RECORD = 'genscope:record';
export const HOST = 'genscope:host';
export const HOST_OPTIONS = 'genscope:hostOptions';
/** Up to how many milliseconds each message takes. */
export const LONGEST_DELAY = 'genscope:longestDelay';

export const record: HostRecord = {
  log: [],
  ...{ inFlight: 0, mostInFlight: 0, cancelled: 0, open: 0 },
  underWay: { toHost: 0, toPage: 0 },
  lastEvent: 0,
};

export function noteEvent(): void {
  record.lastEvent = performance.now();
}

/** Counts a request for pictures while it is worked on. */
export async function countInFlight<T>(work: () => Promise<T>): Promise<T> {
  record.mostInFlight = Math.max(record.mostInFlight, ++record.inFlight);
  try {
    return await work();
  } finally {
    record.inFlight--;
  }
}
