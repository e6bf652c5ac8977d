import { useEffect } from 'preact/hooks';
import { useEdits, useModel, useSamples, useSession, useUnits } from '../../app/context.ts';
import { counted, plural } from '../../model/format.ts';
import { t } from '../../strings.ts';
import { LinkButton } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Segments } from '../../ui/Segments.tsx';
import { StatusBar } from '../shared/StatusBar.tsx';
import { Concepts } from './Concepts.tsx';
import { DissectBar } from './DissectBar.tsx';
import { EditsPanel } from './edits/EditsPanel.tsx';
import { useEditKeys } from './edits/useEditKeys.ts';
import { EffectsPanel } from './effects/EffectsPanel.tsx';
import { Filter } from './Filter.tsx';
import { LayerPicker } from './LayerPicker.tsx';
import { Layers } from './Layers.tsx';
import { OnShow } from './OnShow.tsx';
import { UnitsMessages } from './UnitsMessages.tsx';
import { UnitTable } from './UnitTable.tsx';

/** What the units of a layer do, and what they stand for. */
export function UnitsTab() {
  return useModel().imageInput === null ? <Units /> : <NotYet />;
}

function NotYet() {
  return (
    <div class="page-centred">
      <section class="empty" data-testid="units-not-yet">
        <Icon name="units" />
        <p>{t('units.notYet')}</p>
      </section>
    </div>
  );
}

function Units() {
  useWhatItNeeds();
  useEditKeys();
  const units = useUnits();
  const layers = useModel().layers;
  if (layers?.length === 0)
    return (
      <div class="page-centred" data-testid="units-no-layers">
        <p class="quiet">{t('model.noLayers')}</p>
      </div>
    );
  return (
    <>
      <UnitsMessages />
      <div class="units-top">
        <LayerPicker />
        <DissectBar />
      </div>
      <div class="units-body" data-testid="units" aria-busy={layers === null || units.courier.busy.value}>
        <div class="units-side">
          <OnShow />
          <EditsPanel />
          <Concepts />
          <Layers />
        </div>
        <Main />
      </div>
      <Status />
    </>
  );
}

/** The table of units, or what a set of them does. */
function Main() {
  const { effects } = useUnits();
  const { open } = effects.view.value;
  return (
    <section class="units-main" aria-label={t(open ? 'effects.label' : 'units.label')}>
      <div class="units-main-head">
        <Segments
          label={t('units.main')}
          value={open ? 'effects' : 'table'}
          choices={(['table', 'effects'] as const).map((value) => ({
            value,
            label: t(`units.main.${value}`),
            title: t(`units.main.${value}Hint`),
          }))}
          onChange={(value) => effects.update({ open: value === 'effects' })}
          testId="units-main"
        />
      </div>
      {open ? (
        <EffectsPanel />
      ) : (
        <>
          <Filter />
          <UnitTable />
        </>
      )}
    </section>
  );
}

/** Layers, the state of dissections, and a size for the samples when this tab is the first one on show. */
function useWhatItNeeds(): void {
  const session = useSession();
  const { samples, units } = session;
  const { stamp, layers } = useModel();
  const missing = layers === null;
  const attempt = units.attempt.value;
  useEffect(() => {
    units.active.value = true;
    return () => {
      units.active.value = false;
    };
  }, [units]);
  useEffect(() => {
    // Tried again whenever the person asks for it.
    void attempt;
    if (!missing) return;
    const closing = new AbortController();
    void session.describeFully(closing.signal);
    return () => closing.abort();
  }, [session, stamp, missing, attempt]);
  useEffect(() => {
    void units.dissecting.load(true);
    void units.effects.load();
    void stamp;
  }, [units, stamp]);
  useEffect(() => {
    samples.area.value ??= { width: innerWidth, height: innerHeight };
  }, [samples]);
}

function Status() {
  const units = useUnits();
  const samples = useSamples();
  const selected = units.state.value.selection.length;
  const layer = units.layer.value;
  const parts: string[] = [];
  if (layer !== null && units.rows.value.length > 0) {
    const count = plural('units.status', units.rows.value.length);
    parts.push(t('units.statusAt', { units: count, layer: layer.name }));
    if (units.dissected.value === null) {
      const { count: n, seed } = units.topPlan.value;
      parts.push(t('units.statusActivity', { count: counted(n), seed }));
    }
  } else if (layer !== null) parts.push(t('units.waiting', { layer: layer.name }));
  else parts.push(t('units.layers'));
  parts.push(plural('status.samples', samples.state.value.count));
  const active = useEdits().active.value.length;
  if (active > 0) parts.push(plural('edits.count', active));
  return (
    <StatusBar
      courier={units.courier}
      summary={parts.join(' · ')}
      progress="units.progress"
      again={t('units.again')}
    >
      {selected > 0 && (
        <span class="status-selected">
          <span data-testid="units-selected">{t('units.statusSelected', { count: selected })}</span>
          <LinkButton testId="units-clear" onClick={() => units.update({ selection: [] })}>
            {t('status.clear')}
          </LinkButton>
        </span>
      )}
    </StatusBar>
  );
}
