import { effect } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { useEdits, useSamples } from '../../../app/context.ts';
import type { Size } from '../../../model/layout.ts';
import { enlarged, outline } from '../../../model/overlays.ts';
import { sameKey } from '../../../model/samplesModel.ts';

/** Where half of the edit holds. */
const EDGE = 0.5;
/** Finer than this nobody sees a contour, and it takes long to draw. */
const FINEST = 360;

/** The outline of what was painted, over a sample; drawn outside of rendering. */
export function RegionOverlay({ index, size }: { readonly index: number; readonly size: Size }) {
  const edits = useEdits();
  const samples = useSamples();
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width, height } = size;
  useLayoutEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    return effect(() => {
      const shown = edits.brush.shown.value;
      const key = samples.keys.value[index];
      const here = shown?.samples?.some((other) => key !== undefined && sameKey(other, key)) ?? true;
      const region = shown !== null && here && !edits.peeking.value ? shown.region : null;
      element.dataset.region = region === null ? '' : 'shown';
      if (region === null) {
        [element.width, element.height] = [1, 1];
        return;
      }
      const scale = Math.min(devicePixelRatio, FINEST / Math.max(width, height));
      const [w, h] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
      const map = { values: Float32Array.from(region.weights), width: region.width, height: region.height };
      [element.width, element.height] = [w, h];
      const pixels = outline(enlarged(map, w, h), w, EDGE, 0);
      element.getContext('2d')?.putImageData(new ImageData(pixels, w, h), 0, 0);
    });
  }, [index, width, height, edits, samples]);
  return <canvas ref={canvas} class="region-overlay" width={1} height={1} style={{ width, height }} />;
}
