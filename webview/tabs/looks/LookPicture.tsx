import { effect } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { useLooks, useModel } from '../../app/context.ts';
import type { LookPictureOf } from '../../stores/lookPictures.ts';
import { draw } from '../../ui/Picture.tsx';

interface LookPictureProps {
  readonly picture: LookPictureOf;
  /** Longest side in CSS pixels. */
  readonly side: number;
  /** What it shows, aloud and as a tooltip. */
  readonly label: string;
  /** The side that it was asked for at, where the same picture is also shown larger. */
  readonly source?: number;
  /** In words below it. */
  readonly caption?: string | undefined;
}

/** One picture of an answer. What it showed before stays until the new one is there. */
export function LookPicture({ picture, side, label, caption, source: askedAt = side }: LookPictureProps) {
  const { pictures } = useLooks();
  const { image } = useModel();
  const canvas = useRef<HTMLCanvasElement>(null);
  const longest = Math.max(image.width, image.height);
  const [width, height] = [(side * image.width) / longest, (side * image.height) / longest];
  const source = pictures.of(picture, sidePixels(askedAt));
  useLayoutEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    return effect(() => {
      const pixels = source.value;
      if (pixels !== null) draw(element, pixels, width);
      element.dataset.drawn = pixels === null ? '' : String(picture.place);
    });
  }, [source, width, picture.place]);
  return (
    <figure class="look-picture" style={{ width }}>
      <canvas
        ref={canvas}
        class="picture"
        role="img"
        aria-label={label}
        title={label}
        width={1}
        height={1}
        style={{ width, height }}
      />
      {caption !== undefined && <figcaption class="quiet">{caption}</figcaption>}
    </figure>
  );
}

/** Device pixels that a picture of this side is asked for at. */
function sidePixels(side: number): number {
  return Math.ceil(side * devicePixelRatio);
}

/** Has the pictures asked for, in this order. */
export function useLookPictures(wanted: readonly LookPictureOf[], side: number): void {
  const { pictures } = useLooks();
  const { stamp } = useModel();
  const key = JSON.stringify(wanted);
  useLayoutEffect(() => {
    pictures.want(wanted, sidePixels(side));
    void [key, stamp];
  }, [pictures, key, side, stamp]);
}
