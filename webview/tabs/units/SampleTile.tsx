import { effect } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { ModelDescription } from '../../../src/shared/generator/model.ts';
import type { LatentKey } from '../../../src/shared/samples/latents.ts';
import { useUnits } from '../../app/context.ts';
import { sampleLabel } from '../../model/format.ts';
import type { Size } from '../../model/layout.ts';
import { enlarged, heat, outline, segments } from '../../model/overlays.ts';
import { sameKey } from '../../model/samplesModel.ts';
import type { UnitsStore } from '../../stores/units.ts';
import { EditedPicture, type Shown } from './edits/EditedPicture.tsx';
import { RegionOverlay } from './edits/RegionOverlay.tsx';

/** The cell of the layer's grid that the keyboard points at in a sample. */
export interface Cursor {
  readonly index: number;
  readonly row: number;
  readonly column: number;
}

interface SampleTileProps {
  readonly index: number;
  readonly sample: LatentKey;
  readonly model: ModelDescription;
  /** Of one picture; a tile may show several side by side. */
  readonly cell: Size;
  readonly shown: readonly (Shown | undefined)[];
  readonly selected: boolean;
  readonly focused: boolean;
  readonly cursor: Cursor | null;
  /** Cells of the layer's maps: height, width. */
  readonly grid: readonly [number, number];
}

/** Finer than this nobody sees an overlay, and sixteen of them take long to draw. */
const FINEST = 320;

export function SampleTile({
  index,
  sample,
  model,
  cell,
  shown,
  selected,
  focused,
  cursor,
  grid,
}: SampleTileProps) {
  const units = useUnits();
  const { overlay } = units.state.value;
  const place = units.ranking.place.value;
  const here = place !== null && sameKey(place.sample, sample) ? place : null;
  const grey = overlay === 'heat' || overlay === 'segmentation';
  const label = sampleLabel(model, sample);
  const [rows, columns] = grid;
  return (
    <div
      class={`tile${selected ? ' is-selected' : ''}${grey ? ' is-grey' : ''}`}
      role="option"
      aria-selected={selected}
      aria-label={label}
      title={label}
      tabIndex={focused ? 0 : -1}
      data-index={index}
    >
      {shown.map((one, i) => (
        <span class="tile-part" key={i}>
          <EditedPicture index={index} width={cell.width} height={cell.height} {...(one && { shown: one })} />
          {i === 0 && <Overlay index={index} cell={cell} units={units} />}
          {i === 0 && <RegionOverlay index={index} size={cell} />}
        </span>
      ))}
      {here && (
        <span
          class="tile-place"
          style={{ left: `${here.x * cell.width}px`, top: `${here.y * cell.height}px` }}
        />
      )}
      {cursor && (
        <span
          class="tile-cursor"
          data-testid="rank-cursor"
          style={{
            left: `${(cursor.column / columns) * cell.width}px`,
            top: `${(cursor.row / rows) * cell.height}px`,
            width: `${cell.width / columns}px`,
            height: `${cell.height / rows}px`,
          }}
        />
      )}
    </div>
  );
}

/** Drawn outside of rendering; the overlay of the unit before stays until the new one is there. */
function Overlay({ index, cell, units }: { index: number; cell: Size; units: UnitsStore }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width, height } = cell;
  useLayoutEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    return effect(() => {
      const scale = Math.min(devicePixelRatio, FINEST / Math.max(width, height));
      const size = {
        width: Math.max(1, Math.round(width * scale)),
        height: Math.max(1, Math.round(height * scale)),
      };
      const pixels = pixelsOf(units, index, size);
      [element.width, element.height] = [size.width, size.height];
      if (pixels !== null)
        element.getContext('2d')?.putImageData(new ImageData(pixels, size.width, size.height), 0, 0);
      element.dataset.overlay = pixels === null ? '' : units.state.value.overlay;
    });
  }, [index, width, height, units]);
  return <canvas ref={canvas} class="tile-overlay" width={1} height={1} style={{ width, height }} />;
}

function pixelsOf(
  units: UnitsStore,
  index: number,
  { width, height }: Size,
): Uint8ClampedArray<ArrayBuffer> | null {
  const { overlay } = units.state.value;
  if (overlay === 'none') return null;
  if (overlay === 'segmentation') {
    const seen = units.overlays.segments.value?.segments;
    if (seen === undefined) return null;
    const size = seen.width * seen.height;
    return segments(seen.labels.subarray(index * size, (index + 1) * size), seen, width, height);
  }
  const map = units.overlays.maps.value?.maps[index];
  const row = units.focused.value;
  if (map === undefined || row === null) return null;
  const values = enlarged(map, width, height);
  return overlay === 'heat' ? heat(values, row.peak) : outline(values, width, row.level);
}
