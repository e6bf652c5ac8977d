/** Icons of our own drawing on a 16 × 16 grid, one pixel lines, in the manner of VS Code's. */
const PATHS = {
  refresh: 'M13.5 8a5.5 5.5 0 1 1-1.7-4M13.5 1.8v2.7h-2.7',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  chevronDown: 'M4 6.2 8 10.2 12 6.2',
  chevronLeft: 'M10 3.5 5.5 8 10 12.5',
  chevronRight: 'M6 3.5 10.5 8 6 12.5',
  arrowLeft: 'M13 8H3.2M7.2 4 3.2 8l4 4',
  close: 'M3.8 3.8l8.4 8.4M12.2 3.8l-8.4 8.4',
  play: 'M5 3v10l8-5z',
  pause: 'M5 3.5v9M11 3.5v9',
  copy: 'M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z',
  save: 'M8 2v8M4.8 6.9 8 10.1l3.2-3.2M2.5 11v2.5h11V11',
  error: 'M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8zM5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4',
  warning: 'M8 2 1.8 13.5h12.4zM8 6.3v3.4M8 11.6h.01',
  info: 'M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8zM8 7.2v4M8 4.9h.01',
  expand: 'M9.5 2.5h4v4M13.5 2.5 9.3 6.7M6.5 13.5h-4v-4M2.5 13.5l4.2-4.2',
  check: 'M3 8.5 6.4 12 13 4.5',
  folder: 'M1.8 12.8V3.4h4.3l1.6 1.9h6.5v7.5z',
  pictures: 'M2 2.5h12v11H2zM2 11l3.6-3.6 2.6 2.6 2-2L14 11.6M10.6 5.4h.01',
  roundTrip: 'M2.5 6.2h10M9.7 3.2l3 3-3 3M13.5 11.4h-10M6.3 8.6l-2.9 2.8 2.9 2.8',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.3 10.3l3.4 3.4',
  sortDown: 'M8 3v9.5M4.5 9 8 12.5 11.5 9',
  sortUp: 'M8 13V3.5M4.5 7 8 3.5 11.5 7',
  units: 'M2.5 2.5h4.5v4.5h-4.5zM9 2.5h4.5v4.5H9zM2.5 9h4.5v4.5h-4.5zM11.2 9v4.5M9 11.2h4.5',
  undo: 'M5.5 3 2.5 6l3 3M2.5 6h6.8a3.7 3.7 0 0 1 0 7.4H6',
  redo: 'M10.5 3l3 3-3 3M13.5 6H6.7a3.7 3.7 0 0 0 0 7.4H10',
  eye: 'M1.5 8S4 3.8 8 3.8 14.5 8 14.5 8 12 12.2 8 12.2 1.5 8 1.5 8zM8 6.2a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6z',
  eyeOff: 'M1.5 8S4 3.8 8 3.8 14.5 8 14.5 8 12 12.2 8 12.2 1.5 8 1.5 8zM3 13 13 3',
  brush: 'M13.6 2.4 7.4 8.6M5.6 8.9c1.2 0 2 .9 2 2 0 1.9-1.7 2.7-5.2 2.6 1.1-.9.7-4.6 3.2-4.6z',
  scores: 'M2.5 13.5h11M4 11V8M7 11V3.5M10 11V6M13 11V9',
  walk: 'M1.8 5h4v6h-4zM10.2 5h4v6h-4zM7 8h2',
} as const;

export type IconName = keyof typeof PATHS;

const FILLED: readonly IconName[] = ['play'];
const BOLD: readonly IconName[] = ['more', 'pause'];

export function Icon({ name }: { name: IconName }) {
  const kind = FILLED.includes(name) ? ' icon-filled' : BOLD.includes(name) ? ' icon-bold' : '';
  return (
    <svg class={`icon${kind}`} viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
