import { useSession, useTranslation } from '../../app/context.ts';
import { difference, error } from '../../model/format.ts';
import { MAX_BLUR, wayWords } from '../../model/translationModel.ts';
import { t } from '../../strings.ts';
import { Menu } from '../../ui/Menu.tsx';
import { Segments } from '../../ui/Segments.tsx';
import { Slider } from '../../ui/Slider.tsx';

/** With a second generator: which way round, what is done to the picture in the middle, and how much comes back. */
export function CycleBar() {
  const session = useSession();
  const { translation } = session;
  const { way, blur } = translation.state.value;
  const file = session.init.value?.fileName ?? '';
  const second = translation.setup.value?.second ?? '';
  const hint = t('translation.blurHint');
  return (
    <section class="cycle" aria-label={t('translation.cycle')} data-testid="cycle">
      <div class="controls">
        <Segments
          label={t('translation.way')}
          value={way}
          choices={(['forth', 'back'] as const).map((value) => ({
            value,
            label: t(`translation.way.${value}`),
            title: wayWords(file, second, value),
          }))}
          onChange={(next) => translation.setWay(next)}
          testId="way"
        />
        <SecondMenu way={wayWords(file, second, way)} second={second} />
        <span class="controls-end">
          <CycleError />
        </span>
      </div>
      <div class="controls cycle-blur">
        <Slider
          label={t('translation.blur')}
          min={0}
          max={MAX_BLUR}
          step={0.1}
          value={blur}
          text={
            blur === 0 ? t('translation.blurOff') : t('translation.blurValue', { sigma: blur.toFixed(1) })
          }
          title={hint}
          onInput={(next) => translation.setBlur(next)}
          testId="blur"
        />
        <p class="cycle-hint quiet">{hint}</p>
      </div>
    </section>
  );
}

/** The way in file names, and what can be done about its second half. */
function SecondMenu({ way, second }: { way: string; second: string }) {
  const translation = useTranslation();
  return (
    <Menu
      label={way}
      name={t('translation.secondIs', { way, file: second })}
      testId="second-menu"
      items={[
        { id: 'another', label: t('translation.another'), run: () => void translation.choose('second') },
        { id: 'none', label: t('translation.noSecond'), run: () => void translation.choose('noSecond') },
      ]}
    />
  );
}

function CycleError() {
  const translation = useTranslation();
  const cycle = translation.page.result.value?.cycle;
  if (!cycle) return null;
  const change = translation.change.value;
  const [low, high] = cycle.interval;
  return (
    <dl
      class="inline-facts cycle-error"
      title={t('translation.errorHint', { n: cycle.n })}
      data-testid="cycle-error"
    >
      <div>
        <dt>{t('translation.error')}</dt>
        <dd>
          <strong>{error(cycle.mean)}</strong>{' '}
          <span class="quiet">
            {cycle.n > 1 && `${t('translation.interval', { low: error(low), high: error(high) })} · `}
            {t('translation.n', { n: cycle.n })}
          </span>
        </dd>
      </div>
      {change !== null && (
        <div data-testid="cycle-change">
          <dt class="visually-hidden">{t('translation.error')}</dt>
          <dd>{t('translation.change', { change: difference(change) })}</dd>
        </div>
      )}
    </dl>
  );
}
