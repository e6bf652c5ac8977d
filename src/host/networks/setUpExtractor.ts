/** *Set Up Extractor…*: one of the networks that published scores are made with, from the hub or from a folder; a job. */
import os from 'node:os';
import * as vscode from 'vscode';
import { PUBLISHED_EXTRACTORS, type PublishedExtractor } from '../../shared/scores/extractors.ts';
import type { Services } from '../services.ts';
import { hubSettings } from '../settings.ts';
import { rememberExtractor } from '../studies/memory.ts';
import { hubCacheFolder, hubEndpoint } from './hub.ts';
import { noAddress } from './hubDownload.ts';
import { noFolder, setUpInception } from './setUpInception.ts';

/** Where a network comes from: the hub at this address, or a folder that holds it. */
type Source = { readonly endpoint: string; readonly hubCache: string } | { readonly folder: string };

/** Resolves when it has ended, one way or another; a failure is the job's to tell. Closed at any step, nothing happens. */
export async function setUpExtractor(services: Services): Promise<void> {
  const { jobs, engines, storage, state } = services;
  if (storage.scheme !== 'file') throw noFolder();
  const chosen = await askWhich();
  if (chosen === undefined) return;
  if (chosen === 'inception') {
    await setUpInception(services);
    return;
  }
  const source = await askSource(chosen);
  if (source === undefined) return;
  const job = jobs.start({
    kind: 'setUpExtractor',
    title: vscode.l10n.t('Set up {0}', chosen.name),
    total: 0,
    run: async ({ signal, report }) => {
      const params = { id: chosen.id, folder: null, cache: storage.fsPath, ...source };
      const options = { signal, onProgress: report };
      const { folder } = await engines.jobs.request('setUpExtractor', params, options);
      await rememberExtractor(state, { kind: 'path', path: folder });
      void vscode.window.showInformationMessage(
        vscode.l10n.t('{0} is set up. Run Metrics… offers it among the recent extractors.', chosen.name),
      );
      return folder;
    },
  });
  await jobs.finished(job);
}

async function askWhich(): Promise<PublishedExtractor | 'inception' | undefined> {
  const inception = {
    label: vscode.l10n.t('FID Inception'),
    description: vscode.l10n.t('FID, IS, KID'),
    detail: vscode.l10n.t('91 MB of weights, Apache-2.0; stays in Genscope’s folder'),
    extractor: 'inception' as const,
  };
  const others = PUBLISHED_EXTRACTORS.map((extractor) => ({
    label: extractor.name,
    description: extractor.preset === 'cmmd' ? 'CMMD' : 'FD-DINOv2',
    detail: vscode.l10n.t('about {0}, {1}, {2}', sizeOf(extractor), extractor.licence, extractor.repo),
    extractor,
  }));
  const picked = await vscode.window.showQuickPick([inception, ...others], {
    title: vscode.l10n.t('Set Up Extractor'),
    placeHolder: vscode.l10n.t('The network that published values of a score are made with'),
    ignoreFocusOut: true,
  });
  return picked?.extractor;
}

async function askSource(extractor: PublishedExtractor): Promise<Source | undefined> {
  const endpoint = hubEndpoint(hubSettings().endpoint, process.env);
  if (endpoint === null) throw noAddress();
  const download = {
    label: vscode.l10n.t('$(cloud-download) Download'),
    detail: `${new URL(endpoint).host} · ${extractor.repo} · ${sizeOf(extractor)}`,
  };
  const folder = {
    label: vscode.l10n.t('$(folder) Use a Folder on This Machine…'),
    detail: vscode.l10n.t('with config.json, preprocessor_config.json and the ONNX model'),
  };
  const picked = await vscode.window.showQuickPick([download, folder], {
    title: vscode.l10n.t('{0}: Where From?', extractor.name),
    ignoreFocusOut: true,
  });
  if (picked === folder) {
    const [chosen] =
      (await vscode.window.showOpenDialog({
        title: vscode.l10n.t('Folder with {0}', extractor.name),
        ...{ canSelectFiles: false, canSelectFolders: true },
      })) ?? [];
    return chosen?.scheme === 'file' ? { folder: chosen.fsPath } : undefined;
  }
  if (picked !== download) return undefined;
  const hubCache = hubCacheFolder(process.env, os.homedir());
  return (await mayDownload(extractor, endpoint, hubCache)) ? { endpoint, hubCache } : undefined;
}

async function mayDownload(
  extractor: PublishedExtractor,
  endpoint: string,
  hubCache: string,
): Promise<boolean> {
  const { name, repo, revision, licence } = extractor;
  const detail = [
    vscode.l10n.t('From: {0}, {1} (revision {2})', new URL(endpoint).host, repo, revision),
    vscode.l10n.t('Size: about {0}', sizeOf(extractor)),
    vscode.l10n.t('Licence: {0}', licence),
    vscode.l10n.t('To: {0}', hubCache),
    vscode.l10n.t('Its hash is checked and kept. It goes on where it was, if it is interrupted.'),
    ...(process.env.HF_TOKEN ? [vscode.l10n.t('Your HF_TOKEN goes with the request.')] : []),
  ].join('\n');
  const download = vscode.l10n.t('Download');
  const question = vscode.l10n.t('Download {0}?', name);
  return (
    (await vscode.window.showInformationMessage(question, { modal: true, detail }, download)) === download
  );
}

function sizeOf({ bytes }: PublishedExtractor): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
