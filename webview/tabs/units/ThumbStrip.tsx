import { effect, type Signal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Size } from '../../model/layout.ts';
import { enlarged, outline } from '../../model/overlays.ts';
import type { UnitRow } from '../../model/unitsModel.ts';
import type { Thumb } from '../../stores/thumbs.ts';
import { THUMB_GAP } from './tableLayout.ts';

interface ThumbStripProps {
  readonly slot: Signal<readonly Thumb[] | null>;
  readonly row: UnitRow;
  /** CSS pixels. */
  readonly thumb: Size;
  readonly count: number;
}

/** Dimmed outside of the mask: enough to tell it apart, not so much that the rest of the picture is lost. */
const DIM = 85;

/** The samples that drive a unit hardest in one canvas, each with the unit's mask outlined. Drawn outside of rendering. */
export function ThumbStrip({ slot, row, thumb, count }: ThumbStripProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { level } = row;
  const { width, height } = thumb;
  const whole = Math.max(1, count * (width + THUMB_GAP) - THUMB_GAP);
  useLayoutEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    return effect(() => {
      const thumbs = slot.value;
      draw(element, thumbs ?? [], { width, height }, whole, level);
      element.dataset.drawn = thumbs === null ? '' : String(thumbs.length);
    });
  }, [slot, level, width, height, whole]);
  return (
    <canvas
      ref={canvas}
      class="thumb-strip"
      width={1}
      height={1}
      style={{ width: `${whole}px`, height: `${height}px` }}
    />
  );
}

function draw(
  element: HTMLCanvasElement,
  thumbs: readonly Thumb[],
  size: Size,
  whole: number,
  level: number,
): void {
  const ratio = devicePixelRatio;
  element.width = Math.round(whole * ratio);
  element.height = Math.round(size.height * ratio);
  const context = element.getContext('2d');
  if (context === null) return;
  const width = Math.round(size.width * ratio);
  const height = element.height;
  const scratch = new OffscreenCanvas(1, 1);
  const pen = scratch.getContext('2d');
  thumbs.forEach(({ image, map }, i) => {
    const x = Math.round(i * (size.width + THUMB_GAP) * ratio);
    if (pen === null || x + width > element.width + 1) return;
    [scratch.width, scratch.height] = [image.width, image.height];
    pen.putImageData(image, 0, 0);
    context.imageSmoothingEnabled = image.width > width;
    context.drawImage(scratch, x, 0, width, height);
    [scratch.width, scratch.height] = [width, height];
    const mask = outline(enlarged(map, width, height), width, level, DIM);
    pen.putImageData(new ImageData(mask, width, height), 0, 0);
    context.drawImage(scratch, x, 0);
  });
}
