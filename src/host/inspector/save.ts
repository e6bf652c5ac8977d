/** *Save*: asks where, has the engine encode, writes through VS Code's file system. What takes long becomes a job. */
import path from 'node:path';
import * as vscode from 'vscode';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { SaveTarget } from '../../shared/pageProtocol.ts';
import { planCount } from '../../shared/samples/latents.ts';
import { write } from '../files/write.ts';
import type { Services } from '../services.ts';
import { freshFolder, home, safeName } from './places.ts';

type Saved = { readonly place: string | null; readonly job?: string };

const FILTERS: Readonly<Record<string, Record<string, string[]>>> = {
  png: { PNG: ['png'] },
  gif: { GIF: ['gif'] },
  webp: { WebP: ['webp'] },
};

export async function save(
  services: Services,
  model: vscode.Uri,
  target: SaveTarget,
  signal: AbortSignal,
): Promise<Saved> {
  if (target.what === 'samples') return saveSamples(services, model, target);
  const extension = target.what === 'animation' ? target.format : 'png';
  const place = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.joinPath(home(services, model), `${safeName(target.name)}.${extension}`),
    filters: FILTERS[extension] ?? {},
  });
  if (!place) return { place: null };
  if (target.what === 'animation') return saveAnimation(services, model, target, place);
  if (target.what === 'grid') return saveGrid(services, model, target, place);
  const ref = services.sidecars.modelRef(model);
  const params = { model: ref, plan: target.plan, columns: 1 };
  const file = await services.engines.interactive.request('encodeStill', params, { signal });
  await write(place, file.bytes);
  return { place: place.fsPath };
}

/** A grid is drawn again at the generator's own size, which may take minutes: in the jobs' process. */
function saveGrid(
  services: Services,
  model: vscode.Uri,
  target: Extract<SaveTarget, { what: 'grid' }>,
  place: vscode.Uri,
): Saved {
  const ref = services.sidecars.modelRef(model);
  const job = services.jobs.start({
    kind: 'encodeStill',
    title: vscode.l10n.t('Save {0}', path.posix.basename(place.path)),
    total: planCount(target.plan),
    run: async ({ signal, report }) => {
      const params = { model: ref, plan: target.plan, columns: target.columns };
      const file = await services.engines.jobs.request('encodeStill', params, { signal, onProgress: report });
      await write(place, file.bytes);
      return place.fsPath;
    },
  });
  return { place: place.fsPath, job };
}

function saveAnimation(
  services: Services,
  model: vscode.Uri,
  target: Extract<SaveTarget, { what: 'animation' }>,
  place: vscode.Uri,
): Saved {
  const ref = services.sidecars.modelRef(model);
  const job = services.jobs.start({
    kind: 'encodeAnimation',
    title: vscode.l10n.t('Save {0}', path.posix.basename(place.path)),
    total: planCount(target.plan),
    run: async ({ signal, report }) => {
      const params = {
        model: ref,
        plan: target.plan,
        format: target.format,
        framesPerSecond: 12,
        minSide: 256,
      };
      const file = await services.engines.jobs.request('encodeAnimation', params, {
        signal,
        onProgress: report,
      });
      await write(place, file.bytes);
      return place.fsPath;
    },
  });
  return { place: place.fsPath, job };
}

async function saveSamples(
  services: Services,
  model: vscode.Uri,
  target: Extract<SaveTarget, { what: 'samples' }>,
): Promise<Saved> {
  const [folder] =
    (await vscode.window.showOpenDialog({
      canSelectFiles: false,
      canSelectFolders: true,
      canSelectMany: false,
      defaultUri: home(services, model),
      openLabel: vscode.l10n.t('Save Samples Here'),
    })) ?? [];
  if (!folder) return { place: null };
  if (folder.scheme !== 'file') {
    throw new GenscopeError(
      'output.notWritable',
      'Many samples can only be saved to a folder on this machine.',
      'Choose another folder.',
    );
  }
  const ref = services.sidecars.modelRef(model);
  const place = await freshFolder(folder, safeName(target.name));
  const count = planCount(target.plan);
  const job = services.jobs.start({
    kind: 'exportSamples',
    title: vscode.l10n.t('Save {0} samples to {1}', count, path.basename(place)),
    total: count,
    run: async ({ signal, report }) => {
      const params = { model: ref, plan: target.plan, folder: place, images: target.images };
      const result = await services.engines.jobs.request('exportSamples', params, {
        signal,
        onProgress: report,
      });
      return result.folder;
    },
  });
  return { place, job };
}
