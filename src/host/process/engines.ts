/** The two engine processes: *interactive* answers panels, *jobs* does long work, so that a job never stalls a slider. */
import * as vscode from 'vscode';
import type { GenscopeError } from '../../shared/kernel/errors.ts';
import { engineSettings, onEngineSettingsChange } from '../settings.ts';
import { EngineClient, type EngineName, type EngineState } from './engineClient.ts';

export interface EngineStateChange {
  readonly engine: EngineName;
  readonly state: EngineState;
  readonly error?: GenscopeError;
}

export class Engines implements vscode.Disposable {
  readonly #states = new vscode.EventEmitter<EngineStateChange>();
  readonly #subscription: vscode.Disposable;
  #interactive: EngineClient;
  #jobs: EngineClient;

  readonly onState = this.#states.event;

  constructor(
    private readonly script: string,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.#interactive = this.#make('interactive');
    this.#jobs = this.#make('jobs');
    this.#subscription = onEngineSettingsChange(() => this.#remake());
  }

  get interactive(): EngineClient {
    return this.#interactive;
  }

  get jobs(): EngineClient {
    return this.#jobs;
  }

  /** Ends both processes; each starts again with its next request. A job goes on unless `jobsToo`. */
  restart(jobsToo: boolean): void {
    this.#interactive.restart();
    if (jobsToo || !this.#jobs.busy) this.#jobs.restart();
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#interactive.dispose();
    this.#jobs.dispose();
    this.#states.dispose();
  }

  /** New settings count for new processes; a job under way keeps the one it has. */
  #remake(): void {
    this.#interactive.retire();
    this.#jobs.retire();
    this.#interactive = this.#make('interactive');
    this.#jobs = this.#make('jobs');
  }

  #make(name: EngineName): EngineClient {
    const settings = engineSettings();
    return new EngineClient({
      name,
      script: this.script,
      // A workspace that is not trusted cannot set this one (machine scope, restricted in the manifest).
      execPath: settings.nodePath,
      threads: settings.threads,
      idleMs: settings.idleMinutes * 60_000,
      // A slider that overtakes itself is no reason to lose a loaded model; someone who cancels a job means it.
      hardCancelMs: name === 'interactive' ? 5_000 : 1_500,
      log: this.log,
      onState: (state, error) => this.#states.fire({ engine: name, state, ...(error ? { error } : {}) }),
    });
  }
}
