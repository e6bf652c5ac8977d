import type { Effect } from '../../../../src/shared/effects/effects.ts';
import { useCopy } from '../../../app/useCopy.ts';
import {
  areaFigure,
  isBeyondChance,
  percentNumber,
  pointsFigure,
  share,
  shareFigure,
} from '../../../model/effectFigures.ts';
import {
  againstRandom,
  areasTable,
  beatsRandom,
  conceptName,
  conceptsByChange,
  figureTable,
  headline,
  insertion,
  ownOf,
  randomTable,
  sideEffects,
  sideEffectWords,
} from '../../../model/effectResult.ts';
import { BarChart } from '../../../plots/BarChart.tsx';
import { ChartFigure } from '../../../plots/ChartFigure.tsx';
import { DotStrip } from '../../../plots/DotStrip.tsx';
import { t } from '../../../strings.ts';
import { LinkButton } from '../../../ui/Button.tsx';
import { AblationCurve } from './AblationCurve.tsx';
import { Provenance } from './Provenance.tsx';
import { useSelectUnits, useUseUnits } from './useUnitSet.ts';

/** What a set of units does to a concept, against chance, and to all others. */
export function EffectResult({ effect }: { effect: Effect }) {
  return (
    <article class="effects-result" data-testid="effect-result">
      <Sentences effect={effect} />
      <div class="charts">
        <AgainstRandom effect={effect} />
        <AblationCurve effect={effect} />
        <SideEffects effect={effect} />
        <CausalEffects effect={effect} />
        <Areas effect={effect} />
      </div>
      <Provenance answer={effect} />
    </article>
  );
}

function Sentences({ effect }: { effect: Effect }) {
  const select = useSelectUnits();
  const use = useUseUnits();
  const { layer, units, settings } = effect;
  const name = t('effects.set.name', {
    ...{ concept: conceptName(ownOf(effect)?.concept ?? ''), count: units.length },
    rank: settings.choice.kind === 'top' ? t(`effects.rankLong.${settings.choice.rank}`) : '',
  }).trim();
  const intent = { kind: 'ablate', to: settings.ablate } as const;
  const beats = beatsRandom(effect);
  return (
    <header class="effects-words">
      <p class="effects-headline" data-testid="effect-headline">
        {headline(effect)}
      </p>
      <p>
        {againstRandom(effect)}{' '}
        {beats !== null && (
          <strong>{t(beats ? 'effects.headline.beyond' : 'effects.headline.within')}</strong>
        )}
      </p>
      <p>{insertion(effect)}</p>
      <p data-testid="effect-side-words">{sideEffectWords(effect).join(' ')}</p>
      <p class="quiet">
        {t('effects.units.list', { units: units.join(', ') })}{' '}
        <LinkButton testId="effect-use" onClick={() => use({ layer, units, name, intent })}>
          {t('effects.compare.use')}
        </LinkButton>
        <LinkButton testId="effect-select" onClick={() => select(layer, units)}>
          {t('effects.compare.select')}
        </LinkButton>
      </p>
    </header>
  );
}

function AgainstRandom({ effect }: { effect: Effect }) {
  const copy = useCopy();
  const own = ownOf(effect);
  if (own === null || effect.random.removed.length === 0) return null;
  const title = t('effects.chart.random');
  return (
    <ChartFigure
      {...{ title, hint: t('effects.chart.randomHint'), table: randomTable(effect), onCopy: copy }}
      testId="effect-random"
    >
      <DotStrip
        label={t('chart.keys', { title })}
        dots={effect.random.removed}
        dotsLabel={t('effects.chart.randomSets')}
        mark={{ value: own.removed.mean, interval: own.removed.interval, text: shareFigure(own.removed) }}
        markLabel={t('effects.chart.thisSet')}
        look="first"
        title={t('effects.chart.randomAxis', { concept: conceptName(own.concept) })}
        text={share}
        tickText={percentNumber}
        includes={[0, 1]}
        testId="effect-random-plot"
      />
    </ChartFigure>
  );
}

function SideEffects({ effect }: { effect: Effect }) {
  const copy = useCopy();
  const others = sideEffects(effect);
  if (others.length === 0) return null;
  const title = t('effects.chart.side');
  const what = t('effects.chart.removed');
  return (
    <ChartFigure
      {...{
        title,
        hint: t('effects.chart.sideHint'),
        table: figureTable(others, 'removed', what),
        onCopy: copy,
      }}
      testId="effect-side"
    >
      <BarChart
        label={t('chart.keys', { title })}
        series={[{ id: 'removed', label: what, look: 'first' }]}
        groups={others.map(({ concept, removed }) => ({
          id: concept,
          label: concept,
          bars: [{ value: removed.mean, interval: removed.interval, text: shareFigure(removed) }],
          quiet: !isBeyondChance(removed),
        }))}
        title={t('effects.chart.sideAxis')}
        text={percentNumber}
        within={[-1, 1]}
        testId="effect-side-plot"
      />
    </ChartFigure>
  );
}

function CausalEffects({ effect }: { effect: Effect }) {
  const copy = useCopy();
  const title = t('effects.chart.ace');
  const [own, ...others] = effect.concepts;
  if (own === undefined) return null;
  const sorted = [own, ...others.sort((a, b) => Math.abs(b.ace.mean) - Math.abs(a.ace.mean))];
  return (
    <ChartFigure
      {...{ title, hint: t('effects.chart.aceHint'), table: figureTable(sorted, 'ace', title), onCopy: copy }}
      testId="effect-ace"
    >
      <BarChart
        label={t('chart.keys', { title })}
        series={[{ id: 'ace', label: title, look: 'first' }]}
        groups={sorted.map(({ concept, ace }) => ({
          id: concept,
          label: conceptName(concept),
          bars: [{ value: ace.mean, interval: ace.interval, text: pointsFigure(ace) }],
          quiet: !isBeyondChance(ace),
        }))}
        title={t('effects.chart.aceAxis')}
        text={percentNumber}
        testId="effect-ace-plot"
      />
    </ChartFigure>
  );
}

const WHATS = ['before', 'ablated', 'inserted'] as const;
const LOOKS = ['first', 'second', 'third'] as const;

function Areas({ effect }: { effect: Effect }) {
  const copy = useCopy();
  const title = t('effects.chart.areas');
  const concepts = conceptsByChange(effect);
  return (
    <ChartFigure
      {...{ title, hint: t('effects.chart.areasHint'), table: areasTable(concepts), onCopy: copy }}
      testId="effect-areas"
      wide
    >
      <BarChart
        label={t('chart.keys', { title })}
        series={WHATS.map((what, i) => ({
          id: what,
          label: t(`effects.chart.${what}`),
          look: LOOKS[i] ?? 'quiet',
        }))}
        groups={concepts.map((one) => ({
          id: one.concept,
          label: conceptName(one.concept),
          bars: WHATS.map((what) => ({
            value: one[what].mean,
            interval: one[what].interval,
            text: areaFigure(one[what]),
          })),
        }))}
        title={t('effects.chart.areasAxis')}
        text={percentNumber}
        within={[0, 1]}
        testId="effect-areas-plot"
      />
    </ChartFigure>
  );
}
