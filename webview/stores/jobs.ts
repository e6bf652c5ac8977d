/** Work under way in the background, as the host tells it; jobs outlive pages, so a new page lists them again. */
import { type Signal, signal } from '@preact/signals';
import type { JobStatus } from '../../src/shared/pageProtocol.ts';
import type { Bridge } from '../bridge.ts';
import { fieldOf } from '../model/fields.ts';

export class JobStore {
  readonly list: Signal<readonly JobStatus[]> = signal([]);
  readonly #bridge: Bridge;
  readonly #onSaved: (place: string) => void;
  readonly #dismissed = new Set<string>();
  /** Saves that went on as jobs, and are not yet said to be done. */
  readonly #saving = new Set<string>();

  /** @param onSaved told where a save that this page began has put its result. */
  constructor(bridge: Bridge, onSaved: (place: string) => void) {
    this.#bridge = bridge;
    this.#onSaved = onSaved;
    bridge.on('jobsChanged', (params) => this.#take(fieldOf(params, 'jobs')));
  }

  /** Those started before a reload. A host without any is no reason to fail. */
  async load(): Promise<void> {
    this.#take(await this.#bridge.request('jobs', {}).catch(() => []));
  }

  dismiss(id: string): void {
    this.list.value = this.list.peek().filter((job) => job.id !== id);
    this.#dismissed.add(id);
  }

  /** A save of this page went on as this job: it is said when it is done. */
  follow(id: string): void {
    this.#saving.add(id);
    this.#saySaved();
  }

  #take(jobs: unknown): void {
    if (!Array.isArray(jobs)) return;
    this.list.value = (jobs as readonly JobStatus[]).filter(({ id }) => !this.#dismissed.has(id));
    this.#saySaved();
  }

  /** Their own row says it when they fail. */
  #saySaved(): void {
    for (const { id, state, result } of this.list.peek()) {
      if (state === 'running' || !this.#saving.delete(id)) continue;
      if (state === 'done' && result !== undefined) this.#onSaved(result);
    }
  }
}
