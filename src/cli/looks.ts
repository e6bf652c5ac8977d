/** What `genscope neighbours`, `modes` and `duplicates` have in common. */
import { pictureSheet } from '../engine/checks/sheet.ts';
import type { Models } from '../engine/models/models.ts';
import { encodePng, type PictureStack } from '../engine/runtime/imageCodec.ts';
import { writeFileAtomic } from '../shared/files/atomic.ts';
import { badOption } from './options.ts';
import { type ScoringValues, scoreBars, scoringModels } from './scoring.ts';
import { say } from './terminal.ts';

export interface Looking {
  readonly models: Models;
  readonly bars: ReturnType<typeof scoreBars>;
}

/** Models that are let go, and bars that end, whatever happens. */
export async function looking(
  values: ScoringValues,
  work: (looking: Looking) => Promise<void>,
): Promise<void> {
  const models = scoringModels(values);
  const bars = scoreBars();
  try {
    await work({ models, bars });
  } finally {
    bars.end();
    await models.releaseAll();
  }
}

export function requirePng(out: string | undefined): void {
  if (out !== undefined && !out.endsWith('.png')) throw badOption('--out takes a .png.');
}

/** @throws GenscopeError `output.notWritable` */
export async function writeSheet(
  out: string,
  rows: readonly (readonly PictureStack[])[],
  groups: readonly number[],
  what: string,
): Promise<void> {
  writeFileAtomic(out, await encodePng(await pictureSheet(rows, groups)));
  say(`${what}: ${out}\n`);
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
