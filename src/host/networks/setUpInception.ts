/** FID's network from its published weights: a file that is there, or a download after a yes; a job either way. */
import fs from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import { INCEPTION_FOLDER, INCEPTION_WEIGHTS } from '../../shared/scores/inception.ts';
import type { Services } from '../services.ts';

const FROM = new URL(INCEPTION_WEIGHTS.url);

/** Where it lies once it is set up; empty where there is no folder of ours on this machine. */
export function inceptionPlace({ storage }: Services): string {
  return storage.scheme === 'file' ? path.join(storage.fsPath, INCEPTION_FOLDER) : '';
}

/** Resolves when it is set up (true), or when the person, or a failure, has ended it (false; the job tells). */
export async function setUpInception(services: Services): Promise<boolean> {
  const { jobs, engines, storage } = services;
  if (storage.scheme !== 'file') throw noFolder();
  const source = await askSource();
  if (source === undefined) return false;
  const job = jobs.start({
    kind: 'setUpInception',
    title: vscode.l10n.t('Set up FID Inception'),
    total: 0,
    run: async ({ signal, report }) => {
      const params = { cache: storage.fsPath, ...(source === 'download' ? {} : { file: source }) };
      const options = { signal, onProgress: report };
      const { folder, warnings } = await engines.jobs.request('setUpInception', params, options);
      for (const warning of warnings) services.log.warn(warning);
      return folder;
    },
  });
  await jobs.finished(job);
  return fs.existsSync(inceptionPlace(services));
}

async function askSource(): Promise<'download' | string | undefined> {
  const size = `${Math.round(INCEPTION_WEIGHTS.bytes / 2 ** 20)} MB`;
  const download = { label: vscode.l10n.t('$(cloud-download) Download'), detail: `${FROM.host} · ${size}` };
  const file = {
    label: vscode.l10n.t('$(file) Use a File on This Machine…'),
    detail: vscode.l10n.t('pt_inception-2015-12-05-6726825d.pth, or torch-fidelity’s weights-inception-…'),
  };
  const picked = await vscode.window.showQuickPick([download, file], {
    title: vscode.l10n.t('FID Inception: Where From?'),
    placeHolder: vscode.l10n.t('The network that published FID values are made with'),
    ignoreFocusOut: true,
  });
  if (picked === file) {
    const [chosen] =
      (await vscode.window.showOpenDialog({
        title: vscode.l10n.t('Weights of FID Inception'),
        filters: { PyTorch: ['pth'], [vscode.l10n.t('All files')]: ['*'] },
      })) ?? [];
    return chosen?.fsPath;
  }
  if (picked !== download) return undefined;
  const yes = vscode.l10n.t('Download');
  const detail = [
    vscode.l10n.t('From: {0} ({1})', INCEPTION_WEIGHTS.url, size),
    vscode.l10n.t('Its SHA-256 is checked before it is read. It goes on where it was, if it is interrupted.'),
  ].join('\n');
  const question = vscode.l10n.t('Download FID Inception?');
  const answer = await vscode.window.showInformationMessage(question, { modal: true, detail }, yes);
  return answer === yes ? 'download' : undefined;
}

export function noFolder(): GenscopeError {
  return new GenscopeError(
    'output.notWritable',
    vscode.l10n.t('Genscope has no folder on this machine to keep a network in.'),
    vscode.l10n.t('Use the command line: genscope setup.'),
  );
}
