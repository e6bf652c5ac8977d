import { useTranslation } from '../../app/context.ts';
import { counted } from '../../model/format.ts';
import { placesOnShow, ROW_COUNTS, turned } from '../../model/translationModel.ts';
import { t } from '../../strings.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Dropdown } from '../../ui/Dropdown.tsx';
import { Menu } from '../../ui/Menu.tsx';

/** Which pictures, which page of them, and whether there is a way back. */
export function Controls() {
  const translation = useTranslation();
  const { state, setup } = translation;
  const chosen = setup.value?.inputs[state.value.way] ?? null;
  return (
    <div class="controls" role="toolbar" aria-label={t('translation.controls')}>
      {chosen !== null && <Source label={chosen.label} />}
      {chosen !== null && chosen.pictures > 0 && (
        <>
          <Pager />
          <Dropdown
            label={t('translation.count')}
            value={state.value.count}
            choices={ROW_COUNTS.map((value) => ({ value: value as number, label: String(value) }))}
            onChange={(count) => translation.setCount(count)}
            testId="rows"
          />
        </>
      )}
      <span class="controls-end">
        <Second />
      </span>
    </div>
  );
}

function Source({ label }: { label: string }) {
  const translation = useTranslation();
  return (
    <Menu
      label={label}
      name={`${t('translation.source')}: ${label}`}
      icon="folder"
      testId="source"
      items={[
        { id: 'folder', label: t('translation.folderItem'), run: () => void translation.choose('folder') },
        { id: 'files', label: t('translation.filesItem'), run: () => void translation.choose('files') },
      ]}
    />
  );
}

function Pager() {
  const translation = useTranslation();
  const state = translation.state.value;
  const found = translation.found.value;
  const places = placesOnShow(state, found);
  const from = counted(state.first + 1);
  const to = counted(state.first + places.length);
  const words = places.length === 1 ? t('translation.one', { from, found: counted(found) }) : '';
  return (
    <span class="control-group">
      <IconButton
        icon="chevronLeft"
        label={t('translation.previous')}
        disabled={turned(state, found, -1) === state.first}
        onClick={() => translation.turn(-1)}
        testId="previous-page"
      />
      <span class="pager-words" data-testid="page">
        {words || t('translation.page', { from, to, found: counted(found) })}
      </span>
      <IconButton
        icon="chevronRight"
        label={t('translation.next')}
        disabled={turned(state, found, 1) === state.first}
        onClick={() => translation.turn(1)}
        testId="next-page"
      />
    </span>
  );
}

/** Until there is one; then its menu stands beside the way it makes. */
function Second() {
  const translation = useTranslation();
  if (translation.setup.value?.second) return null;
  return (
    <Button
      icon="roundTrip"
      title={t('translation.secondHint')}
      testId="second"
      onClick={() => void translation.choose('second')}
    >
      {t('translation.second')}
    </Button>
  );
}
