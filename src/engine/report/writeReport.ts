/** A dissection's files: `dissect.json`, `units.csv` and `report.html`, all or none. */
import path from 'node:path';
import { AtomicFile, makeFolder } from '../../shared/files/atomic.ts';
import type { Dissection } from '../../shared/units/dissection.ts';
import type { Generator } from '../generator/generator.ts';
import type { LayerPlace } from '../generator/layerSession.ts';
import type { Segmenter } from '../segmenter/segmenter.ts';
import { dissectJson } from './dissectJson.ts';
import { type ReportPictures, reportPage } from './page.ts';
import { seenIn } from './seen.ts';
import { unitStrips, type WantedUnit } from './thumbnails.ts';
import { unitsCsv } from './unitsCsv.ts';

/** Units with pictures in one report: more would make a file that no browser likes to open. */
const MOST_PICTURED = 320;

export interface ReportSource {
  readonly generator: Generator;
  readonly segmenter: Segmenter;
  readonly dissection: Dissection;
  /** Of the generator: those of the dissection, in its order. */
  readonly layers: readonly LayerPlace[];
}

export interface ReportRun {
  readonly signal: AbortSignal;
  readonly progress: (done: number, total: number) => void;
}

/** `dissect.json` and `units.csv` by name. */
export function dataFiles(dissection: Dissection): Record<string, string> {
  return {
    'dissect.json': `${JSON.stringify(dissectJson(dissection))}\n`,
    'units.csv': unitsCsv(dissection),
  };
}

/** @throws GenscopeError `request.cancelled` between batches */
export async function reportFile(
  { generator, segmenter, dissection, layers }: ReportSource,
  { signal, progress }: ReportRun,
): Promise<string> {
  const wanted = picturedUnits(dissection);
  const units = dissection.layers.reduce((sum, layer) => sum + layer.units.length, 0);
  const pictures: ReportPictures = {
    strips: await unitStrips(generator, { dissection, layers }, wanted, { signal, progress }),
    seen: await seenIn(generator, segmenter, dissection, signal),
    unpictured: units - wanted.length,
  };
  return reportPage(dissection, pictures);
}

/** All of a layer's units where they are few; else interpretable ones before others, and of those the best. */
function picturedUnits({ layers }: Dissection): readonly WantedUnit[] {
  const each = Math.ceil(MOST_PICTURED / layers.length);
  return layers.flatMap(({ units }, layer) =>
    units
      .toSorted((a, b) => Number(b.interpretable) - Number(a.interpretable) || b.iou - a.iou)
      .slice(0, each)
      .map((unit) => ({ layer, unit })),
  );
}

/**
 * @returns the full paths written
 * @throws GenscopeError `output.notWritable`; what was there before is there still
 */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): string[] {
  const full = path.resolve(folder);
  makeFolder(full);
  const parts: AtomicFile[] = [];
  try {
    // All of them are whole before the first takes its place.
    for (const [name, text] of Object.entries(files)) {
      const part = new AtomicFile(path.join(full, name));
      parts.push(part);
      part.write(new TextEncoder().encode(text));
    }
    for (const part of parts) part.commit();
    return parts.map(({ file }) => file);
  } finally {
    for (const part of parts) part.abandon();
  }
}
