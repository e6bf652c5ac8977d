import type { TargetedKeyboardEvent } from 'preact';
import type { ClosestPair, Duplicates } from '../../../src/shared/checks/looks.ts';
import type { PairAnswers } from '../../../src/shared/pageProtocol.ts';
import { useLooks } from '../../app/context.ts';
import { useCopy } from '../../app/useCopy.ts';
import { planOf, samplesIn, twinsTable, twinsWords } from '../../model/lookResult.ts';
import { answersAbout, byDistance, countedOf, pairsId, wordOn } from '../../model/pairAnswers.ts';
import { plainNumber } from '../../model/scoreFigures.ts';
import { csvOf } from '../../plots/table.ts';
import type { LookPictureOf } from '../../stores/lookPictures.ts';
import { t } from '../../strings.ts';
import { Button, LinkButton } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { NumberField } from '../../ui/NumberField.tsx';
import { Segments } from '../../ui/Segments.tsx';
import { useViewport } from '../../ui/useViewport.ts';
import { LookPicture, useLookPictures } from './LookPicture.tsx';
import { Made } from './Made.tsx';
import { Verdict } from './Verdict.tsx';

/** Of the pair that is looked at, and of those in the list. */
const LARGE = 192;
const SMALL = 40;
/** Beside the two pictures in a narrow panel. */
const MARGINS = 60;

type PictureAt = (place: number) => LookPictureOf;

/** The birthday test: a person, or a distance, says of each batch's closest pair whether it shows the same. */
export function TwinsResult({ found }: { found: Duplicates }) {
  const looks = useLooks();
  const copy = useCopy();
  const { threshold, answers: kept } = looks.view.value;
  const answers =
    threshold === null ? answersAbout(found, kept) : byDistance(found.pairs, pairsId(found), threshold);
  const plan = planOf(found.settings, samplesIn(found));
  const made: PictureAt = (place) => ({ from: 'made', plan, place });
  // At one size: the pair that is looked at and those in the list are the same pictures.
  useLookPictures(
    found.pairs.flatMap(({ places }) => places.map(made)),
    LARGE,
  );
  const wordOf = (batch: number) => {
    const word = wordOn(answers, batch);
    return word === null ? t('looks.twins.open') : t(`looks.twins.${word}`);
  };
  return (
    <article class="look" data-testid="looks-duplicates">
      <Who found={found} />
      {threshold === null && <Ask {...{ found, answers, made }} />}
      <Estimate {...{ found, answers }} byHand={threshold === null} />
      <List {...{ found, made, wordOf, answers }} />
      <LinkButton testId="looks-csv" onClick={() => copy(csvOf(twinsTable(found, wordOf)))}>
        {t('chart.csv')}
      </LinkButton>
      <Made found={found} />
    </article>
  );
}

/** A distance may answer for the person; the list shows where it draws the line. */
function Who({ found }: { found: Duplicates }) {
  const looks = useLooks();
  const { threshold } = looks.view.value;
  const nearest = found.pairs[0]?.distance ?? 1;
  return (
    <div class="scores-fields">
      <Segments
        label={t('looks.twins.who')}
        value={threshold === null ? 'person' : 'distance'}
        choices={(['person', 'distance'] as const).map((value) => ({
          value,
          label: t(`looks.twins.${value}`),
          title: t(`looks.twins.${value}Hint`),
        }))}
        onChange={(who) =>
          looks.update({ threshold: who === 'person' ? null : Number((nearest / 2).toPrecision(2)) || 1 })
        }
        testId="looks-who"
      />
      {threshold !== null && (
        <NumberField
          label={t('looks.twins.threshold')}
          value={threshold}
          min={1e-6}
          max={1e9}
          step={0.1}
          complaint={t('looks.twins.thresholdInvalid')}
          onCommit={(value) => looks.update({ threshold: value })}
          testId="looks-threshold"
        />
      )}
    </div>
  );
}

