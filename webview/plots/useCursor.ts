import type { TargetedKeyboardEvent } from 'preact';
import { useState } from 'preact/hooks';
import { moved } from '../model/selection.ts';

interface CursorOptions {
  /** Accessible name: which chart, and that the arrow keys read it. */
  readonly label: string;
  /** Places to stand on. */
  readonly count: number;
  /** Of a grid; 1 for a row of places. */
  readonly columns?: number;
  /** Where the cursor stands at first; with `onMove` where it stands. */
  readonly start: number;
  /** What is read aloud at a place. */
  readonly reading: (at: number) => string;
  /** Told when keys or a click move it: then the chart's owner keeps the place. */
  readonly onMove?: ((at: number) => void) | undefined;
}

/** Steps of Page Up and Page Down, in rows. */
const PAGE = 5;

/**
 * A cursor that reads a chart's values. To assistive technology it is a slider, whose value text is the reading: arrow
 * keys reach it in every screen reader, and each step is said. The pointer reads a place without moving it, a click moves.
 */
export function useCursor({ label, count, columns = 1, start, reading, onMove }: CursorOptions) {
  const [own, setOwn] = useState<number | null>(null);
  const [hovered, setHovered] = useState<number | null>(null);
  const [active, setActive] = useState(false);
  const held = Math.min(Math.max(0, (onMove ? null : own) ?? start), Math.max(0, count - 1));
  const shown = hovered !== null && hovered < count ? hovered : held;
  const move = (at: number) => {
    setOwn(at);
    onMove?.(at);
  };
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLElement>) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const next = moved(held, event.key, count, columns, PAGE);
    if (next === null && !event.key.startsWith('Arrow')) return;
    if (next !== null) move(next);
    event.preventDefault();
    event.stopPropagation();
  };
  return {
    /** The place that is read: under the pointer, else where the cursor stands. */
    at: shown,
    /** Whether to draw it. */
    visible: active || hovered !== null,
    hover: setHovered,
    move,
    props: {
      role: 'slider',
      tabIndex: 0,
      'aria-label': label,
      'aria-valuemin': 1,
      'aria-valuemax': Math.max(1, count),
      'aria-valuenow': held + 1,
      'aria-valuetext': count > 0 ? reading(held) : '',
      onKeyDown,
      onFocus: () => setActive(true),
      onBlur: () => setActive(false),
      onPointerLeave: () => setHovered(null),
    },
  } as const;
}
