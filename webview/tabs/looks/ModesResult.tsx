import type { Mode, Modes } from '../../../src/shared/checks/looks.ts';
import { useLooks, useModel } from '../../app/context.ts';
import { useCopy } from '../../app/useCopy.ts';
import {
  chance,
  kindClass,
  modesTable,
  modesVerdict,
  planOf,
  realismText,
  realOf,
  sharePercent,
} from '../../model/lookResult.ts';
import { ShareBar } from '../../plots/ShareBar.tsx';
import { csvOf } from '../../plots/table.ts';
import type { LookPictureOf } from '../../stores/lookPictures.ts';
import { t } from '../../strings.ts';
import { LinkButton } from '../../ui/Button.tsx';
import { Checkbox } from '../../ui/Checkbox.tsx';
import { Icon, type IconName } from '../../ui/Icon.tsx';
import { LookPicture, useLookPictures } from './LookPicture.tsx';
import { Made } from './Made.tsx';
import { Verdict } from './Verdict.tsx';

const ICONS: Readonly<Record<Mode['verdict'], IconName>> = {
  missing: 'close',
  rare: 'sortDown',
  frequent: 'sortUp',
  even: 'check',
};

/** Kinds of real images with how often each is real and made, those that are missing first. */
export function ModesResult({ found }: { found: Modes }) {
  const looks = useLooks();
  const model = useModel();
  const copy = useCopy();
  const { side, everyKind } = looks.view.value;
  const uneven = found.modes.filter(({ verdict }) => verdict !== 'even');
  const even = found.modes.length - uneven.length;
  const shown = everyKind ? found.modes : uneven;
  const plan = planOf(found.settings, found.settings.samples);
  const made = (place: number): LookPictureOf => ({ from: 'made', plan, place });
  const real = (place: number) => realOf(found, 'modes', place);
  useLookPictures(
    [
      ...shown.flatMap(({ realPlaces, madePlaces }) => [...realPlaces.map(real), ...madePlaces.map(made)]),
      ...found.strange.map(({ place }) => made(place)),
    ],
    side,
  );
  const { alarm, words } = modesVerdict(found);
  const most = Math.max(...found.modes.flatMap((mode) => [mode.real, mode.made]));
  return (
    <article class="look" data-testid="looks-modes">
      <Verdict alarm={alarm} text={words} />
      <section aria-label={t('looks.modes.title')}>
        <ul class="modes">
          {shown.map((mode) => (
            <Kind key={mode.cell} {...{ mode, most, side, real, made }} />
          ))}
        </ul>
        {even > 0 && (
          <Checkbox
            label={t('looks.modes.every', { count: even })}
            checked={everyKind}
            onChange={(next) => looks.update({ everyKind: next })}
            testId="modes-every"
          />
        )}
      </section>
      <section aria-label={t('looks.modes.strange')} data-testid="modes-strange">
        <h3>{t('looks.modes.strange')}</h3>
        <p class="quiet">{t('looks.modes.strangeHint')}</p>
        <div class="look-strip">
          {found.strange.map(({ place, realism }) => (
            <LookPicture
              key={place}
              picture={made(place)}
              side={side}
              label={`${t('looks.picture.made', { place })}, ${t('looks.modes.realism', { value: realismText(realism) })}`}
              caption={realismText(realism)}
            />
          ))}
        </div>
      </section>
      <LinkButton testId="looks-csv" onClick={() => copy(csvOf(modesTable(found, model)))}>
        {t('chart.csv')}
      </LinkButton>
      <Made found={found} />
    </article>
  );
}

interface KindProps {
  readonly mode: Mode;
  /** The largest share there is: where bars end. */
  readonly most: number;
  readonly side: number;
  readonly real: (place: number) => LookPictureOf;
  readonly made: (place: number) => LookPictureOf;
}

function Kind({ mode, most, side, real, made }: KindProps) {
  const model = useModel();
  const { cell, verdict, p, label } = mode;
  return (
    <li class="mode" data-testid="mode" data-verdict={verdict}>
      <div class="mode-words">
        <h3>
          {t('looks.modes.kind', { cell })} <span class="quiet">{kindClass(model, label)}</span>
        </h3>
        <p class={verdict === 'even' ? 'mode-verdict quiet' : 'mode-verdict'}>
          <Icon name={ICONS[verdict]} />
          {t(`looks.modes.is.${verdict}`)} <span class="quiet">{t('looks.modes.p', { p: chance(p) })}</span>
        </p>
        <dl class="mode-shares">
          <Share name={t('looks.modes.real')} value={mode.real} most={most} />
          <Share name={t('looks.modes.made')} value={mode.made} most={most} />
        </dl>
      </div>
      <Pictures
        name={t('looks.modes.real')}
        list={mode.realPlaces.map((place) => ({
          picture: real(place),
          label: t('looks.picture.real', { place }),
        }))}
        side={side}
      />
      <Pictures
        name={t('looks.modes.made')}
        list={mode.madePlaces.map((place) => ({
          picture: made(place),
          label: t('looks.picture.made', { place }),
        }))}
        side={side}
      />
    </li>
  );
}

function Share({ name, value, most }: { name: string; value: number; most: number }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <ShareBar value={value} most={most} />
        <span>{sharePercent(value)}</span>
      </dd>
    </div>
  );
}

function Pictures({
  name,
  list,
  side,
}: {
  name: string;
  list: readonly { readonly picture: LookPictureOf; readonly label: string }[];
  side: number;
}) {
  return (
    <div class="mode-pictures">
      <span class="quiet">{name}</span>
      <div class="look-strip">
        {list.length === 0 && <span class="quiet">{t('looks.modes.noneMade')}</span>}
        {list.map((one) => (
          <LookPicture key={one.picture.place} {...one} side={side} />
        ))}
      </div>
    </div>
  );
}