function Ask({ found, answers, made }: { found: Duplicates; answers: PairAnswers; made: PictureAt }) {
  const looks = useLooks();
  const { width } = useViewport();
  const { pairs } = found;
  const at = Math.min(looks.pair.value, pairs.length - 1);
  const pair = pairs[at];
  if (pair === undefined) return null;
  const { batch, places, distance } = pair;
  const [a, b] = places;
  const word = wordOn(answers, batch);
  const { open } = countedOf(found, answers);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a group that takes keys, and no form.
    <div
      class="twins-ask"
      role="group"
      aria-label={t('looks.twins.ask')}
      aria-description={t('looks.twins.keys')}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: keys answer here.
      tabIndex={0}
      data-testid="twins-ask"
      onKeyDown={(event) => onKey(event, looks)}
    >
      <div class="twins-pair">
        {places.map((place, i) => (
          <LookPicture
            key={i}
            picture={made(place)}
            side={Math.min(LARGE, (width - MARGINS) / 2)}
            source={LARGE}
            label={t('looks.picture.made', { place })}
          />
        ))}
      </div>
      <div class="twins-words">
        <p>
          <strong>{t('looks.twins.ask')}</strong>
        </p>
        <p data-testid="twins-at">
          {t('looks.twins.pair', { at: at + 1, count: pairs.length })}
          {word !== null && (
            <>
              {': '}
              <strong>{t(`looks.twins.${word}`)}</strong>
            </>
          )}
        </p>
        <p class="quiet">
          {t('looks.twins.facts', { batch, a, b, distance: plainNumber(Number(distance.toPrecision(4))) })}
        </p>
        <div class="scores-go">
          <Button kind="primary" testId="twins-same" onClick={() => looks.say('same')}>
            {t('looks.twins.sameKey')}
          </Button>
          <Button kind="primary" testId="twins-different" onClick={() => looks.say('different')}>
            {t('looks.twins.differentKey')}
          </Button>
          {word !== null && (
            <Button icon="undo" testId="twins-back" onClick={() => looks.takeBack()}>
              {t('looks.twins.back')}
            </Button>
          )}
        </div>
        <div class="scores-go">
          <Button
            icon="chevronLeft"
            off={at === 0}
            title={t('looks.twins.previous')}
            testId="twins-previous"
            onClick={() => looks.step(-1)}
          >
            {t('looks.twins.previous')}
          </Button>
          <Button
            icon="chevronRight"
            off={at === pairs.length - 1}
            title={t('looks.twins.next')}
            testId="twins-next"
            onClick={() => looks.step(1)}
          >
            {t('looks.twins.next')}
          </Button>
        </div>
        <p>
          {open > 0 && (
            <LinkButton testId="twins-rest" onClick={() => looks.sayOfOthers()}>
              {t('looks.twins.rest')}
            </LinkButton>
          )}{' '}
          {open < pairs.length && (
            <LinkButton testId="twins-restart" onClick={() => looks.forgetAnswers()}>
              {t('looks.twins.restart')}
            </LinkButton>
          )}
        </p>
        <p class="quiet">{t('looks.twins.keys')}</p>
      </div>
    </div>
  );
}

function onKey(event: TargetedKeyboardEvent<HTMLElement>, looks: ReturnType<typeof useLooks>): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key.toLowerCase();
  if (key === 's') looks.say('same');
  else if (key === 'd') looks.say('different');
  else if (key === 'arrowleft') looks.step(-1);
  else if (key === 'arrowright') looks.step(1);
  else if (key === 'backspace') looks.takeBack();
  else return;
  event.preventDefault();
}

function Estimate({ found, answers, byHand }: { found: Duplicates; answers: PairAnswers; byHand: boolean }) {
  const counted = countedOf(found, answers);
  if (counted.estimate === null)
    return (
      <p class="quiet" role="status" data-testid="twins-left">
        {t('looks.twins.left', { open: counted.open, count: found.pairs.length })}
      </p>
    );
  const [first = '', ...others] = twinsWords(counted, found);
  return (
    <Verdict alarm={null} text={first}>
      <p data-testid="twins-support">{others.join(' ')}</p>
      <p class="quiet" data-testid="twins-by">
        {t(byHand ? 'looks.twins.byPerson' : 'looks.twins.byDistance')}
      </p>
    </Verdict>
  );
}

interface ListProps {
  readonly found: Duplicates;
  readonly answers: PairAnswers;
  readonly made: PictureAt;
  readonly wordOf: (batch: number) => string;
}

function List({ found, made, wordOf, answers }: ListProps) {
  const looks = useLooks();
  const byHand = looks.view.value.threshold === null;
  return (
    <section aria-label={t('looks.twins.list')}>
      <h3>{t('looks.twins.list')}</h3>
      <ol class="twins-list">
        {found.pairs.map((pair, at) => (
          <li key={pair.batch}>
            <button
              type="button"
              class={byHand && at === looks.pair.value ? 'twins-item is-current' : 'twins-item'}
              aria-current={byHand && at === looks.pair.value ? 'true' : undefined}
              title={wordOf(pair.batch)}
              data-testid="twins-item"
              onClick={() => (looks.pair.value = at)}
            >
              <span class="visually-hidden">
                {t('looks.twins.pair', { at: at + 1, count: found.pairs.length })}, {wordOf(pair.batch)}
              </span>
              {pair.places.map((place, i) => (
                <LookPicture
                  key={i}
                  picture={made(place)}
                  side={SMALL}
                  source={LARGE}
                  label={t('looks.picture.made', { place })}
                />
              ))}
              <Mark {...{ pair, answers }} />
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Mark({ pair, answers }: { pair: ClosestPair; answers: PairAnswers }) {
  const word = wordOn(answers, pair.batch);
  const distance = plainNumber(Number(pair.distance.toPrecision(3)));
  return (
    <span class={word === 'same' ? 'twins-mark is-same' : 'twins-mark quiet'}>
      {word === 'same' && <Icon name="check" />}
      {word === 'different' && <Icon name="close" />}
      {distance}
    </span>
  );
}
