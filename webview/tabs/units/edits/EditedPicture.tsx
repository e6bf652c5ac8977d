import { effect } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { useEdits, useSamples } from '../../../app/context.ts';
import { differenceOf } from '../../../model/difference.ts';
import type { EditsStore } from '../../../stores/edits.ts';
import type { Picture } from '../../../stores/frames.ts';
import type { SamplesStore } from '../../../stores/samples.ts';
import { draw } from '../../../ui/Picture.tsx';

export type Shown = 'before' | 'after' | 'difference';

interface EditedPictureProps {
  /** Place among the samples on show. */
  readonly index: number;
  /** Size on the page in CSS pixels. */
  readonly width: number;
  readonly height: number;
  /** What of it; else what the view says, and the person who holds the key to see what was before. */
  readonly shown?: Shown;
}

/**
 * A sample under the edits. As `Picture` it holds the picture's own pixels and is drawn outside of rendering: a slider
 * that moves costs no diff. `data-shown` says which picture it is, `data-drawn` of which sample.
 */
export function EditedPicture({ index, width, height, shown }: EditedPictureProps) {
  const edits = useEdits();
  const samples = useSamples();
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const seen = () => shown ?? shownNow(edits);
    // Two effects: a slider marks every picture as old with each event, and that alone is no reason to draw it again.
    const stopMarking = effect(() => {
      element.classList.toggle('is-stale', isStale(seen(), index, edits, samples));
    });
    const stopDrawing = effect(() => {
      const now = seen();
      const { picture, image } = pictureOf(now, index, edits, samples);
      if (image !== null) draw(element, image, width);
      element.dataset.drawn = picture?.id.split(' ').at(-1) ?? '';
      element.dataset.shown = now;
    });
    return () => {
      stopMarking();
      stopDrawing();
    };
  }, [index, width, shown, edits, samples]);
  return <canvas ref={canvas} width={1} height={1} class="picture" style={{ width, height }} />;
}

function shownNow({ view, peeking }: EditsStore): Shown {
  const chosen = view.value;
  if (chosen === 'sideBySide') return 'after';
  return peeking.value ? 'before' : chosen;
}

interface Found {
  readonly picture: Picture | null;
  readonly image: ImageData | null;
}

function pictureOf(shown: Shown, index: number, edits: EditsStore, samples: SamplesStore): Found {
  const original = samples.grid.slots.value[index]?.picture.value ?? null;
  if (shown === 'before') return { picture: original, image: original?.image ?? null };
  const changed = edits.pictures.feed.slots.value[index]?.picture.value ?? null;
  if (shown === 'after') {
    // Until the first one comes, what was before stands in, and is marked as such.
    const picture = changed ?? original;
    return { picture, image: picture?.image ?? null };
  }
  const image = original && changed && difference(original.image, changed.image);
  return { picture: image && changed, image };
}

function isStale(shown: Shown, index: number, edits: EditsStore, samples: SamplesStore): boolean {
  const before = samples.grid.slots.value[index];
  if (shown === 'before') return before?.stale.value ?? false;
  const after = edits.pictures.feed.slots.value[index];
  const old = after === undefined || after.picture.value === null || after.stale.value;
  return shown === 'after' ? old : old || (before?.stale.value ?? true);
}

function difference(before: ImageData, after: ImageData): ImageData | null {
  if (before.width !== after.width || before.height !== after.height) return null;
  return new ImageData(differenceOf(before.data, after.data), after.width, after.height);
}
