import {
  defaultRangeExtractor,
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
} from '@tanstack/virtual-core';
import type { RefObject } from 'preact';
import { useLayoutEffect, useReducer, useRef } from 'preact/hooks';

interface VirtualRows {
  readonly scroll: RefObject<HTMLElement>;
  readonly count: number;
  /** Height of a row in CSS pixels. */
  readonly size: number;
  /** Height of what stays on top while the rows scroll. */
  readonly head: number;
  /** A row that is there even when it is out of sight: the one the keyboard stands on; −1 for none. */
  readonly kept: number;
}

/** Rows beyond the edges that are there already when they come into sight. */
const AHEAD = 4;

/** Only the rows in sight, of any number: an adapter of `@tanstack/virtual-core` for Preact. */
export function useVirtualRows({ scroll, count, size, head, kept }: VirtualRows) {
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  const options = {
    count,
    getScrollElement: () => scroll.current,
    estimateSize: () => size,
    overscan: AHEAD,
    paddingStart: head,
    scrollPaddingStart: head,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    rangeExtractor: (range: Parameters<typeof defaultRangeExtractor>[0]) => {
      const rows = defaultRangeExtractor(range);
      return kept < 0 || kept >= count || rows.includes(kept) ? rows : [...rows, kept].sort((a, b) => a - b);
    },
    onChange: () => redraw(undefined),
  };
  const virtualizer = useRef<Virtualizer<HTMLElement, HTMLElement> | null>(null);
  virtualizer.current ??= new Virtualizer<HTMLElement, HTMLElement>(options);
  const rows = virtualizer.current;
  rows.setOptions(options);
  useLayoutEffect(() => rows._didMount(), [rows]);
  useLayoutEffect(() => rows._willUpdate());
  return rows;
}
