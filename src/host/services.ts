/** What panels and commands share; made once in `activate`. */
import type * as vscode from 'vscode';
import type { Sidecars } from './files/sidecars.ts';
import type { Engines } from './process/engines.ts';
import type { Jobs } from './process/jobs.ts';
import type { Dissections } from './studies/dissections.ts';
import type { Effects } from './studies/effects.ts';
import type { ScoreHistory } from './studies/history.ts';
import type { Looks } from './studies/looks.ts';
import type { Scorings } from './studies/scorings.ts';

export interface Services {
  readonly extensionUri: vscode.Uri;
  readonly engines: Engines;
  readonly jobs: Jobs;
  readonly dissections: Dissections;
  readonly effects: Effects;
  readonly scorings: Scorings;
  readonly looks: Looks;
  readonly history: ScoreHistory;
  readonly sidecars: Sidecars;
  readonly log: vscode.LogOutputChannel;
  /** What was chosen for a model in this workspace. */
  readonly state: vscode.Memento;
  /** Our own folder on this machine: results that took long. */
  readonly storage: vscode.Uri;
}
