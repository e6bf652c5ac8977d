import { useSignal } from '@preact/signals';
import type { TargetedKeyboardEvent } from 'preact';
import type { Edit } from '../../../../src/shared/edits/edits.ts';
import { useEdits, useSession } from '../../../app/context.ts';
import { SCALE_RANGE } from '../../../model/editIntent.ts';
import { percent, plural, signed } from '../../../model/format.ts';
import { t } from '../../../strings.ts';
import { IconButton } from '../../../ui/Button.tsx';
import { Menu, type MenuItem } from '../../../ui/Menu.tsx';
import { NameField } from '../../../ui/NameField.tsx';
import { Slider } from '../../../ui/Slider.tsx';
import { EditDetails } from './EditDetails.tsx';
import { EditNote } from './EditNote.tsx';

interface EditRowProps {
  readonly edit: Edit;
  readonly place: number;
  readonly count: number;
  /** Moves the keyboard to another edit's row. */
  readonly goTo: (place: number) => void;
}

/** One edit: on or off, its name, its strength, and what else can be done with it; its controls below while it is open. */
export function EditRow({ edit, place, count, goTo }: EditRowProps) {
  const edits = useEdits();
  const renaming = useSignal(false);
  const open = edits.focused.value === edit.id;
  const items = useItems({ edit, place, count, goTo }, () => (renaming.value = true));
  const rename = (name: string) => {
    renaming.value = false;
    if (name !== edit.name) edits.change(edit.id, { name });
  };
  return (
    <li
      class={`edit${open ? ' is-open' : ''}${edit.muted ? ' is-muted' : ''}`}
      data-testid="edit"
      data-edit={edit.id}
    >
      <div class="edit-row">
        <IconButton
          icon={edit.muted ? 'eyeOff' : 'eye'}
          label={t(edit.muted ? 'edits.muted' : 'edits.on')}
          pressed={!edit.muted}
          onClick={() => edits.change(edit.id, { muted: !edit.muted })}
          testId="edit-mute"
        />
        {renaming.value ? (
          <NameField
            label={t('edits.nameLabel')}
            value={edit.name}
            onCommit={rename}
            onCancel={() => (renaming.value = false)}
            testId="edit-rename-field"
          />
        ) : (
          <button
            type="button"
            class="edit-name"
            aria-expanded={open}
            title={`${edit.name}\n${t('edits.rowHint')}`}
            aria-description={t('edits.rowHint')}
            data-testid="edit-name"
            onClick={() => (edits.focused.value = open ? null : edit.id)}
            onDblClick={() => (renaming.value = true)}
            onKeyDown={(event) => onKeyDown(event, items)}
          >
            <span class="edit-words">{edit.name}</span>
            <small class="quiet">{`${edit.layer} · ${plural('units.status', edit.units.length)}`}</small>
          </button>
        )}
        <Strength edit={edit} />
        <Menu
          bare
          icon="more"
          label={t('edits.more', { name: edit.name })}
          items={items.filter(({ keyOnly }) => !keyOnly)}
          testId="edit-menu"
        />
      </div>
      <EditNote edit={edit} />
      {open && <EditDetails edit={edit} />}
    </li>
  );
}

/** The slider at hand: how much of the edit is mixed in, or the factor of one that scales. */
function Strength({ edit }: { readonly edit: Edit }) {
  const edits = useEdits();
  const { id, name, intent, strength } = edit;
  const settle = () => edits.settle();
  if (intent.kind === 'scale')
    return (
      <Slider
        hideLabel
        label={t('edits.factorOf', { name })}
        {...SCALE_RANGE}
        value={intent.factor}
        text={t('edits.factor', { factor: signed(intent.factor) })}
        onInput={(factor) => edits.setIntent(id, { kind: 'scale', factor }, `factor ${id}`)}
        onSettle={settle}
        testId="edit-strength"
      />
    );
  return (
    <Slider
      hideLabel
      label={t('edits.strengthOf', { name })}
      min={0}
      max={1}
      step={0.01}
      value={strength}
      text={percent(strength)}
      onInput={(next) => edits.change(id, { strength: next }, `strength ${id}`)}
      onSettle={settle}
      testId="edit-strength"
    />
  );
}

interface RowItem extends MenuItem {
  readonly keyOnly?: boolean;
}

function useItems({ edit, place, count, goTo }: EditRowProps, rename: () => void): RowItem[] {
  const edits = useEdits();
  const session = useSession();
  const { id, name } = edit;
  const move = (by: number) => {
    edits.move(id, by);
    goTo(place + by);
    session.say(t('edits.moved', { name, place: place + by + 1, count }));
  };
  return [
    {
      ...{ id: 'up', label: t('edits.up'), run: () => move(-1) },
      off: place === 0 ? t('edits.first') : undefined,
    },
    {
      ...{ id: 'down', label: t('edits.down'), run: () => move(1) },
      off: place === count - 1 ? t('edits.last') : undefined,
    },
    { id: 'rename', label: t('edits.rename'), run: rename, separated: true },
    { id: 'duplicate', label: t('edits.duplicate'), run: () => edits.duplicate(id) },
    {
      id: 'remove',
      label: t('edits.remove'),
      run: () => {
        edits.remove(id);
        goTo(Math.min(place, count - 2));
        session.say(t('edits.removed', { name }));
      },
    },
    {
      ...{ id: 'mute', label: t('edits.on'), keyOnly: true },
      run: () => edits.change(id, { muted: !edit.muted }),
    },
    { id: 'above', label: '', keyOnly: true, run: () => goTo(place - 1) },
    { id: 'below', label: '', keyOnly: true, run: () => goTo(place + 1) },
  ];
}

function onKeyDown(event: TargetedKeyboardEvent<HTMLElement>, items: readonly RowItem[]): void {
  const item = items.find(({ id }) => id === actionOf(event));
  if (item === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  if (item.off === undefined) item.run();
}

function actionOf({ key, altKey, ctrlKey, metaKey }: TargetedKeyboardEvent<HTMLElement>): string | null {
  if (ctrlKey || metaKey) return key.toLowerCase() === 'd' ? 'duplicate' : null;
  if (key === 'ArrowUp') return altKey ? 'up' : 'above';
  if (key === 'ArrowDown') return altKey ? 'down' : 'below';
  if (altKey) return null;
  if (key.toLowerCase() === 'm') return 'mute';
  if (key === 'F2') return 'rename';
  return key === 'Delete' || key === 'Backspace' ? 'remove' : null;
}
