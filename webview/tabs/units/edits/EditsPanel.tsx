import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { useEdits, useSession, useUnits } from '../../../app/context.ts';
import { plural } from '../../../model/format.ts';
import { t } from '../../../strings.ts';
import { Button, IconButton, LinkButton } from '../../../ui/Button.tsx';
import { AddEdit, addEdit } from './AddEdit.tsx';
import { EditRow } from './EditRow.tsx';
import { ExportMenu, KeepAs, KeptMenu } from './EditsMenus.tsx';
import { Misfits } from './Misfits.tsx';

/** The stack of edits: one row each, the controls of the open one, and where the next one comes from. */
export function EditsPanel() {
  const edits = useEdits();
  const naming = useSignal(false);
  const wanted = useSignal(false);
  const empty = edits.edits.value.length === 0;
  const panel = useRef<HTMLElement>(null);
  const wasEmpty = useRef(empty);
  useLayoutEffect(() => {
    // The row that had the keyboard is gone with the last edit.
    if (empty && !wasEmpty.current && document.activeElement === document.body) panel.current?.focus();
    wasEmpty.current = empty;
  }, [empty]);
  const name = edits.name.value;
  return (
    <section
      class="units-section edits"
      aria-label={t('edits.title')}
      tabIndex={-1}
      ref={panel}
      data-testid="edits"
    >
      <div class="section-head">
        <h2>
          {t('edits.title')}
          {name !== null && <span class="edits-stack quiet"> {name}</span>}
        </h2>
        <Steps />
        <span class="edits-menus">
          <KeptMenu onKeep={() => (naming.value = true)} />
          <ExportMenu />
        </span>
      </div>
      {naming.value && <KeepAs onDone={() => (naming.value = false)} />}
      <Misfits />
      {empty ? <Empty onOther={() => (wanted.value = !wanted.value)} other={wanted.value} /> : <EditList />}
      {(!empty || wanted.value) && <AddEdit />}
    </section>
  );
}

function Steps() {
  const session = useSession();
  const edits = useEdits();
  const { past, future } = edits.history.value;
  return (
    <span class="edits-steps">
      <IconButton
        icon="undo"
        label={t('edits.undo')}
        disabled={past.length === 0}
        onClick={() => {
          edits.undo();
          session.say(t('edits.undone'));
        }}
        testId="edits-undo"
      />
      <IconButton
        icon="redo"
        label={t('edits.redo')}
        disabled={future.length === 0}
        onClick={() => {
          edits.redo();
          session.say(t('edits.redone'));
        }}
        testId="edits-redo"
      />
    </span>
  );
}

/** What an edit is, and the one button that makes the first. */
function Empty({ onOther, other }: { readonly onOther: () => void; readonly other: boolean }) {
  const edits = useEdits();
  const units = useUnits();
  const selected = units.state.value.selection.length;
  const best = selected > 0 ? null : edits.source.best();
  const chosen = best ?? (selected > 0 ? edits.source.chosen.value : null);
  const words =
    best !== null
      ? t('edits.emptyTop', { count: best.units.length, concept: best.what })
      : chosen !== null
        ? t('edits.emptySelect', { units: plural('units.status', chosen.units.length) })
        : t('edits.emptyNone');
  return (
    <div class="edits-empty" data-testid="edits-empty">
      <p class="quiet">{t(best === null && chosen === null ? 'edits.explainSelect' : 'edits.explain')}</p>
      <div class="edits-empty-go">
        <Button
          kind="primary"
          off={chosen === null}
          title={chosen === null ? t('edits.emptyNoneHint') : undefined}
          testId="edits-begin"
          onClick={() => chosen && addEdit(edits, 'ablate', chosen)}
        >
          {words}
        </Button>
        {!other && (
          <LinkButton testId="edits-other" onClick={onOther}>
            {t('edits.otherWays')}
          </LinkButton>
        )}
      </div>
    </div>
  );
}

function EditList() {
  const edits = useEdits();
  const list = useRef<HTMLUListElement>(null);
  /** The place that the keyboard goes to once the rows stand there. */
  const next = useRef<number | null>(null);
  const stack = edits.edits.value;
  useLayoutEffect(() => {
    if (next.current === null) return;
    const row = list.current?.children[next.current];
    next.current = null;
    row?.querySelector<HTMLElement>('.edit-name')?.focus();
  });
  const goTo = (place: number) => {
    const row = list.current?.children[place];
    next.current = place;
    // Where nothing moves there is no next drawing to wait for.
    row?.querySelector<HTMLElement>('.edit-name')?.focus();
  };
  return (
    <ul class="edit-list" aria-label={t('edits.list')} ref={list} data-testid="edit-list">
      {stack.map((edit, place) => (
        <EditRow key={edit.id} {...{ edit, place, goTo }} count={stack.length} />
      ))}
    </ul>
  );
}
