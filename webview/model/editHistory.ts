/** Undo and redo of a stack of edits. Pure: every step is a new value, and an undone one is the very value it was. */
import type { Edit } from '../../src/shared/edits/edits.ts';

/** What a step back brings back: the edits, and the named stack that they came from. */
export interface Stack {
  readonly edits: readonly Edit[];
  readonly name: string | null;
}

export interface History {
  readonly past: readonly Stack[];
  readonly present: Stack;
  readonly future: readonly Stack[];
  /** What the last step belongs to, while it may still grow (a slider that is being dragged); null once it is settled. */
  readonly group: string | null;
}

/** Steps that can be taken back; a stack is small, but strokes hold a weight for each cell. */
export const MOST_STEPS = 100;
const EMPTY: Stack = { edits: [], name: null };

export function historyOf(present: Stack = EMPTY): History {
  return { past: [], present, future: [], group: null };
}

/**
 * The stack becomes `next`. Steps of the same group, one after the other, are one step to undo.
 * @param group null for a step of its own
 */
export function stepped(history: History, next: Stack, group: string | null = null): History {
  if (next === history.present) return history;
  if (group !== null && group === history.group) return { ...history, present: next, future: [] };
  const past = [...history.past, history.present].slice(-MOST_STEPS);
  return { past, present: next, future: [], group };
}

/** The step that may still grow is over: the next one of its group is a new one. */
export function settled(history: History): History {
  return history.group === null ? history : { ...history, group: null };
}

export function undone(history: History): History {
  const before = history.past.at(-1);
  if (before === undefined) return history;
  const future = [history.present, ...history.future];
  return { past: history.past.slice(0, -1), present: before, future, group: null };
}

export function redone(history: History): History {
  const [next, ...future] = history.future;
  if (next === undefined) return history;
  return { past: [...history.past, history.present], present: next, future, group: null };
}

/** Every stack of the history with each edit as `map` makes it; those that it leaves alone stay the values they are. */
export function mapped(history: History, map: (edit: Edit) => Edit): History {
  const known = new Map<Edit, Edit>();
  const once = (edit: Edit) => {
    const made = known.get(edit) ?? map(edit);
    known.set(edit, made);
    return made;
  };
  const of = (stack: Stack): Stack => {
    const edits = stack.edits.map(once);
    return edits.every((edit, i) => edit === stack.edits[i]) ? stack : { ...stack, edits };
  };
  const { past, present, future } = history;
  return { ...history, past: past.map(of), present: of(present), future: future.map(of) };
}
