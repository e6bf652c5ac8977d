import { useSession } from '../../app/context.ts';
import { t } from '../../strings.ts';
import { Drawer } from '../../ui/Drawer.tsx';

/** Files that look like pictures and are none. */
export function SkippedDrawer() {
  const session = useSession();
  const skipped = session.translation.page.result.value?.skipped ?? [];
  const close = () => {
    session.drawer.value = null;
  };
  return (
    <Drawer
      title={t('translation.skippedTitle')}
      closeLabel={t('model.close')}
      onClose={close}
      testId="skipped-drawer"
    >
      <p class="quiet">{t('translation.skippedExplain')}</p>
      <ul class="plain-list">
        {skipped.map(({ file, reason }) => (
          <li key={file} class="tensor">
            <code>{file}</code>
            <p class="quiet">{reason}</p>
          </li>
        ))}
      </ul>
    </Drawer>
  );
}
