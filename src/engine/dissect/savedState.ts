/** A dissection that can be taken up again: the agreement pass as far as it went, on disk. */
import path from 'node:path';
import type { BestLevel } from '../../algorithms/dissection/levels.ts';
import { readArrays, type SavedArray, writeArrays } from '../runtime/arraysFile.ts';
import type { LayerWork, SavedLayer } from './layerWork.ts';

/** What it is a state of: another key is another dissection. */
export interface SavedDissection {
  readonly key: string;
  /** Images of the agreement pass that are in the counts. */
  readonly done: number;
  readonly chosen: readonly (readonly BestLevel[] | null)[];
  readonly layers: readonly SavedLayer[];
}

interface About {
  readonly key: string;
  readonly done: number;
  readonly layers: number;
  /** JSON has no infinity, which a unit without any level has: null. */
  readonly chosen: readonly (readonly (Omit<BestLevel, 'level'> & { level: number | null })[] | null)[];
}

const FIELDS = [
  'both',
  'mask',
  'concept',
  'pixels',
  'nullBoth',
  'topIndices',
  'topValues',
  'sum',
  'peak',
  'levels',
] as const satisfies readonly (keyof SavedLayer)[];

function fileIn(folder: string): string {
  return path.join(folder, 'state.bin');
}

/** @throws GenscopeError `output.notWritable`, when the disk is full for instance */
export function saveState(folder: string, key: string, done: number, works: readonly LayerWork[]): void {
  const arrays: Record<string, SavedArray> = {};
  works.forEach((work, i) => {
    const state = work.state();
    for (const field of FIELDS) arrays[`${i}/${field}`] = state[field];
  });
  const about: About = {
    key,
    done,
    layers: works.length,
    chosen: works.map(({ chosen }) =>
      chosen === null
        ? null
        : chosen.map((best) => ({ ...best, level: Number.isFinite(best.level) ? best.level : null })),
    ),
  };
  writeArrays(fileIn(folder), { about, arrays });
}

/** Null when there is none, or one of another dissection. */
export function loadState(folder: string, key: string): SavedDissection | null {
  const file = readArrays(fileIn(folder));
  const about = file?.about as About | undefined;
  if (file === null || about?.key !== key) return null;
  const layers = Array.from({ length: about.layers }, (_, i) =>
    Object.fromEntries(FIELDS.map((field) => [field, file.arrays[`${i}/${field}`]])),
  );
  return {
    key,
    done: about.done,
    chosen: about.chosen.map(
      (chosen) => chosen?.map((best) => ({ ...best, level: best.level ?? Infinity })) ?? null,
    ),
    // Written by `saveState` under this key, so the fields are those.
    layers: layers as unknown as SavedLayer[],
  };
}
