import { useEffect, useState } from 'preact/hooks';
import { t } from '../strings.ts';
import { useSession } from './context.ts';

/** The page's outline while the model is opened; words come only when it takes a while. */
export function Loading() {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), 300);
    return () => clearTimeout(timer);
  }, []);
  const file = useSession().init.value?.fileName ?? '';
  return (
    <main class="page" data-testid="loading" aria-busy="true">
      {slow && <div class="progress-bar is-endless" />}
      <div class="skeleton-row" />
      <div class="skeleton-row skeleton-short" />
      <div class="skeleton-grid">
        {Array.from({ length: 16 }, (_, i) => (
          <div class="skeleton-cell" key={i} />
        ))}
      </div>
      <p class="visually-hidden" role="status">
        {slow ? t('app.loading', { file }) : ''}
      </p>
    </main>
  );
}
