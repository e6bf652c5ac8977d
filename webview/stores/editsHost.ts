/** What the stores of edits need of the page, and of each other. */
import type { ReadonlySignal } from '@preact/signals';
import type { EditIntent } from '../../src/shared/edits/edits.ts';
import type { ModelDescription } from '../../src/shared/generator/model.ts';
import type { Bridge } from '../bridge.ts';
import type { SamplesStore } from './samples.ts';
import type { UnitsStore } from './units.ts';

export interface EditsHost {
  readonly bridge: Bridge;
  readonly model: ReadonlySignal<ModelDescription | null>;
  readonly samples: SamplesStore;
  readonly units: UnitsStore;
}

/** Units of a layer that belong together, and what becomes of them. */
export interface UnitSet {
  readonly tensor: string;
  readonly layer: string;
  readonly units: readonly number[];
  readonly name: string;
  readonly intent: EditIntent;
}
