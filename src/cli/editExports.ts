/** What `genscope edit` writes besides a model and samples: pairs of pictures, an animation of a sweep, Python. */
import path from 'node:path';
import { editCode } from '../engine/edits/editCode.ts';
import { encodeSweep } from '../engine/edits/encodeSweep.ts';
import { exportPairs } from '../engine/edits/exportPairs.ts';
import type { Models } from '../engine/models/models.ts';
import type { Edit } from '../shared/edits/edits.ts';
import type { EditCodeParams } from '../shared/edits/interventions.ts';
import { writeFileAtomic } from '../shared/files/atomic.ts';
import { planCount } from '../shared/samples/latents.ts';
import { badOption, someNumber, wholeNumber } from './options.ts';
import { type SampleValues, samplePlan } from './samplePlan.ts';
import { prepare } from './sampleWriters.ts';
import { progressBar } from './terminal.ts';

export const EXPORT_OPTIONS = {
  pairs: { type: 'string' },
  sweep: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  frames: { type: 'string' },
  code: { type: 'string' },
} as const;

type Values = SampleValues & { readonly [K in keyof typeof EXPORT_OPTIONS]?: string | undefined };

interface Means {
  readonly models: Models;
  readonly signal: AbortSignal;
}

const FRAMES_PER_SECOND = 12;
const SWEEP_SIDE = 256;

/** @throws GenscopeError `input.invalid` before any work */
export function checkExports({ sweep, from, to, frames }: Values): void {
  if ([from, to, frames].some((value) => value !== undefined) && sweep === undefined)
    throw badOption('--from, --to and --frames go with --sweep.');
  if (sweep !== undefined && formatOf(sweep) === null) throw badOption('--sweep takes a .gif or .webp file.');
}

/** @returns the files and folders written */
export async function writeExports(
  edits: readonly Edit[],
  model: string,
  values: Values,
  means: Means,
): Promise<string[]> {
  const { pairs, sweep, code } = values;
  if (pairs === undefined && sweep === undefined && code === undefined) return [];
  const generator = await means.models.generator({ path: model });
  const about = { model: { path: path.resolve(model) }, edits, plan: samplePlan(generator, values, []) };
  const written: string[] = [];
  if (pairs !== undefined) written.push(await writePairs(about, pairs, means));
  if (sweep !== undefined) written.push(await writeSweep(about, sweep, values, means));
  if (code !== undefined) {
    const { text } = await editCode(about, { ...means, report: () => undefined });
    written.push(write(code, text));
  }
  return written;
}

async function writePairs(about: EditCodeParams, pairs: string, means: Means): Promise<string> {
  const bar = progressBar('pairs');
  try {
    const params = { ...about, folder: path.resolve(pairs) };
    return (await exportPairs(params, { ...means, report: bar.update })).folder;
  } finally {
    bar.end();
  }
}

/** All edits are swept together. */
async function writeSweep(
  about: EditCodeParams,
  sweep: string,
  values: Values,
  means: Means,
): Promise<string> {
  const count = planCount(about.plan);
  const bar = progressBar('sweep');
  try {
    const { bytes } = await encodeSweep(
      {
        ...{ ...about, swept: about.edits.map(({ id }) => id), format: formatOf(sweep) ?? 'gif' },
        from: someNumber(values.from, 'from', 0),
        to: someNumber(values.to, 'to', 1),
        steps: wholeNumber(values.frames, 'frames', 24, 2, 1000),
        columns: wholeNumber(values.columns, 'columns', Math.ceil(Math.sqrt(count)), 1, 10_000),
        ...{ framesPerSecond: FRAMES_PER_SECOND, minSide: SWEEP_SIDE },
      },
      { ...means, report: bar.update },
    );
    return write(sweep, bytes);
  } finally {
    bar.end();
  }
}

function formatOf(file: string): 'gif' | 'webp' | null {
  const extension = path.extname(file).toLowerCase();
  return extension === '.gif' ? 'gif' : extension === '.webp' ? 'webp' : null;
}

function write(file: string, content: string | Uint8Array): string {
  const full = prepare(file);
  writeFileAtomic(full, content);
  return full;
}
