import type { TargetedPointerEvent } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { LatentKey } from '../../../../src/shared/samples/latents.ts';
import { useEdits, useModel, useSamples, useSession } from '../../../app/context.ts';
import { sampleLabel } from '../../../model/format.ts';
import { cellSize, largeSize, type Size } from '../../../model/layout.ts';
import { keyId } from '../../../model/samplesModel.ts';
import { t } from '../../../strings.ts';
import { useSize } from '../../../ui/useSize.ts';
import { EditedPicture } from './EditedPicture.tsx';
import { PaintBar } from './PaintBar.tsx';
import { paintByKey } from './paintKeys.ts';
import { RegionOverlay } from './RegionOverlay.tsx';

/** The picture never takes more of the page's height than this, in CSS pixels. */
const TALLEST = 384;
const STRIP = 48;

/** One sample, large, to paint on; the others below it, each a place to go to. */
export function PaintStage() {
  const samples = useSamples();
  const edits = useEdits();
  const room = useRef<HTMLDivElement>(null);
  const size = useSize(room);
  const model = useModel();
  const keys = samples.keys.value;
  const index = Math.min(samples.focus.value, keys.length - 1);
  const key = keys[index];
  const area = { width: size?.width ?? 0, height: TALLEST };
  const large = size === null ? null : largeSize(area, model.image, samples.ratio.value);
  useEffect(() => () => edits.brush.cancel(), [edits]);
  return (
    <div class="paint" ref={room} data-testid="paint">
      <PaintBar />
      <div class="paint-body">
        {key !== undefined && large !== null && <Canvas index={index} sample={key} size={large} />}
        <Strip index={index} />
      </div>
    </div>
  );
}

interface CanvasProps {
  readonly index: number;
  readonly sample: LatentKey;
  readonly size: Size;
}

function Canvas({ index, sample, size }: CanvasProps) {
  const edits = useEdits();
  const session = useSession();
  const model = useModel();
  const place = useRef<HTMLDivElement>(null);
  const { brush } = edits;
  const [rows, columns] = brush.layer.value?.resolution ?? [1, 1];
  const label = t('paint.canvas', { sample: sampleLabel(model, sample) });
  useEffect(() => place.current?.focus({ preventScroll: true }), []);
  const at = (event: TargetedPointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    return {
      x: ((event.clientX - box.left) / box.width) * columns,
      y: ((event.clientY - box.top) / box.height) * rows,
    };
  };
  return (
    <div
      class="paint-canvas"
      role="application"
      aria-label={label}
      aria-description={t('paint.keys')}
      title={t('paint.keys')}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: an application of its own, with keys to paint by.
      tabIndex={0}
      ref={place}
      style={{ width: `${size.width}px`, height: `${size.height}px` }}
      data-testid="paint-canvas"
      data-key={keyId(sample)}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        brush.cursor.value = null;
        brush.finish();
        brush.begin(sample, at(event));
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) brush.moveTo(at(event));
      }}
      onPointerUp={() => brush.end()}
      onPointerCancel={() => brush.cancel()}
      onKeyDown={(event) => {
        const said = paintByKey(event, brush, sample, [rows, columns]);
        if (said === null) return;
        event.preventDefault();
        event.stopPropagation();
        if (said !== '') session.say(said);
      }}
    >
      <EditedPicture index={index} width={size.width} height={size.height} />
      <RegionOverlay index={index} size={size} />
      <Cell rows={rows} columns={columns} />
    </div>
  );
}

/** The cell that the keyboard paints, as large as the brush is. */
function Cell({ rows, columns }: { readonly rows: number; readonly columns: number }) {
  const { brush } = useEdits();
  const cursor = brush.cursor.value;
  if (cursor === null) return null;
  return (
    <span
      class="tile-cursor"
      data-testid="paint-cursor"
      style={{
        left: `${(cursor.column / columns) * 100}%`,
        top: `${(cursor.row / rows) * 100}%`,
        width: `${100 / columns}%`,
        height: `${100 / rows}%`,
      }}
    />
  );
}

function Strip({ index }: { readonly index: number }) {
  const samples = useSamples();
  const { brush } = useEdits();
  const model = useModel();
  const { width, height } = cellSize(STRIP, model.image);
  return (
    <nav class="strip paint-strip" aria-label={t('paint.strip')}>
      {samples.keys.value.map((key, i) => (
        <button
          type="button"
          key={i}
          class={i === index ? 'strip-item is-current' : 'strip-item'}
          aria-current={i === index}
          aria-label={sampleLabel(model, key)}
          title={sampleLabel(model, key)}
          onClick={() => {
            brush.finish();
            samples.focus.value = i;
          }}
        >
          <EditedPicture index={i} width={width} height={height} />
        </button>
      ))}
    </nav>
  );
}
