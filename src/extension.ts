/** Wiring only. No native module is required here: models run in processes of their own, started on first use. */
import * as vscode from 'vscode';
import { registerCommands } from './host/commands/index.ts';
import { Sidecars } from './host/files/sidecars.ts';
import { Inspectors } from './host/inspector/inspectors.ts';
import { createLog } from './host/log.ts';
import { Engines } from './host/process/engines.ts';
import { jobStatusBar } from './host/process/jobStatusBar.ts';
import { Jobs } from './host/process/jobs.ts';
import type { Services } from './host/services.ts';
import { Dissections } from './host/studies/dissections.ts';
import { Effects } from './host/studies/effects.ts';
import { ScoreHistory } from './host/studies/history.ts';
import { Looks } from './host/studies/looks.ts';
import { Scorings } from './host/studies/scorings.ts';

export function activate(context: vscode.ExtensionContext): void {
  const started = performance.now();
  const log = createLog();
  const engines = new Engines(vscode.Uri.joinPath(context.extensionUri, 'dist', 'engine.js').fsPath, log);
  const jobs = new Jobs();
  const dissections = new Dissections(engines, jobs);
  const effects = new Effects(engines, jobs);
  const scorings = new Scorings(engines, jobs);
  const looks = new Looks(engines, jobs);
  // Without a folder open, what belongs to the workspace lies with what belongs to the person.
  const ours = context.storageUri ?? context.globalStorageUri;
  const history = new ScoreHistory(ours.scheme === 'file' ? ours.fsPath : null);
  const services: Services = {
    extensionUri: context.extensionUri,
    engines,
    jobs,
    dissections,
    effects,
    scorings,
    looks,
    history,
    sidecars: new Sidecars(),
    log,
    state: context.workspaceState,
    storage: context.globalStorageUri,
  };
  const inspectors = new Inspectors(services);
  context.subscriptions.push(
    log,
    engines,
    jobs,
    dissections,
    effects,
    scorings,
    looks,
    jobStatusBar(jobs, () => inspectors.visible),
    inspectors,
    registerCommands(services, inspectors),
  );
  log.info(`activated in ${(performance.now() - started).toFixed(1)} ms`);
}
