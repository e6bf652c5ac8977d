/** Reads back the stack of edits that `setState` kept. Pure. */
import { isEdit } from '../../src/shared/edits/editGuards.ts';
import type { EditsState, EditView } from '../../src/shared/pageProtocol.ts';

export const EDIT_VIEWS: readonly EditView[] = ['after', 'before', 'difference', 'sideBySide'];
export const DEFAULT_EDITS: EditsState = { edits: [], view: 'after', focused: null, name: null };

/** What was kept for this model; an edit that does not hold is left out. */
export function readEdits(kept: unknown, model: string): EditsState {
  const page = isFields(kept) && kept.schema === 1 && kept.model === model ? kept.edits : null;
  if (!isFields(page)) return DEFAULT_EDITS;
  const { edits, view, focused, name } = page;
  const seen = new Set<string>();
  const sound = (Array.isArray(edits) ? edits : [])
    .filter(isEdit)
    .filter(({ id }) => !seen.has(id) && seen.add(id));
  return {
    edits: sound,
    view: EDIT_VIEWS.find((known) => known === view) ?? DEFAULT_EDITS.view,
    focused: typeof focused === 'string' && seen.has(focused) ? focused : null,
    name: typeof name === 'string' ? name : null,
  };
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
