/** What a task gets besides its parameters. */
import type { Models } from './models.ts';

export interface TaskContext<P> {
  readonly models: Models;
  readonly signal: AbortSignal;
  readonly report: (progress: P) => void;
}
