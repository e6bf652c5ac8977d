/** A segmenter from the Hugging Face hub: which one, a yes before anything is asked of the network, and a job. */
import os from 'node:os';
import * as vscode from 'vscode';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { Services } from '../services.ts';
import { hubSettings } from '../settings.ts';
import { type HubName, hubCacheFolder, hubEndpoint, parseHubName } from './hub.ts';

interface Source extends HubName {
  readonly endpoint: string;
  readonly cacheDir: string;
}

/**
 * Resolves when the download has ended, one way or another; a failure is the job's to tell.
 * @param keep called with the folder once it is complete and the engine has tried it, whether or not a panel still waits
 */
export async function downloadSegmenter(
  { jobs, engines }: Services,
  keep: (folder: string, notes: readonly string[]) => Promise<void>,
): Promise<void> {
  const source = await askSource();
  if (!source || !(await mayDownload(source))) return;
  const job = jobs.start({
    kind: 'downloadSegmenter',
    title: vscode.l10n.t('Download {0}', source.id),
    total: 0,
    run: async ({ signal, report }) => {
      const options = { signal, onProgress: report };
      const { folder, warnings } = await engines.jobs.request('downloadSegmenter', source, options);
      await keep(folder, warnings);
      return folder;
    },
  });
  await jobs.finished(job);
}

async function askSource(): Promise<Source | undefined> {
  const endpoint = hubEndpoint(hubSettings().endpoint, process.env);
  if (endpoint === null) throw noAddress();
  const text = await vscode.window.showInputBox({
    title: vscode.l10n.t('Segmenter from the Hugging Face Hub'),
    prompt: vscode.l10n.t(
      'A semantic-segmentation model with an ONNX export: organisation/name or organisation/name@revision',
    ),
    placeHolder: 'Xenova/segformer-b0-finetuned-ade-512-512',
    ignoreFocusOut: true,
    validateInput: (value) =>
      parseHubName(value) || value === ''
        ? undefined
        : vscode.l10n.t('Write it as organisation/name, with @revision behind it if you like.'),
  });
  const name = parseHubName(text ?? '');
  return name ? { ...name, endpoint, cacheDir: hubCacheFolder(process.env, os.homedir()) } : undefined;
}

/** How large the model is nobody knows before the hub is asked, which is what the question is about. */
async function mayDownload({ id, revision, endpoint, cacheDir }: Source): Promise<boolean> {
  const detail = [
    vscode.l10n.t('From: {0} (revision {1})', new URL(endpoint).host, revision),
    vscode.l10n.t('Files: config.json, preprocessor_config.json and the ONNX model, usually 15 to 400 MB'),
    vscode.l10n.t('To: {0}', cacheDir),
    ...(process.env.HF_TOKEN ? [vscode.l10n.t('Your HF_TOKEN goes with the request.')] : []),
  ].join('\n');
  const download = vscode.l10n.t('Download');
  const question = vscode.l10n.t('Download {0}?', id);
  return (
    (await vscode.window.showInformationMessage(question, { modal: true, detail }, download)) === download
  );
}

export function noAddress(): GenscopeError {
  return new GenscopeError(
    'input.invalid',
    vscode.l10n.t('“genscope.huggingFace.endpoint”, or HF_ENDPOINT, is no address of a hub.'),
    vscode.l10n.t('Set it to one such as https://huggingface.co, or empty it.'),
  );
}
