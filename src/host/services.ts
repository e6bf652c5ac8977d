/** What panels and commands share; made once in `activate`. */
import type * as vscode from 'vscode';
import type { Dissections } from './dissections.ts';
import type { Effects } from './effects.ts';
import type { Engines } from './engines.ts';
import type { Jobs } from './jobs.ts';
import type { Looks } from './looks.ts';
import type { ScoreHistory } from './scoring/history.ts';
import type { Scorings } from './scoring/scorings.ts';
import type { Sidecars } from './sidecars.ts';

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
