import type { TargetedKeyboardEvent } from 'preact';
import { useRef } from 'preact/hooks';
import { moved } from '../model/selection.ts';

export interface Bar {
  readonly id: string;
  readonly label: string;
  readonly value: number;
  /** The value in words, beside the bar. */
  readonly text: string;
  /** All that is known of it, as a screen reader says it and the tooltip shows. */
  readonly title: string;
  readonly selected: boolean;
  /** A colour that stands for the same thing elsewhere. */
  readonly swatch?: string;
}

interface BarListProps {
  readonly label: string;
  readonly bars: readonly Bar[];
  /** @param joins with Ctrl, Cmd or Shift: to what is chosen already, where several can be */
  readonly onPick: (id: string, joins: boolean) => void;
  readonly several?: boolean;
  readonly testId: string;
}

/** Where the keyboard goes to a whole list at once. */
const PAGE = 10;

/** Horizontal bars, one below the other, on one scale from 0: click or Space picks one (with Shift another one), the arrow keys go through them. */
export function BarList({ label, bars, onPick, several = false, testId }: BarListProps) {
  const list = useRef<HTMLDivElement>(null);
  const most = Math.max(0, ...bars.map(({ value }) => value)) || 1;
  const chosen = bars.findIndex(({ selected }) => selected);
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLElement>) => {
    const all = [...(list.current?.children ?? [])] as HTMLElement[];
    const at = all.indexOf(document.activeElement as HTMLElement);
    const bar = bars[at];
    const next = moved(at, event.key, bars.length, 1, PAGE);
    if (next !== null) all[next]?.focus();
    else if (bar !== undefined && (event.key === ' ' || event.key === 'Enter')) onPick(bar.id, joins(event));
    else return;
    event.preventDefault();
  };
  return (
    <div
      class="bar-list"
      role="listbox"
      aria-label={label}
      aria-multiselectable={several || undefined}
      ref={list}
      data-testid={testId}
      onKeyDown={onKeyDown}
    >
      {bars.map((bar, i) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the list has the keys.
        <div
          key={bar.id}
          class="bar-row"
          role="option"
          aria-selected={bar.selected}
          title={bar.title}
          tabIndex={i === Math.max(0, chosen) ? 0 : -1}
          data-bar={bar.id}
          onClick={(event) => onPick(bar.id, joins(event))}
        >
          <span class="visually-hidden">{bar.title}</span>
          <span class="bar-label" aria-hidden="true">
            {bar.label}
          </span>
          <svg class="bar-plot" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
            <rect
              class="bar-fill"
              width={(100 * bar.value) / most}
              height="10"
              style={{ fill: bar.swatch }}
            />
          </svg>
          <span class="bar-text" aria-hidden="true">
            {bar.text}
          </span>
        </div>
      ))}
    </div>
  );
}

function joins({ ctrlKey, metaKey, shiftKey }: MouseEvent | KeyboardEvent): boolean {
  return ctrlKey || metaKey || shiftKey;
}
