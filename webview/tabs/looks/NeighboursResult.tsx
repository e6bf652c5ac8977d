import type { NeighbourRow, Neighbours, RealNeighbour } from '../../../src/shared/checks/looks.ts';
import { useLooks } from '../../app/context.ts';
import { useCopy } from '../../app/useCopy.ts';
import { copiesTable, copiesWords, planOf, ratioText, realOf, shiftedWords } from '../../model/lookResult.ts';
import { plainNumber } from '../../model/scoreFigures.ts';
import { csvOf } from '../../plots/table.ts';
import type { LookPictureOf } from '../../stores/lookPictures.ts';
import { t } from '../../strings.ts';
import { LinkButton } from '../../ui/Button.tsx';
import { LookPicture, useLookPictures } from './LookPicture.tsx';
import { Made } from './Made.tsx';
import { Verdict } from './Verdict.tsx';

/** Samples beside the training images nearest to them, and what a shift by one pixel does to a neighbour. */
export function NeighboursResult({ found }: { found: Neighbours }) {
  const looks = useLooks();
  const copy = useCopy();
  const { side } = looks.view.value;
  const real = (place: number) => realOf(found, 'neighbours', place);
  const made = madeOf(found);
  useLookPictures(
    found.rows.flatMap(({ place, features, pixels, shifted }) => [
      made(place),
      ...[...features, ...pixels, shifted.byFeatures, shifted.byPixels].map(({ index }) => real(index)),
    ]),
    side,
  );
  const { verdict, figures } = copiesWords(found);
  return (
    <article class="look" data-testid="looks-neighbours">
      <Verdict alarm={found.copied === null ? null : found.copied.alarm} text={verdict}>
        {figures && <p>{figures}</p>}
        <p>{shiftedWords(found)}</p>
      </Verdict>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and the keyboard has to reach that. */}
      <section class="looks-scroll" tabIndex={0} aria-label={t('looks.copies.table')}>
        <table class="looks-table">
          <thead>
            <tr>
              <th scope="col">{t('looks.copies.sample')}</th>
              <th scope="col">{t('looks.copies.features')}</th>
              <th scope="col">{t('looks.copies.pixels', found.compared)}</th>
              <th scope="col">{t('looks.copies.shifted')}</th>
            </tr>
          </thead>
          <tbody>
            {found.rows.map((row) => (
              <Row key={row.place} {...{ row, side, real, made }} />
            ))}
          </tbody>
        </table>
      </section>
      <LinkButton testId="looks-csv" onClick={() => copy(csvOf(copiesTable(found)))}>
        {t('chart.csv')}
      </LinkButton>
      <Made found={found} />
    </article>
  );
}

interface RowProps {
  readonly row: NeighbourRow;
  readonly side: number;
  readonly real: (place: number) => LookPictureOf;
  readonly made: (place: number) => LookPictureOf;
}

function Row({ row, side, real, made }: RowProps) {
  const { place, ratio, features, pixels, shifted } = row;
  const near = ratio <= 1;
  return (
    <tr data-testid="looks-row" data-place={place}>
      <th scope="row" title={t('looks.copies.ratioHint')}>
        <LookPicture picture={made(place)} side={side} label={t('looks.picture.made', { place })} />
        <span class={near ? 'look-ratio is-near' : 'look-ratio'}>
          {ratioText(ratio)} {near && t('looks.copies.near')}
        </span>
        <span class="quiet">{t('looks.picture.made', { place })}</span>
      </th>
      <td>
        <Strip list={features} {...{ side, real }} />
      </td>
      <td>
        <Strip list={pixels} {...{ side, real }} />
      </td>
      <td>
        <div class="look-strip">
          {(['features', 'pixels'] as const).map((by) => {
            const hit = by === 'features' ? shifted.byFeatures : shifted.byPixels;
            const again = hit.file === shifted.file;
            return (
              <div class={again ? 'look-again' : 'look-again is-lost'} key={by} style={{ width: side }}>
                <LookPicture
                  picture={real(hit.index)}
                  side={side}
                  label={t('looks.picture.realNamed', {
                    file: hit.file,
                    distance: plainNumber(hit.distance),
                  })}
                  caption={t(`looks.copies.${again ? 'found' : 'lost'}.${by}`)}
                />
              </div>
            );
          })}
        </div>
      </td>
    </tr>
  );
}

function Strip({ list, side, real }: { list: readonly RealNeighbour[] } & Pick<RowProps, 'side' | 'real'>) {
  return (
    <div class="look-strip">
      {list.map(({ index, file, distance }) => (
        <LookPicture
          key={index}
          picture={real(index)}
          side={side}
          label={t('looks.picture.realNamed', { file, distance: plainNumber(distance) })}
          caption={plainNumber(Number(distance.toPrecision(3)))}
        />
      ))}
    </div>
  );
}

function madeOf({ settings }: Neighbours): (place: number) => LookPictureOf {
  const plan = planOf(settings, settings.samples);
  return (place) => ({ from: 'made', plan, place });
}
