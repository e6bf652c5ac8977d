import type { Artifacts, ArtifactUnit } from '../../../src/shared/checks/looks.ts';
import type { Edit } from '../../../src/shared/edits/edits.ts';
import type { LayerDescription } from '../../../src/shared/generator/model.ts';
import { useLooks, useModel, useSession } from '../../app/context.ts';
import { useCopy } from '../../app/useCopy.ts';
import { plural } from '../../model/format.ts';
import { ablationTable, artifactsTable, artifactsWords, chance, planOf } from '../../model/lookResult.ts';
import { intervalText, plainNumber, signedNumber } from '../../model/scoreFigures.ts';
import { ChartFigure } from '../../plots/ChartFigure.tsx';
import { DotStrip } from '../../plots/DotStrip.tsx';
import { csvOf } from '../../plots/table.ts';
import type { LookPictureOf } from '../../stores/lookPictures.ts';
import { t } from '../../strings.ts';
import { Button, LinkButton } from '../../ui/Button.tsx';
import { Slider } from '../../ui/Slider.tsx';
import { LookPicture, useLookPictures } from './LookPicture.tsx';
import { Made } from './Made.tsx';
import { Verdict } from './Verdict.tsx';

/** Units in the table, and pictures of each. */
const ROWS = 15;
const PICTURES = 8;
/** Samples that are drawn with and without the worst units. */
const LIVE = 8;
/** The slider goes so far beyond what FID was measured for. */
const MOST_OFF = 20;

/** Units by how unreal the samples are that drive them; the worst can be switched off at once. */
export function ArtifactsResult({ found }: { found: Artifacts }) {
  const looks = useLooks();
  const { layers } = useModel();
  const layer = layers?.find(({ name }) => name === found.layer) ?? null;
  const { side } = looks.view.value;
  const plan = planOf(found.settings, found.settings.samples);
  const made = (place: number): LookPictureOf => ({ from: 'made', plan, place });
  const worst = found.units.filter(({ places }) => places.length > 0).slice(0, MOST_OFF);
  const off = layer === null ? 0 : Math.min(looks.off.value, worst.length);
  const edits = layer === null || off === 0 ? [] : [switchedOff(layer, worst.slice(0, off))];
  const edited = (place: number): LookPictureOf =>
    edits.length === 0 ? made(place) : { from: 'edited', plan, edits, place };
  const live = drivenBy(worst.slice(0, Math.max(3, found.settings.worst)));
  const rows = worst.slice(0, ROWS);
  useLookPictures(
    [
      ...live.map(edited),
      ...live.map(made),
      ...rows.flatMap(({ places }) => places.slice(0, PICTURES).map(made)),
    ],
    side,
  );
  const { verdict, words } = artifactsWords(found);
  const alarm = found.ablated === null ? null : found.ablated.alarm;
  return (
    <article class="look" data-testid="looks-artifacts">
      <Verdict alarm={alarm} text={verdict ?? words.join(' ')}>
        {verdict !== null && <p data-testid="artifacts-figures">{words.join(' ')}</p>}
      </Verdict>
      <Live {...{ found, layer, worst, off, live, made, edited, side }} />
      <Ablation found={found} />
      <Units {...{ found, rows, made, side }} />
      <Made found={found} />
    </article>
  );
}

interface LiveProps {
  readonly found: Artifacts;
  readonly layer: LayerDescription | null;
  readonly worst: readonly ArtifactUnit[];
  readonly off: number;
  readonly live: readonly number[];
  readonly made: (place: number) => LookPictureOf;
  readonly edited: (place: number) => LookPictureOf;
  readonly side: number;
}

function Live({ found, layer, worst, off, live, made, edited, side }: LiveProps) {
  const looks = useLooks();
  const session = useSession();
  const units = worst.slice(0, off).map(({ unit }) => unit);
  const goOn = () => {
    if (layer === null) return;
    const name = plural('looks.artifacts.name', units.length);
    session.units.choose(layer);
    session.edits.addSet({
      ...{ layer: layer.name, tensor: layer.tensor, units, name },
      intent: { kind: 'ablate', to: 'zero' },
    });
    session.tab.value = 'units';
  };
  return (
    <section aria-label={t('looks.artifacts.live')} data-testid="artifacts-live">
      <h3>{t('looks.artifacts.live')}</h3>
      <p class="quiet">{t('looks.artifacts.liveHint')}</p>
      <div class="scores-fields">
        <Slider
          label={t('looks.artifacts.off')}
          min={0}
          max={worst.length}
          step={1}
          value={off}
          text={off === 0 ? t('looks.artifacts.offNone') : String(off)}
          onInput={(next) => {
            looks.off.value = next;
          }}
          testId="artifacts-off"
        />
        <Button
          off={layer === null || units.length === 0}
          title={t('looks.artifacts.useHint')}
          testId="artifacts-use"
          onClick={goOn}
        >
          {t('looks.artifacts.use')}
        </Button>
      </div>
      <div class="artifacts-live">
        <span class="quiet artifacts-live-name">{t('looks.artifacts.before')}</span>
        <div class="look-strip" data-testid="artifacts-before">
          {live.map((place) => (
            <LookPicture
              key={place}
              picture={made(place)}
              side={side}
              label={t('looks.picture.made', { place })}
            />
          ))}
        </div>
        <span class="quiet artifacts-live-name">
          {units.length === 0
            ? t('looks.artifacts.before')
            : plural('looks.artifacts.after', units.length, { units: units.join(', ') })}
        </span>
        <div class="look-strip" data-testid="artifacts-after" data-layer={found.layer}>
          {live.map((place) => (
            <LookPicture
              key={place}
              picture={edited(place)}
              side={side}
              label={t('looks.picture.edited', { place })}
            />
          ))}
        </div>
      </div>
    </section>
  );
}

