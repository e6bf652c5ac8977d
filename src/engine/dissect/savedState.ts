/** A dissection that can be taken up again: the pass it is in, as far as it went, on disk. */
import path from 'node:path';
import type { DissectProgress, LevelMode } from '../../shared/units/dissection.ts';
import { readArrays, type SavedArray, writeArrays } from '../files/arraysFile.ts';
import type { LayerWork, SavedCounts } from './layerWork.ts';
import type { AboutLevels, SavedLevels } from './levelWork.ts';

export type Phase = DissectProgress['phase'];

/** What it is a state of: another key is another dissection. */
export interface SavedDissection {
  readonly phase: Phase;
  /** Images of this pass that are in the counts. */
  readonly done: number;
  readonly layers: readonly { readonly levels: SavedLevels; readonly counts: SavedCounts | undefined }[];
}

interface About {
  readonly key: string;
  readonly phase: Phase;
  readonly done: number;
  readonly levels: readonly AboutLevels[];
}

const COUNTS = [
  'both',
  'mask',
  'concept',
  'pixels',
  'nullBoth',
  'topIndices',
  'topValues',
  'sum',
  'peak',
] as const satisfies readonly (keyof SavedCounts)[];

function fileIn(folder: string): string {
  return path.join(folder, 'state.bin');
}

/** @throws GenscopeError `output.notWritable`, when the disk is full for instance */
export function saveState(
  { folder, key }: { readonly folder: string; readonly key: string },
  phase: Phase,
  done: number,
  works: readonly LayerWork[],
): void {
  const arrays: Record<string, SavedArray> = {};
  const levels = works.map((work, i) => {
    const level = work.level.state();
    for (const [name, array] of Object.entries(level.arrays)) arrays[`${i}/level/${name}`] = array;
    // Before agreement is counted there is nothing but zeros.
    if (phase === 'agreement') {
      const counts = work.state();
      for (const field of COUNTS) arrays[`${i}/${field}`] = counts[field];
    }
    return level.about;
  });
  const about: About = { key, phase, done, levels };
  writeArrays(fileIn(folder), { about, arrays });
}

/**
 * Null when there is none, or one of another dissection.
 * @param damaged is called for one that cannot be taken up again, with its new name
 */
export function loadState(
  { folder, key }: { readonly folder: string; readonly key: string },
  damaged: (setAside: string) => void,
): SavedDissection | null {
  const file = readArrays(fileIn(folder));
  if (file !== null && 'damaged' in file) {
    damaged(file.damaged);
    return null;
  }
  const about = file?.about as About | undefined;
  if (file === null || about?.key !== key) return null;
  const { phase, done } = about;
  const layers = about.levels.map((level, i) => {
    const counts = COUNTS.map((field) => [field, file.arrays[`${i}/${field}`]]);
    return {
      levels: { about: level, arrays: below(`${i}/level/`, file.arrays) },
      // Written by `saveState` under this key, so the fields are those.
      counts: phase === 'agreement' ? (Object.fromEntries(counts) as unknown as SavedCounts) : undefined,
    };
  });
  return { phase, done, layers };
}

/** Takes the levels of a saved dissection up again. */
export function restoreLevels(works: readonly LayerWork[], saved: SavedDissection, mode: LevelMode): void {
  saved.layers.forEach(({ levels }, i) => {
    works[i]?.level.restore(levels, mode);
  });
}

function below(prefix: string, arrays: Readonly<Record<string, SavedArray>>): Record<string, SavedArray> {
  const own = Object.entries(arrays).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(own.map(([name, array]) => [name.slice(prefix.length), array]));
}
