/** The commands of the palette and the menus. */
import * as vscode from 'vscode';
import { asGenscopeError, isCancelled } from '../../shared/kernel/errors.ts';
import { EXPORT_CODE } from '../exportCode.ts';
import type { Inspectors } from '../inspector/inspectors.ts';
import { setUpExtractor } from '../networks/setUpExtractor.ts';
import { setUpInception } from '../networks/setUpInception.ts';
import type { Services } from '../services.ts';
import { pickModel } from './pickModel.ts';
import { runMetrics } from './runMetrics.ts';

export function registerCommands(services: Services, inspectors: Inspectors): vscode.Disposable {
  const { log, engines, extensionUri } = services;
  const commands: Readonly<Record<string, (...args: unknown[]) => unknown>> = {
    'genscope.previewSamples': async (argument) => {
      const model =
        argument instanceof vscode.Uri ? argument : await pickModel(vscode.l10n.t('Preview Samples'));
      if (model) inspectors.show(model);
    },
    'genscope.dissect': async (argument) => {
      const given = argument instanceof vscode.Uri ? argument : inspectors.active;
      const model = given ?? (await pickModel(vscode.l10n.t('Dissect Units')));
      if (model) inspectors.show(model).showTab('units');
    },
    'genscope.runMetrics': async (argument) => {
      const given = argument instanceof vscode.Uri ? argument : inspectors.active;
      const model = given ?? (await pickModel(vscode.l10n.t('Run Metrics')));
      if (model) await told(services, () => runMetrics(inspectors.show(model)));
    },
    'genscope.lookCloser': async (argument) => {
      const given = argument instanceof vscode.Uri ? argument : inspectors.active;
      const model = given ?? (await pickModel(vscode.l10n.t('Look Closer')));
      if (model) inspectors.show(model).showTab('looks');
    },
    'genscope.setUpExtractor': () => told(services, () => setUpExtractor(services)),
    'genscope.setUpInception': () => told(services, () => setUpInception(services)),
    'genscope.openDemo': () => {
      inspectors.show(vscode.Uri.joinPath(extensionUri, 'media', 'demo', 'generator.onnx'));
    },
    'genscope.copyExportCode': async () => {
      await vscode.env.clipboard.writeText(EXPORT_CODE);
      vscode.window.setStatusBarMessage(vscode.l10n.t('$(check) Export code is on the clipboard'), 4000);
      return EXPORT_CODE;
    },
    'genscope.showLog': () => log.show(),
    'genscope.restartEngine': async () => {
      const jobsToo = await mayStopJobs(services);
      if (jobsToo === undefined) return;
      log.info('engine restart asked for');
      engines.restart(jobsToo);
      vscode.window.setStatusBarMessage(vscode.l10n.t('$(check) Genscope engine restarted'), 4000);
    },
  };
  return vscode.Disposable.from(
    ...Object.entries(commands).map(([name, run]) => vscode.commands.registerCommand(name, run)),
  );
}

/** A command has no panel to tell of failures in. */
async function told({ log }: Services, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    const error = asGenscopeError(thrown);
    if (isCancelled(error)) return;
    log.error(`${error.code}: ${error.message}`);
    const showLog = vscode.l10n.t('Show Log');
    const answer = await vscode.window.showErrorMessage(`${error.message} ${error.advice}`, showLog);
    if (answer === showLog) log.show();
  }
}

/** Whether running jobs shall end with the restart; undefined when the person wants neither. */
async function mayStopJobs({ jobs }: Services): Promise<boolean | undefined> {
  if (!jobs.list().some(({ state }) => state === 'running')) return true;
  const keep = vscode.l10n.t('Keep the Job Running');
  const stop = vscode.l10n.t('Stop the Job Too');
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t('A Genscope job is running.'),
    { modal: true },
    keep,
    stop,
  );
  return answer === undefined ? undefined : answer === stop;
}
