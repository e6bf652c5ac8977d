/** What `genscope effect --placement` found, as text. */
import type { Placement } from '../shared/effects/effects.ts';
import { withInterval } from './figures.ts';

export function placementText({ concept, units, layer, settings, map, table }: Placement): string {
  const { samples, seed, patch } = settings;
  const cells = Array.from({ length: map.height }, (_, y) =>
    map.gained
      .slice(y * map.width, (y + 1) * map.width)
      .map((gained) => (gained === null ? '–' : (100 * gained).toFixed(0)).padStart(4))
      .join(''),
  );
  const rows = table.map(({ before, tries, taken }) =>
    [(before || '(none)').padEnd(12), String(tries).padStart(7), withInterval(taken).padStart(26)].join(' '),
  );
  return [
    `${units.length} units of ${layer}: ${units.join(', ')}`,
    `inserted at ${patch}×${patch} cells at a time, in ${samples} samples (seed ${seed})`,
    `where ${concept} can go: % of the cell's pixels that become it`,
    ...cells,
    'what was there   tries      becomes it, 95 % interval',
    ...rows,
    '',
  ].join('\n');
}
