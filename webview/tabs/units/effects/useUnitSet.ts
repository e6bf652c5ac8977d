import { useLayoutEffect } from 'preact/hooks';
import type { EditIntent } from '../../../../src/shared/edits/edits.ts';
import { useEdits, useSession, useUnits } from '../../../app/context.ts';
import { plural } from '../../../model/format.ts';
import { t } from '../../../strings.ts';

/** Takes units of an answer's layer into the table's selection. */
export function useSelectUnits(): (layer: string, chosen: readonly number[]) => void {
  const session = useSession();
  const units = useUnits();
  return (name, chosen) => {
    const layer = units.effects.layerOf(name);
    if (layer === null) return session.say(t('effects.layerGone', { layer: name }));
    units.choose(layer);
    units.update({ selection: [...chosen], effects: { ...units.effects.view.peek(), from: 'selection' } });
    session.say(plural('effects.selected', chosen.length, { layer: layer.name }));
  };
}

/** Units of an answer, and how the page calls them. */
export interface FoundSet {
  /** A layer, by name or tensor. */
  readonly layer: string;
  readonly units: readonly number[];
  readonly name: string;
  readonly intent: EditIntent;
}

/** Makes an edit of the units, whose controls open, on the samples on show. */
export function useUseUnits(): (found: FoundSet) => void {
  const session = useSession();
  const edits = useEdits();
  const { effects } = useUnits();
  return ({ layer: name, ...set }) => {
    const layer = effects.layerOf(name);
    if (layer === null) return session.say(t('effects.layerGone', { layer: name }));
    edits.addSet({ ...set, layer: layer.name, tensor: layer.tensor });
    session.say(t('effects.used', { name: set.name }));
  };
}

/** Has questions asked about the edit that is worked on, where there is one. */
export function useEditInWork(): void {
  const edits = useEdits();
  const { effects } = useUnits();
  const focused = edits.focused.value;
  const edit = edits.edits.value.find(({ id }) => id === focused);
  useLayoutEffect(() => {
    effects.edit.value = edit
      ? { tensor: edit.tensor, name: edit.name, units: edit.units.map(({ unit }) => unit) }
      : null;
  }, [effects, edit]);
}
