/** Stacks of edits beyond this page: kept with the workspace, opened, saved, exported as models, pictures and code. */
import { type Signal, signal } from '@preact/signals';
import type { Edit, EditFile } from '../../src/shared/edits/edits.ts';
import type { EditTarget } from '../../src/shared/edits/interventions.ts';
import type { CopyTarget } from '../../src/shared/pageProtocol.ts';
import type { LatentPlan } from '../../src/shared/samples/latents.ts';
import type { Bridge } from '../bridge.ts';
import { t } from '../strings.ts';
import type { EditsStore } from './edits.ts';

export interface EditFilesHost {
  readonly bridge: Bridge;
  readonly edits: EditsStore;
  say(text: string): void;
  tried(work: () => Promise<void>): Promise<void>;
  /** A save that goes on in the background is said when it is done. */
  follow(job: string): void;
  copy(target: CopyTarget): Promise<void>;
}

export class EditFiles {
  readonly kept: Signal<readonly EditFile[]> = signal([]);
  readonly #host: EditFilesHost;

  constructor(host: EditFilesHost) {
    this.#host = host;
  }

  async load(): Promise<void> {
    await this.#host.tried(async () => this.#take(await this.#host.bridge.request('editLibrary', {})));
  }

  /** Keeps the stack under a name, in place of one that had it. */
  async keep(name: string): Promise<void> {
    const { edits, bridge, say, tried } = this.#bound();
    await tried(async () => {
      this.#take(await bridge.request('keepEdit', { file: { schema: 1, name, edits: edits.edits.peek() } }));
      edits.nameStack(name);
      say(t('edits.kept', { name }));
    });
  }

  async forget(name: string): Promise<void> {
    const { edits, bridge, say, tried } = this.#bound();
    await tried(async () => {
      this.#take(await bridge.request('keepEdit', { file: { schema: 1, name, edits: [] } }));
      if (edits.name.peek() === name) edits.nameStack(null);
      say(t('edits.forgotten', { name }));
    });
  }

  async openFile(): Promise<void> {
    const { edits, bridge, tried } = this.#bound();
    await tried(async () => {
      const { file } = await bridge.request('openEdit', {});
      if (file !== null) edits.open(file);
    });
  }

  async save(target: EditTarget): Promise<void> {
    const { bridge, say, tried } = this.#bound();
    await tried(async () => {
      const { place, job } = await bridge.request('saveEdit', { target });
      if (job !== undefined) {
        say(t('save.started'));
        this.#host.follow(job);
      } else if (place !== null) say(t('save.done', { place }));
    });
  }

  async copyCode(plan: LatentPlan, edits: readonly Edit[]): Promise<void> {
    await this.#host.copy({ what: 'editCode', plan, edits });
  }

  #bound() {
    const { bridge, edits } = this.#host;
    return {
      ...{ bridge, edits },
      say: (text: string) => this.#host.say(text),
      tried: (work: () => Promise<void>) => this.#host.tried(work),
    };
  }

  #take({ files }: { readonly files: readonly EditFile[] }): void {
    this.kept.value = files;
  }
}
