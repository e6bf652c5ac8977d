/** The log channel that *Genscope: Show Log* opens; levels follow VS Code's own log-level setting. */
import * as vscode from 'vscode';

export function createLog(): vscode.LogOutputChannel {
  return vscode.window.createOutputChannel('Genscope', { log: true });
}
