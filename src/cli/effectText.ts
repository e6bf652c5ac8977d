/** What `genscope effect` found, as text and as JSON. */
import type { Effect } from '../shared/effects/effects.ts';
import { range, share, withInterval } from './figures.ts';

/** The headless contract's object, with ours around it. */
export function effectJson({ concepts, ...rest }: Effect) {
  return {
    ...rest,
    concepts: concepts.map(({ concept, before, ablated, inserted, ace, removed }) => ({
      ...{ concept, before: before.mean, ablated: ablated.mean, inserted: inserted.mean },
      ...{ ace: ace.mean, interval: ace.interval, removed: removed.mean },
      intervals: {
        ...{ before: before.interval, ablated: ablated.interval },
        ...{ inserted: inserted.interval, removed: removed.interval },
      },
    })),
  };
}

export function effectText({ concepts, random, units, layer, settings }: Effect): string {
  const rows = concepts.map(({ concept, before, ablated, inserted, ace, removed }) =>
    [
      concept.padEnd(12),
      share(before.mean).padStart(8),
      share(ablated.mean).padStart(8),
      share(inserted.mean).padStart(9),
      `${share(ace.mean)} [${ace.interval.map(share).join(', ')}]`.padStart(26),
      withInterval(removed).padStart(26),
    ].join(' '),
  );
  const head =
    'concept        before  ablated  inserted             ACE, 95 % interval          removed, 95 % interval';
  const draws = random.removed.map(share);
  return [
    `${units.length} units of ${layer}: ${units.join(', ')}`,
    `share of the picture, over ${settings.samples} samples (seed ${settings.seed}); chosen on ${settings.trainingSamples} others (seed ${settings.trainingSeed})`,
    head,
    ...rows,
    ...(draws.length > 0
      ? [
          `${draws.length} random sets of as many units remove ${draws[0] && range(random.removed)} of ${concepts[0]?.concept}`,
        ]
      : []),
    '',
  ].join('\n');
}
