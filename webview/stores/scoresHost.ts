/** What the store of scores needs of the page. */
import type { ReadonlySignal } from '@preact/signals';
import type { Edit } from '../../src/shared/edits/edits.ts';
import type { ModelDescription } from '../../src/shared/generator/model.ts';
import type { Bridge } from '../bridge.ts';

export interface ScoresHost {
  readonly bridge: Bridge;
  readonly model: ReadonlySignal<ModelDescription | null>;
  readonly edits: { readonly active: ReadonlySignal<readonly Edit[]> };
  say(text: string): void;
  tried(work: () => Promise<void>): Promise<void>;
}
