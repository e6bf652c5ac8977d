/** *Save* and *Export* of edits: asks where, and writes. What needs the generator is a job of the jobs' process. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { EditFile } from '../../shared/edits/edits.ts';
import type { EditTarget } from '../../shared/edits/interventions.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import { planCount } from '../../shared/samples/latents.ts';
import { write } from '../files/write.ts';
import type { Services } from '../services.ts';
import { freshFolder, home, safeName } from './places.ts';

type Saved = { readonly place: string | null; readonly job?: string };
type Target<W extends EditTarget['what']> = Extract<EditTarget, { what: W }>;

const FILTERS: Readonly<Record<string, Record<string, string[]>>> = {
  'genscope-edit.json': { 'Genscope Edit': ['json'] },
  onnx: { ONNX: ['onnx'] },
  gif: { GIF: ['gif'] },
  webp: { WebP: ['webp'] },
};
/** Of an exported sweep: two seconds there, two back. */
const SWEEP = { steps: 24, framesPerSecond: 12, minSide: 256 };

export async function saveEdit(services: Services, model: vscode.Uri, target: EditTarget): Promise<Saved> {
  switch (target.what) {
    case 'json':
      return saveJson(services, model, target.file);
    case 'onnx':
      return saveOnnx(services, model, target);
    case 'pairs':
      return savePairs(services, model, target);
    case 'sweep':
      return saveSweep(services, model, target);
  }
}

async function saveJson(services: Services, model: vscode.Uri, file: EditFile): Promise<Saved> {
  const place = await askPlace(services, model, file.name, 'genscope-edit.json');
  if (!place) return { place: null };
  await write(place, new TextEncoder().encode(`${JSON.stringify(file, null, 2)}\n`));
  return { place: place.fsPath };
}

async function saveOnnx(services: Services, model: vscode.Uri, target: Target<'onnx'>): Promise<Saved> {
  const place = await askPlace(services, model, target.name, 'onnx');
  if (!place) return { place: null };
  if (place.scheme !== 'file') throw notHere();
  const params = { model: services.sidecars.modelRef(model), edits: target.edits, target: place.fsPath };
  const job = services.jobs.start({
    ...{ kind: 'bake', title: titleOf(place), total: 0 },
    run: async ({ signal, report }) => {
      await services.engines.jobs.request('bake', params, { signal, onProgress: report });
      return place.fsPath;
    },
  });
  return { place: place.fsPath, job };
}

async function savePairs(services: Services, model: vscode.Uri, target: Target<'pairs'>): Promise<Saved> {
  const [parent] =
    (await vscode.window.showOpenDialog({
      canSelectFiles: false,
      canSelectFolders: true,
      canSelectMany: false,
      defaultUri: home(services, model),
      title: vscode.l10n.t('Save Before and After'),
      openLabel: vscode.l10n.t('Save Pictures Here'),
    })) ?? [];
  if (!parent) return { place: null };
  if (parent.scheme !== 'file') throw notHere();
  const folder = await freshFolder(parent, safeName(target.name));
  const { plan, edits } = target;
  const params = { model: services.sidecars.modelRef(model), plan, edits, folder };
  const total = 2 * planCount(plan);
  const job = services.jobs.start({
    ...{ kind: 'exportPairs', total },
    title: vscode.l10n.t('Save {0} pictures to {1}', total, path.basename(folder)),
    run: async ({ signal, report }) => {
      await services.engines.jobs.request('exportPairs', params, { signal, onProgress: report });
      return folder;
    },
  });
  return { place: folder, job };
}

async function saveSweep(services: Services, model: vscode.Uri, target: Target<'sweep'>): Promise<Saved> {
  const { what: _, name, ...sweep } = target;
  const place = await askPlace(services, model, name, target.format);
  if (!place) return { place: null };
  const params = { ...sweep, ...SWEEP, model: services.sidecars.modelRef(model) };
  const job = services.jobs.start({
    ...{ kind: 'encodeSweep', title: titleOf(place), total: SWEEP.steps * planCount(target.plan) },
    run: async ({ signal, report }) => {
      const file = await services.engines.jobs.request('encodeSweep', params, {
        signal,
        onProgress: report,
      });
      await write(place, file.bytes);
      return place.fsPath;
    },
  });
  return { place: place.fsPath, job };
}

function askPlace(
  services: Services,
  model: vscode.Uri,
  name: string,
  extension: string,
): Thenable<vscode.Uri | undefined> {
  return vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.joinPath(home(services, model), `${safeName(name)}.${extension}`),
    filters: FILTERS[extension] ?? {},
  });
}

function titleOf(place: vscode.Uri): string {
  return vscode.l10n.t('Save {0}', path.posix.basename(place.path));
}

function notHere(): GenscopeError {
  return new GenscopeError(
    'output.notWritable',
    vscode.l10n.t('This can only be written to a folder on the machine where Genscope runs.'),
    vscode.l10n.t('Choose another folder.'),
  );
}
