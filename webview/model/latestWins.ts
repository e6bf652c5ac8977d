/**
 * At most one request in flight, and the newest wish waits. A wish that comes while a request is young lets it finish
 * (so that a slider dragged over a fast model shows every step it can); an older request is called off.
 * A request that was called off must draw nothing any more: its `signal` says so.
 */
export class LatestWins<P> {
  readonly #run: (wish: P, signal: AbortSignal) => Promise<void>;
  readonly #patience: number;
  #current: { readonly controller: AbortController; readonly since: number } | null = null;
  #waiting: { readonly wish: P } | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param patience milliseconds that a request may run on after a newer wish has come. */
  constructor(run: (wish: P, signal: AbortSignal) => Promise<void>, patience = 120) {
    this.#run = run;
    this.#patience = patience;
  }

  get busy(): boolean {
    return this.#current !== null;
  }

  /** Whether a newer wish waits for the running request to end. */
  get waiting(): boolean {
    return this.#waiting !== null;
  }

  submit(wish: P): void {
    this.#waiting = { wish };
    if (this.#current === null) {
      this.#next();
      return;
    }
    if (this.#timer !== undefined) return;
    const left = this.#patience - (performance.now() - this.#current.since);
    const { controller } = this.#current;
    if (left <= 0) controller.abort();
    else this.#timer = setTimeout(() => controller.abort(), left);
  }

  /** Calls off what runs and forgets what waits. */
  cancel(): void {
    this.#waiting = null;
    this.#current?.controller.abort();
  }

  #next(): void {
    const next = this.#waiting;
    if (next === null) return;
    this.#waiting = null;
    const controller = new AbortController();
    this.#current = { controller, since: performance.now() };
    const settled = () => {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#current = null;
      this.#next();
    };
    // `run` reports its own failures; either way the next wish gets its turn.
    this.#run(next.wish, controller.signal).then(settled, settled);
  }
}
