/** *Export Report*: asks where, and has the jobs' process write it; pictures are drawn again for it. */
import path from 'node:path';
import * as vscode from 'vscode';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { Services } from '../services.ts';
import { freshFolder, home, safeName } from './places.ts';

interface Source {
  /** `dissection.json` in the cache. */
  readonly dissection: string;
  /** The folder of the segmenter that it was found with. */
  readonly segmenter: string;
}

export async function exportReport(
  services: Services,
  model: vscode.Uri,
  { dissection, segmenter }: Source,
): Promise<{ place: string | null }> {
  const [parent] =
    (await vscode.window.showOpenDialog({
      canSelectFiles: false,
      canSelectFolders: true,
      canSelectMany: false,
      defaultUri: home(services, model),
      title: vscode.l10n.t('Export Report'),
      openLabel: vscode.l10n.t('Export Report Here'),
    })) ?? [];
  if (!parent) return { place: null };
  if (parent.scheme !== 'file') throw notHere();
  const name = safeName(`${path.posix.parse(model.path).name}-dissection`);
  const folder = await freshFolder(parent, name);
  const params = { model: services.sidecars.modelRef(model), dissection, segmenter, folder };
  services.jobs.start({
    kind: 'exportReport',
    title: vscode.l10n.t('Export report to {0}', path.basename(folder)),
    total: 0,
    run: async ({ signal, report }) => {
      await services.engines.jobs.request('exportReport', params, { signal, onProgress: report });
      return folder;
    },
  });
  return { place: folder };
}

function notHere(): GenscopeError {
  return new GenscopeError(
    'output.notWritable',
    vscode.l10n.t('A report can only be written to a folder on the machine where Genscope runs.'),
    vscode.l10n.t('Choose another folder.'),
  );
}
