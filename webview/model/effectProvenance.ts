/** What an answer was computed from, in one line. Pure. */
import type { Effect, Placement, Selections } from '../../src/shared/effects/effects.ts';
import { t } from '../strings.ts';
import { counted, duration, taken } from './format.ts';

/** Digits of a hash that people compare. */
const HEAD = 8;

export function provenance(answer: Effect | Selections | Placement): string {
  const { settings, segmenter, model, layer, ms } = answer;
  const { samples, seed, trainingSamples, trainingSeed } = settings;
  const parts = [
    t(seed === trainingSeed ? 'effects.made.notHeldOut' : 'effects.made.heldOut', {
      ...{ count: counted(samples), seed },
    }),
    chosenBy(answer),
    t('effects.made.values', { count: counted(trainingSamples), seed: trainingSeed }),
    ...('ablate' in settings ? [t(`effects.made.${settings.ablate}`)] : []),
    ...('patch' in settings ? [t('effects.made.patch', { patch: settings.patch })] : []),
    t('effects.made.layer', { layer }),
    t('effects.made.segmenter', { name: segmenter.name, hash: segmenter.sha256.slice(0, HEAD) }),
    t('effects.made.model', { file: model.file, hash: model.sha256.slice(0, HEAD) }),
    t('effects.made.took', { time: ms < 60_000 ? taken(ms) : duration(ms) }),
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

function chosenBy(answer: Effect | Selections | Placement): string {
  if ('map' in answer) return '';
  const { settings } = answer;
  const seed = settings.trainingSeed;
  if (!('choice' in settings)) return t('effects.made.allChosen', { seed });
  const { choice } = settings;
  if (choice.kind === 'given') return t('effects.made.given');
  return t('effects.made.chosen', { rank: t(`effects.rankLong.${choice.rank}`), seed });
}
