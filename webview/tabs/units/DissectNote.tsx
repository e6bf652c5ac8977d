import type { ComponentChildren } from 'preact';
import type { Dissection } from '../../../src/shared/units/dissection.ts';
import { useUnits } from '../../app/context.ts';
import { counted, finePercent, iou, plural } from '../../model/format.ts';
import { cappedConcepts, conceptBars } from '../../model/unitsModel.ts';
import { t } from '../../strings.ts';
import { LinkButton } from '../../ui/Button.tsx';

/** What a finished dissection says of the layer, and of what it was computed. */
export function DissectNote({
  dissection,
  children,
}: {
  dissection: Dissection;
  children: ComponentChildren;
}) {
  return (
    <>
      <div class="dissect-words" data-testid="dissect-note">
        <p>
          <Summary /> <span class="quiet">{madeOf(dissection)}</span>
        </p>
        <span class="buttons">{children}</span>
      </div>
      <Capped dissection={dissection} />
    </>
  );
}

/** "44 of 128 units stand for 9 concepts (IoU > 0.04 and more than chance)". */
export function Summary() {
  const units = useUnits();
  const rows = units.rows.value;
  const { leastIou, level } = units.verdict.value;
  const bars = conceptBars(rows, units.concepts.value, []);
  const sentence = t('dissect.summary', {
    found: rows.filter(({ interpretable }) => interpretable).length,
    units: rows.length,
    concepts: plural('dissect.concepts', bars.length),
  });
  const least = Number(leastIou.toFixed(4));
  const rule = t(level.mode === 'iqr' ? 'dissect.summaryRuleIqr' : 'dissect.summaryRule', { least });
  return (
    <span data-testid="dissect-summary">
      <strong>{sentence}</strong> {rule}
    </span>
  );
}

function madeOf({ settings, segmenter, made }: Dissection): string {
  const { samples, seed, levelSeed, level } = settings;
  const date = new Date(made.date);
  const parts = [
    t('dissect.n', { count: counted(samples) }),
    t(seed === levelSeed ? 'dissect.notHeldOut' : 'dissect.heldOut'),
    t('dissect.seed', { seed }),
    level.mode === 'quantile'
      ? t('dissect.levelWords.quantile', { share: finePercent(level.quantile) })
      : t('dissect.levelWords.iqr'),
    segmenter.name,
  ];
  if (!Number.isNaN(date.getTime()))
    parts.push(date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' }));
  return parts.join(' · ');
}

/** A small mask cannot agree with what fills the picture; the other way of choosing levels is one click away. */
function Capped({ dissection }: { dissection: Dissection }) {
  const { dissecting } = useUnits();
  const { level, layers } = dissection.settings;
  const large = cappedConcepts(dissection);
  const first = large[0];
  if (first === undefined || level.mode !== 'quantile') return null;
  const words = t('dissect.capped', {
    concepts: large.map(({ name }) => name).join(', '),
    share: finePercent(level.quantile),
    first: first.name,
    cap: iou(level.quantile / first.share),
  });
  const again = () => {
    dissecting.update({ level: { mode: 'iqr' } });
    void dissecting.start({ ...dissection.settings, layers, level: { mode: 'iqr' } });
  };
  return (
    <p class="dissect-hint quiet" data-testid="dissect-capped">
      {words}{' '}
      <LinkButton testId="use-iqr" onClick={again}>
        {t('dissect.useIqr')}
      </LinkButton>
    </p>
  );
}
