import { useSession } from '../../app/context.ts';
import { plural, taken } from '../../model/format.ts';
import type { TranslationStore } from '../../stores/translation.ts';
import { t } from '../../strings.ts';
import { LinkButton } from '../../ui/Button.tsx';
import { StatusBar } from '../shared/StatusBar.tsx';

export function StatusLine() {
  const session = useSession();
  const { translation } = session;
  const skipped = translation.page.result.value?.skipped.length ?? 0;
  return (
    <StatusBar
      courier={translation.courier}
      summary={summary(translation)}
      progress="translation.progress"
      again={t('translation.again')}
    >
      {skipped > 0 && (
        <LinkButton
          testId="skipped"
          onClick={() => {
            session.drawer.value = 'skipped';
          }}
        >
          {plural('translation.skipped', skipped)}
        </LinkButton>
      )}
    </StatusBar>
  );
}

function summary(translation: TranslationStore): string {
  const state = translation.state.value;
  const chosen = translation.setup.value?.inputs[state.way];
  if (!chosen) return '';
  const { result } = translation.page;
  const shown = translation.page.rows.value.filter(({ absent }) => !absent.value).length;
  const parts = [chosen.label, plural('translation.pictures', shown)];
  if (result.value !== null && !translation.courier.busy.value) parts.push(taken(result.value.ms));
  return parts.join(' · ');
}
