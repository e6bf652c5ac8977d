import { useEffect } from 'preact/hooks';
import { useEdits, useSession } from '../../../app/context.ts';
import type { EditsStore } from '../../../stores/edits.ts';
import { t } from '../../../strings.ts';

/** Keys that hold anywhere in the tab: undo, redo, and B for what was before. Where somebody writes they are letters. */
export function useEditKeys(): void {
  const session = useSession();
  const edits = useEdits();
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (isWriting(event.target)) return;
      const step = stepOf(event);
      if (step !== null) {
        event.preventDefault();
        // A list of the toolkit would take the letter for the first one of an entry, whatever is held with it.
        event.stopPropagation();
        if (takeStep(edits, step)) session.say(t(step === 'undo' ? 'edits.undone' : 'edits.redone'));
      } else if (isPeek(event)) edits.peeking.value = true;
    };
    const onKeyUp = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() === 'b') edits.peeking.value = false;
    };
    const onBlur = () => {
      edits.peeking.value = false;
    };
    document.addEventListener('keydown', onKeyDown, true);
    document.addEventListener('keyup', onKeyUp);
    window.addEventListener('blur', onBlur);
    return () => {
      document.removeEventListener('keydown', onKeyDown, true);
      document.removeEventListener('keyup', onKeyUp);
      window.removeEventListener('blur', onBlur);
      onBlur();
    };
  }, [session, edits]);
}

function stepOf({ key, ctrlKey, metaKey, shiftKey, altKey }: KeyboardEvent): 'undo' | 'redo' | null {
  if (altKey || ctrlKey === metaKey) return null;
  const letter = key.toLowerCase();
  if (letter === 'z') return shiftKey ? 'redo' : 'undo';
  return letter === 'y' && !shiftKey ? 'redo' : null;
}

/** Answers whether there was anything to take back. A stroke that is being painted is what goes first. */
function takeStep(edits: EditsStore, step: 'undo' | 'redo'): boolean {
  const before = edits.history.peek();
  edits.brush.cancel();
  if (step === 'undo') edits.undo();
  else edits.redo();
  return edits.history.peek() !== before;
}

/** In a list a letter goes to the entry that begins with it. */
function isPeek({ key, ctrlKey, metaKey, altKey, target }: KeyboardEvent): boolean {
  if (target instanceof Element && target.matches('vscode-dropdown, [role=menu] *')) return false;
  return key.toLowerCase() === 'b' && !ctrlKey && !metaKey && !altKey;
}

/** Sliders and check boxes take no letters. */
function isWriting(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.matches('textarea, vscode-text-field')) return true;
  return (
    target instanceof HTMLInputElement && !['range', 'checkbox', 'radio', 'button'].includes(target.type)
  );
}
