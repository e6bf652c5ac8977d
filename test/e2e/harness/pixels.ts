/** What a canvas shows, as numbers. */
import type { Locator } from 'playwright-core';

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** RGBA, [height, width, 4], 0–255. */
  readonly data: Uint8Array;
}

/** Reads a canvas back at its own resolution, whatever kind of context drew it. Throws when it is 0 × 0. */
export async function readCanvas(canvas: Locator): Promise<Pixels> {
  const { width, height, base64 } = await canvas.evaluate((element) => {
    const source = element as HTMLCanvasElement;
    // A copy: a canvas with a WebGL or bitmap context gives out no 2D context of its own.
    const context = new OffscreenCanvas(source.width, source.height).getContext('2d', {
      willReadFrequently: true,
    });
    if (!context) throw new Error('no 2D context');
    context.drawImage(source, 0, 0);
    const { data } = context.getImageData(0, 0, source.width, source.height);
    // As text: an array of numbers would travel as JSON, ten times as large.
    let binary = '';
    for (let start = 0; start < data.length; start += 0x8000) {
      binary += String.fromCharCode(...data.subarray(start, start + 0x8000));
    }
    return { width: source.width, height: source.height, base64: btoa(binary) };
  });
  return { width, height, data: new Uint8Array(Buffer.from(base64, 'base64')) };
}
