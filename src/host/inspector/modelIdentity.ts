/** Whether the file that lies there now is the one that something was found out about. */
import type * as vscode from 'vscode';
import type { PageParams, PageResult } from '../../shared/pageProtocol.ts';
import type { Services } from '../services.ts';

export interface KnownModel {
  readonly stamp: string;
  readonly sha256: string;
}

export class ModelIdentity {
  constructor(
    private readonly services: Services,
    private readonly model: vscode.Uri,
  ) {}

  async stamp(signal: AbortSignal): Promise<string> {
    return (await this.#describe('quick', signal)).stamp;
  }

  /**
   * A file that was merely written again is still the same.
   * @returns its stamp now; null when its content is another one
   */
  async stampIfSame(known: KnownModel, signal: AbortSignal): Promise<string | null> {
    const stamp = await this.stamp(signal);
    if (stamp === known.stamp) return stamp;
    const { sha256 } = await this.#describe('full', signal);
    return sha256 === known.sha256 ? stamp : null;
  }

  #describe(depth: PageParams<'describe'>['depth'], signal: AbortSignal): Promise<PageResult<'describe'>> {
    const model = this.services.sidecars.modelRef(this.model);
    return this.services.engines.interactive.request('describe', { model, depth }, { signal });
  }
}
