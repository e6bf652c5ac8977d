/** What the store of effects needs of the page, and of the units whose store owns it. */
import type { ReadonlySignal } from '@preact/signals';
import type { LayerDescription, ModelDescription } from '../../src/shared/generator/model.ts';
import type { DissectedLayer } from '../../src/shared/units/dissection.ts';
import type { UnitRow, Units } from '../model/unitsModel.ts';
import type { DissectingHost, DissectingStore } from './dissecting.ts';

export interface EffectsHost extends DissectingHost {
  readonly model: ReadonlySignal<ModelDescription | null>;
}

export interface EffectsUnits {
  readonly state: ReadonlySignal<Units>;
  readonly layer: ReadonlySignal<LayerDescription | null>;
  readonly dissected: ReadonlySignal<DissectedLayer | null>;
  readonly focused: ReadonlySignal<UnitRow | null>;
  readonly concepts: ReadonlySignal<readonly string[]>;
  readonly categories: ReadonlySignal<readonly string[]>;
  readonly conceptShare: ReadonlySignal<readonly number[]>;
  readonly dissecting: DissectingStore;
  update(patch: Partial<Units>): void;
}
