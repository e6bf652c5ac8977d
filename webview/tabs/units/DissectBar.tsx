import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useModel, useUnits } from '../../app/context.ts';
import { finishedOf } from '../../stores/units.ts';
import { t } from '../../strings.ts';
import { Button } from '../../ui/Button.tsx';
import { DissectForm } from './DissectForm.tsx';
import { DissectNote } from './DissectNote.tsx';
import { DissectPaused, DissectProgressRow } from './DissectProgress.tsx';

/** Naming the units: what it is for, what it is done with, how far it is, and what came of it. */
export function DissectBar() {
  const units = useUnits();
  const model = useModel();
  const { job, starting, resumable, setup } = units.dissecting;
  const opened = useSignal(false);
  const asked = useSignal(false);
  if (setup.value === null || model.layers === null) return <div class="dissect" aria-busy="true" />;
  if (job.value !== null || starting.value)
    return (
      <Place>
        <DissectProgressRow />
      </Place>
    );
  if (resumable.value !== null && !asked.value)
    return (
      <Place>
        <DissectPaused settings={resumable.value} onOther={() => (asked.value = true)} />
      </Place>
    );
  const finished = finishedOf(units);
  if (finished === null)
    return (
      <Place>
        <Empty missing={units.dissecting.dissection.value !== null} />
      </Place>
    );
  return (
    <Place>
      <DissectNote dissection={finished}>
        <Button testId="export-report" icon="save" onClick={() => void units.dissecting.exportReport()}>
          {t('dissect.report')}
        </Button>
        <Button testId="dissect-open" onClick={() => (opened.value = !opened.value)}>
          {t('dissect.goAgain')}
        </Button>
      </DissectNote>
      {opened.value && <DissectForm finished={finished} />}
    </Place>
  );
}

function Place({ children }: { children: ComponentChildren }) {
  return (
    <section class="dissect" aria-label={t('dissect.label')} data-testid="dissect">
      {children}
    </section>
  );
}

function Empty({ missing }: { missing: boolean }) {
  return (
    <>
      <div class="dissect-empty" data-testid="dissect-empty">
        <h2>{missing ? t('dissect.layerMissing') : t('dissect.title')}</h2>
        {!missing && <p class="quiet">{t('dissect.explain')}</p>}
      </div>
      <DissectForm finished={null} />
    </>
  );
}
