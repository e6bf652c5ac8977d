import { effect } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Slot } from '../stores/feed.ts';

interface PictureProps {
  readonly slot: Slot | undefined;
  /** Size on the page in CSS pixels. */
  readonly width: number;
  readonly height: number;
}

/**
 * A canvas that holds the picture's own pixels, so that enlarging is the browser's work (`image-rendering: pixelated`)
 * and reading it back gives what the engine sent. It is drawn outside of rendering: a frame costs no diff.
 * `data-drawn` names what is drawn: `seed/class`, or the number of a step.
 */
export function Picture({ slot, width, height }: PictureProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const element = canvas.current;
    if (slot === undefined || element === null) return;
    return effect(() => {
      element.classList.toggle('is-stale', slot.stale.value);
      const picture = slot.picture.value;
      if (picture !== null) draw(element, picture.image, width);
      element.dataset.drawn = picture?.id.split(' ').at(-1) ?? '';
    });
  }, [slot, width]);
  return <canvas ref={canvas} width={1} height={1} class="picture" style={{ width, height }} />;
}

/** Puts a picture's own pixels on a canvas. @param shownWidth CSS pixels */
export function draw(element: HTMLCanvasElement, image: ImageData, shownWidth: number): void {
  if (element.width !== image.width || element.height !== image.height) {
    element.width = image.width;
    element.height = image.height;
  }
  element.getContext('2d')?.putImageData(image, 0, 0);
  // Crisp when enlarged; a picture that had to be made smaller looks better smooth.
  element.classList.toggle('is-larger', image.width > shownWidth * devicePixelRatio + 1);
}
