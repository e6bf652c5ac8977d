/** What `genscope effect --compare` found, as text. */
import type { Selection, Selections } from '../shared/effects/effects.ts';
import { share, withInterval } from './figures.ts';

const WAYS: Readonly<Record<Selection['rank'], string>> = {
  iou: 'IoU',
  effect: 'effect of each alone',
  greedy: 'greedily as a set',
};
const WIDTH = 26;

/** Rows for the numbers of units at which random sets were measured too; all of them without. */
export function selectionsText({ layer, concept, settings, selections, random }: Selections): string {
  const { samples, seed, trainingSamples, trainingSeed } = settings;
  const most = Math.max(0, ...selections.map(({ units }) => units.length));
  const sizes =
    random.length > 0 ? random.map(({ units }) => units) : Array.from({ length: most + 1 }, (_, n) => n);
  const rows = sizes.map((size) => {
    const chance = random.find(({ units }) => units === size);
    return [
      String(size).padStart(5),
      ...selections.map(({ removed }) => {
        const figure = removed[size];
        return (figure ? withInterval(figure) : '').padStart(WIDTH);
      }),
      chance
        ? `${share(chance.mean)} [${share(chance.lowest)}, ${share(chance.highest)}]`.padStart(WIDTH)
        : '',
    ].join(' ');
  });
  const head = [
    'units',
    ...selections.map(({ rank }) => WAYS[rank].padStart(WIDTH)),
    random.length > 0 ? `${settings.random} random sets [range]`.padStart(WIDTH) : '',
  ].join(' ');
  return [
    `share of the area of ${concept} that ablating units of ${layer} removes, with 95 % intervals`,
    `over ${samples} samples (seed ${seed}); chosen on ${trainingSamples} others (seed ${trainingSeed})`,
    head,
    ...rows,
    ...selections.map(({ rank, units }) => `${WAYS[rank]}: ${units.join(', ')}`),
    '',
  ].join('\n');
}