/** FID without the worst, among as many units drawn at random. */
function Ablation({ found }: { found: Artifacts }) {
  const copy = useCopy();
  const { ablated } = found;
  if (ablated === null) return null;
  const { change, interval, random, units } = ablated;
  const title = t('looks.artifacts.chart', { count: units.length });
  const range = intervalText(change, interval);
  const number = signedNumber(change, interval);
  return (
    <ChartFigure
      {...{ title, hint: t('looks.artifacts.chartHint'), table: ablationTable(found), onCopy: copy }}
      testId="artifacts-fid"
    >
      <DotStrip
        label={t('chart.keys', { title })}
        dots={random.map((set) => set.change)}
        dotsLabel={t('looks.artifacts.randomSets')}
        mark={{
          value: change,
          interval: interval ?? [change, change],
          text: range === '' ? number : t('scores.withRange', { value: number, range }),
        }}
        markLabel={t('looks.artifacts.worst')}
        look="first"
        title={t('looks.artifacts.axis')}
        text={plainNumber}
        tickText={plainNumber}
        includes={[0]}
        testId="artifacts-fid-plot"
      />
    </ChartFigure>
  );
}

interface UnitsProps {
  readonly found: Artifacts;
  readonly rows: readonly ArtifactUnit[];
  readonly made: (place: number) => LookPictureOf;
  readonly side: number;
}

function Units({ found, rows, made, side }: UnitsProps) {
  const copy = useCopy();
  return (
    <div class="look-part">
      <h3>{t('looks.artifacts.table')}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and the keyboard has to reach that. */}
      <section class="looks-scroll" tabIndex={0} aria-label={t('looks.artifacts.table')}>
        <table class="looks-table" data-testid="artifacts-units">
          <thead>
            <tr>
              <th scope="col">{t('looks.artifacts.unit')}</th>
              <th scope="col" title={t('looks.artifacts.zHint')}>
                {t('looks.artifacts.z')}
              </th>
              <th scope="col">{t('looks.artifacts.p')}</th>
              <th scope="col" title={t('looks.artifacts.distanceHint', { usual: plainNumber(found.usual) })}>
                {t('looks.artifacts.distance')}
              </th>
              <th scope="col">{t('looks.artifacts.pictures')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ unit, z, p, distance, places }) => (
              <tr key={unit} data-testid="artifact-unit">
                <th scope="row">{unit}</th>
                <td>{z.toFixed(1).replace('-', '−')}</td>
                <td>{chance(p)}</td>
                <td>{plainNumber(Number(distance.toPrecision(3)))}</td>
                <td>
                  <div class="look-strip">
                    {places.slice(0, PICTURES).map((place) => (
                      <LookPicture
                        key={place}
                        picture={made(place)}
                        side={side}
                        label={t('looks.picture.made', { place })}
                      />
                    ))}
                  </div>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <LinkButton testId="looks-csv" onClick={() => copy(csvOf(artifactsTable(found)))}>
        {t('chart.csv')}
      </LinkButton>
    </div>
  );
}

/** The samples that the units' strongest come from, taking turns. */
function drivenBy(units: readonly ArtifactUnit[]): number[] {
  const turns = Array.from({ length: LIVE }, (_, rank) => units.map(({ places }) => places[rank])).flat();
  return [...new Set(turns.filter((place) => place !== undefined))].slice(0, LIVE);
}

function switchedOff({ name, tensor }: LayerDescription, units: readonly ArtifactUnit[]): Edit {
  return {
    ...{ id: 'artifacts', name: 'artifacts', layer: name, tensor, intent: { kind: 'ablate', to: 'zero' } },
    units: units.map(({ unit }) => ({ unit, scale: 0, shift: 0 })),
    ...{ strength: 1, region: null, samples: null, muted: false },
  };
}
