import { t } from '../strings.ts';
import { TABS } from '../tabs/registry.ts';
import { Tabs } from '../ui/Tabs.tsx';
import { Banners } from './Banners.tsx';
import { useSession } from './context.ts';
import { FailurePage } from './FailurePage.tsx';
import { Header } from './Header.tsx';
import { Jobs } from './Jobs.tsx';
import { Loading } from './Loading.tsx';
import { ModelDrawer } from './ModelDrawer.tsx';
import { RolesForm } from './RolesForm.tsx';

export function App() {
  const session = useSession();
  const failure = session.failure.value;
  if (failure !== null) return <FailurePage error={failure} />;
  if (session.model.value === null || session.init.value === null) return <Loading />;
  const { refusal, stamp } = session.model.value;
  if (session.askingRoles.value) return <RolesForm key={stamp} />;
  return refusal === null ? <Inspector /> : <FailurePage error={refusal} />;
}

function Inspector() {
  const { drawer, tab: selected } = useSession();
  // A tab that this version does not have yet: the first one stands in.
  const tab = TABS.find(({ id }) => id === selected.value) ?? TABS[0];
  return (
    <main class="page">
      <Header>
        <Tabs
          label={t('tabs.label')}
          items={TABS.map(({ id, title }) => ({ id, label: t(title) }))}
          selected={tab?.id ?? ''}
          onSelect={(id) => {
            selected.value = TABS.find((known) => known.id === id)?.id ?? selected.value;
          }}
        />
      </Header>
      <Banners />
      {tab && (
        <div id="tab-panel" class="tab-panel" role="tabpanel" aria-labelledby={`tab-${tab.id}`}>
          <tab.view />
        </div>
      )}
      <Jobs />
      {drawer.value === 'model' && <ModelDrawer />}
    </main>
  );
}
