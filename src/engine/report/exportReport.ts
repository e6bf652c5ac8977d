/** `exportReport`: a finished dissection as files for people and for programs. */
import path from 'node:path';
import { readSealed } from '../../shared/files/sealed.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { ExportReportParams, WorkProgress } from '../../shared/protocol.ts';
import type { Dissection } from '../../shared/units/dissection.ts';
import { workProgress } from '../kernel/progress.ts';
import type { TaskContext } from '../models/context.ts';
import { layersIn } from '../open/layers.ts';
import { hashModel } from '../open/modelFile.ts';
import { dataFiles, reportFile, writeFiles } from './writeReport.ts';

/** @throws GenscopeError `model.changed` when the pictures would be those of another model or segmenter */
export async function exportReport(
  params: ExportReportParams,
  { models, signal, report }: TaskContext<WorkProgress>,
): Promise<{ files: readonly string[] }> {
  const dissection = readDissection(params.dissection);
  const generator = await models.generator(params.model);
  const sha256 = await hashModel(generator.file, signal);
  if (sha256 !== dissection.model.sha256) throw another(generator.fileName);
  const segmenter = await models.segmenter(params.segmenter);
  if (segmenter.description.sha256 !== dissection.segmenter.sha256) throw another(segmenter.description.name);
  const found = await layersIn(generator);
  const layers = dissection.layers.map(({ tensor }) => found.named(tensor));
  // A version that took rows for units may have kept it.
  if (dissection.layers.some(({ units }, i) => units.length !== layers[i]?.units))
    throw another(generator.fileName);
  let progress: ((done: number) => void) | null = null;
  const page = await reportFile(
    { generator, segmenter, dissection, layers },
    {
      signal,
      progress: (done, total) => {
        progress ??= workProgress(total, report);
        progress(done);
      },
    },
  );
  return { files: writeFiles(params.folder, { ...dataFiles(dissection), 'report.html': page }) };
}

function readDissection(file: string): Dissection {
  const kept = readSealed(file);
  if (kept.state === 'absent') throw noDissection(file, 'It is not there.');
  if (kept.state === 'damaged') throw noDissection(file, 'It is damaged, or something else.');
  if ((kept.value as { schema?: unknown } | null)?.schema !== 1)
    throw noDissection(file, 'It has another form.');
  // Written by the task `dissect`, whose form has that number.
  return kept.value as Dissection;
}

function noDissection(file: string, detail: string): GenscopeError {
  const says = `${path.basename(file)} is not a dissection that can be read.`;
  return new GenscopeError('input.invalid', says, 'Dissect the model again.', { detail });
}

function another(name: string): GenscopeError {
  return new GenscopeError(
    'model.changed',
    `${name} is not what was dissected: it has changed since.`,
    'Dissect again, and export that report.',
    { next: ['retry'] },
  );
}
