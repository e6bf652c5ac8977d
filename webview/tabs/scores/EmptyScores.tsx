import { useScores } from '../../app/context.ts';
import { t } from '../../strings.ts';
import { Button } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { ExtractorMenu, ReferenceMenu } from './Parts.tsx';

/** Nothing chosen, nothing measured: what the tab is for comes before the form. */
export function useIsEmpty(): boolean {
  const { form, history, running, loaded, starting } = useScores();
  const setup = form.setup.value;
  if (setup === null || !loaded.value || starting.value) return false;
  if (history.value.length > 0 || running.value !== null || form.withoutReference.value) return false;
  return setup.extractor === null || setup.reference === null;
}

/** What scores are for, what they need, and a button for each need. */
export function EmptyScores() {
  const scores = useScores();
  const { form } = scores;
  const setup = form.setup.value;
  if (setup === null) return null;
  const { extractor, reference, isDemo } = setup;
  return (
    <section class="scores-empty" data-testid="scores-empty">
      <Icon name="scores" />
      <h2>{t('scores.empty.title')}</h2>
      <p class="quiet">{t('scores.empty.explain')}</p>
      {isDemo && (
        <div class="scores-empty-demo">
          <Button
            kind="primary"
            testId="scores-demo"
            off={form.choosing.value !== null}
            onClick={() => void scores.startOnDemo()}
          >
            {t('scores.empty.demo')}
          </Button>
          <p class="quiet">{t('scores.empty.demoHint')}</p>
        </div>
      )}
      <ul class="scores-needs">
        <li class="scores-need">
          <h3>{t('scores.empty.reference')}</h3>
          <p class="quiet">{t('scores.empty.referenceHint')}</p>
          <ReferenceMenu strong={reference === null} />
        </li>
        <li class="scores-need">
          <h3>{t('scores.empty.extractor')}</h3>
          <p class="quiet">{t('scores.empty.extractorHint')}</p>
          <ExtractorMenu />
        </li>
      </ul>
      {extractor?.description != null && extractor.description.classes > 0 && (
        <div class="scores-empty-demo">
          <Button testId="scores-without" onClick={() => (form.withoutReference.value = true)}>
            {t('scores.empty.without')}
          </Button>
          <p class="quiet">{t('scores.empty.withoutHint')}</p>
        </div>
      )}
    </section>
  );
}
