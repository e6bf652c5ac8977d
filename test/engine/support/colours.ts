/** Small segmenters that name colours, and plain pictures to show them. */
import fs from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { PictureStack } from '../../../src/engine/runtime/imageCodec.ts';
import { openSegmenter, type Segmenter } from '../../../src/engine/segmenter/segmenter.ts';
import { ROOT, temporaryFolder } from './engine.ts';

export const SMALL = path.join(ROOT, 'test', 'parity', 'segmenter', 'small');
export const COLOURS = ['red', 'green', 'blue', 'dark'];

export async function open(folder: string): Promise<Segmenter> {
  const segmenter = await openSegmenter(folder, { threads: 1 });
  onTestFinished(() => segmenter.release());
  return segmenter;
}

/** Plain pictures of one colour each. */
export function plain(
  width: number,
  height: number,
  ...colours: readonly (readonly [number, number, number])[]
): PictureStack {
  const data = new Uint8Array(colours.length * width * height * 4);
  for (const [i, colour] of colours.entries())
    for (let at = 0; at < width * height; at++) data.set([...colour, 255], (i * width * height + at) * 4);
  return { count: colours.length, width, height, data };
}

export const RED = [250, 20, 10] as const;
export const GREEN = [10, 200, 30] as const;
export const BLUE = [0, 90, 180] as const;
export const DARK = [20, 10, 30] as const;

/** The one concept of each picture. */
export async function concepts(segmenter: Segmenter, pictures: PictureStack, plane = 0): Promise<number[]> {
  const maps = await segmenter.segment(pictures, [5, 7]);
  return maps.map((map) => {
    const values = new Set(map.planes[plane]);
    expect([map.height, map.width, map.pixels, values.size]).toEqual([5, 7, 35, 1]);
    return [...values][0] as number;
  });
}

export function copyOf(name: string, change: (folder: string) => void): string {
  const folder = path.join(temporaryFolder(), name);
  fs.cpSync(path.join(SMALL, name), folder, { recursive: true });
  change(folder);
  return folder;
}

export const rewrite =
  (file: string, edit: (json: Record<string, unknown>) => unknown) => (folder: string) => {
    const target = path.join(folder, file);
    fs.writeFileSync(target, JSON.stringify(edit(JSON.parse(fs.readFileSync(target, 'utf8')))));
  };
