import { useEffect, useRef } from 'preact/hooks';
import { useModel, useSamples } from '../../app/context.ts';
import { counted } from '../../model/format.ts';
import { cellSide, cellSize, GAP } from '../../model/layout.ts';
import { isBilinear, isTooLong, MAX_FRAMES, pathSteps, SIDES, STEPS } from '../../model/samplesModel.ts';
import { t } from '../../strings.ts';
import { IconButton } from '../../ui/Button.tsx';
import { Checkbox } from '../../ui/Checkbox.tsx';
import { Dropdown } from '../../ui/Dropdown.tsx';
import { Picture } from '../../ui/Picture.tsx';
import { useSize } from '../../ui/useSize.ts';
import { Player } from './Player.tsx';

/** Between the selected samples: a path to play, or a grid between four corners. */
export function Walk() {
  const samples = useSamples();
  const view = useRef<HTMLDivElement>(null);
  useEffect(() => view.current?.focus(), []);
  const bilinear = isBilinear(samples.state.value);
  const tooLong = isTooLong(samples.state.value);
  return (
    <section
      class="walk"
      aria-label={t('walk.label')}
      tabIndex={-1}
      ref={view}
      data-testid="walk"
      data-shape={bilinear ? 'grid' : 'path'}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.defaultPrevented) return;
        samples.backToGrid();
      }}
    >
      <WalkBar bilinear={bilinear} />
      {tooLong ? <TooLong /> : bilinear ? <BilinearGrid /> : <Player />}
    </section>
  );
}

function WalkBar({ bilinear }: { bilinear: boolean }) {
  const samples = useSamples();
  const { selection, shape, method, steps, loop, gridSide } = samples.state.value;
  return (
    <div class="view-bar">
      <IconButton
        icon="arrowLeft"
        label={t('interpolate.back')}
        onClick={() => samples.backToGrid()}
        testId="back"
      />
      {selection.length === 4 && (
        <Dropdown
          label={t('walk.shape')}
          value={shape}
          choices={[
            { value: 'grid', label: t('walk.grid') },
            { value: 'path', label: t('walk.path') },
          ]}
          onChange={(next) => samples.update({ shape: next })}
          testId="walk-shape"
        />
      )}
      <Dropdown
        label={t('walk.method')}
        title={t('walk.methodHint')}
        value={method}
        choices={[
          { value: 'slerp', label: t('walk.slerp') },
          { value: 'lerp', label: t('walk.lerp') },
        ]}
        onChange={(next) => samples.update({ method: next })}
        testId="walk-method"
      />
      {bilinear ? (
        <Dropdown
          label={t('walk.side')}
          value={gridSide}
          choices={SIDES.map((side) => ({ value: side as number, label: `${side}×${side}` }))}
          onChange={(next) => samples.update({ gridSide: next })}
          testId="walk-side"
        />
      ) : (
        <>
          <Dropdown
            label={t('walk.steps')}
            value={steps}
            choices={STEPS.map((count) => ({ value: count as number, label: String(count) }))}
            onChange={(next) => samples.update({ steps: next })}
            testId="walk-steps"
          />
          <Checkbox
            label={t('walk.loop')}
            title={t('walk.loopHint')}
            checked={loop}
            onChange={(next) => samples.update({ loop: next })}
            testId="walk-loop"
          />
        </>
      )}
    </div>
  );
}

function TooLong() {
  const state = useSamples().state.value;
  const steps = counted(pathSteps(state));
  const count = state.selection.length;
  return (
    <p class="walk-too-long" role="status" data-testid="walk-too-long">
      {t('walk.tooLong', { steps, count, most: counted(MAX_FRAMES) })}
    </p>
  );
}

function BilinearGrid() {
  const samples = useSamples();
  const model = useModel();
  const place = useRef<HTMLDivElement>(null);
  const room = useSize(place);
  const side = samples.state.value.gridSide;
  const slots = samples.walk.slots.value;
  // The corners decide the shape: as many columns as rows, so the shorter way decides the size.
  const asked = room && {
    width: Math.min(room.width, (room.height * model.image.width) / model.image.height),
    height: room.height,
  };
  const longest = asked === null ? 0 : cellSide(0, asked, side * side, model.image, samples.ratio.value);
  const { width, height } = cellSize(longest, model.image);
  return (
    <div class="walk-place" ref={place}>
      <ul
        class="walk-grid"
        style={{ gridTemplateColumns: `repeat(${side}, ${width}px)`, gap: `${GAP}px` }}
        data-testid="walk-grid"
      >
        {Array.from({ length: side * side }, (_, i) => {
          const row = Math.floor(i / side);
          const column = i % side;
          const corner = (row === 0 || row === side - 1) && (column === 0 || column === side - 1);
          const label = t('walk.cell', { row: row + 1, column: column + 1 });
          const number = (row > 0 ? 2 : 0) + (column > 0 ? 1 : 0) + 1;
          return (
            <li key={i} class="walk-cell" title={label}>
              <span class="visually-hidden">{label}</span>
              <Picture slot={slots[i]} {...{ width, height }} />
              {corner && (
                <span class="badge" aria-hidden="true">
                  {number}
                </span>
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
