import type { ComponentChildren } from 'preact';
import { facts } from '../model/format.ts';
import { t } from '../strings.ts';
import { useModel, useSession } from './context.ts';

/** What is on show: the file, and its facts as the button to all the others. */
export function Header({ children }: { children: ComponentChildren }) {
  const session = useSession();
  const model = useModel();
  const list = facts(model);
  const engine = t(`engine.${session.engine.value}`);
  const open = session.drawer.value === 'model';
  return (
    <header class="header">
      <h1 class="file-name" title={session.init.value?.fileName}>
        {session.init.value?.fileName}
      </h1>
      {children}
      <button
        type="button"
        class="facts"
        title={`${list.join(' · ')} · ${engine}`}
        aria-label={t('facts.open', { facts: `${list.join(', ')}, ${engine}` })}
        aria-expanded={open}
        data-testid="facts"
        onClick={() => {
          session.drawer.value = open ? null : 'model';
        }}
      >
        <span class="facts-words">{list.join(' · ')}</span>
        <span
          class={`engine-dot engine-${session.engine.value}`}
          data-testid="engine"
          data-state={session.engine.value}
        />
      </button>
    </header>
  );
}
