/** What the tests say about the Inspector page. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrameLocator, Locator } from 'playwright-core';
import { expect } from 'vitest';
import { runCli } from './harness/cli.ts';
import { DEMO_GENERATOR } from './harness/paths.ts';
import { readCanvas } from './harness/pixels.ts';

export const SIDE = 64;
const BYTES = SIDE * SIDE * 3;

export const byTestId = (page: FrameLocator, id: string): Locator => page.locator(`[data-testid="${id}"]`);

export const cell = (page: FrameLocator, index: number): Locator =>
  byTestId(page, 'grid').locator(`[data-index="${index}"]`);

/** RGB of a canvas at the generator's own resolution, [64, 64, 3]. */
export async function rgb(canvas: Locator): Promise<Buffer> {
  const { width, height, data } = await readCanvas(canvas);
  expect([width, height]).toEqual([SIDE, SIDE]);
  return Buffer.from(data.filter((_, i) => i % 4 !== 3));
}

export const cellPixels = (page: FrameLocator, index: number): Promise<Buffer> =>
  rgb(cell(page, index).locator('canvas'));

/** Waits until the grid shows this many samples and says so. */
export async function drawn(page: FrameLocator, count: number, seed: number): Promise<void> {
  const last = count === 1 ? `seed ${seed}` : `seed ${seed}–${seed + count - 1}`;
  await expect
    .poll(() => byTestId(page, 'status').innerText(), { timeout: 30_000, interval: 50 })
    .toContain(last);
  await settled(page, 'grid', count);
}

/** Waits until so many pictures are drawn in a part of the page, and each is what it should be. */
export async function settled(page: FrameLocator, part: string, count: number): Promise<void> {
  const ready = byTestId(page, part).locator('canvas:not(.is-stale)[data-drawn]:not([data-drawn=""])');
  await expect.poll(() => ready.count(), { timeout: 30_000, interval: 50 }).toBe(count);
}

/** The command line's pictures for the same request, one RGB block a sample. */
export async function cliPictures(folder: string, args: readonly string[]): Promise<Buffer[]> {
  const file = join(folder, `cli-${args.join('').replace(/\W/g, '')}.npy`);
  const result = await runCli(['sample', DEMO_GENERATOR, ...args, '--npy', file]);
  expect(result).toMatchObject({ code: 0 });
  const bytes = await readFile(file);
  const data = bytes.subarray(10 + bytes.readUInt16LE(8));
  return Array.from({ length: data.length / BYTES }, (_, i) =>
    Buffer.from(data.subarray(i * BYTES, (i + 1) * BYTES)),
  );
}

/** Chooses in one of the toolkit's dropdowns by what it says. */
export async function choose(page: FrameLocator, id: string, label: string | RegExp): Promise<void> {
  const dropdown = byTestId(page, id);
  await dropdown.click();
  await dropdown.locator('vscode-option').getByText(label, { exact: true }).first().click();
}

export async function enterSeed(page: FrameLocator, seed: number): Promise<void> {
  const input = byTestId(page, 'seed').locator('input');
  await input.fill(String(seed));
  await input.press('Enter');
}
