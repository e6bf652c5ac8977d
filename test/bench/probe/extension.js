// Runs in the same extension host as Genscope and measures it from inside. Results go to files in the workspace.
const fs = require('node:fs');
const path = require('node:path');
const { monitorEventLoopDelay, performance } = require('node:perf_hooks');
const vscode = require('vscode');

const write = (name, value) =>
  fs.writeFileSync(path.join(vscode.workspace.workspaceFolders[0].uri.fsPath, name), JSON.stringify(value));

exports.activate = (context) => {
  let monitor;
  const register = (name, run) => context.subscriptions.push(vscode.commands.registerCommand(name, run));
  register('genscope-probe.activation', async () => {
    const extension = vscode.extensions.getExtension('genscope.genscope');
    const before = extension.isActive;
    const started = performance.now();
    await extension.activate();
    write('activation.json', { ms: performance.now() - started, before });
  });
  register('genscope-probe.openDemo', async () => {
    write('opened.json', { at: Date.now() });
    await vscode.commands.executeCommand('genscope.openDemo');
  });
  register('genscope-probe.bare', () => {
    write('bare.json', { at: Date.now() });
    const panel = vscode.window.createWebviewPanel('bare', 'Bare', vscode.ViewColumn.Beside, {});
    panel.webview.html = '<!DOCTYPE html><p id="bare">bare</p>';
  });
  register('genscope-probe.begin', () => {
    monitor = monitorEventLoopDelay({ resolution: 1 });
    monitor.enable();
    write('begin.json', { at: Date.now() });
  });
  register('genscope-probe.end', () => {
    monitor.disable();
    write('pauses.json', {
      maxMs: monitor.max / 1e6,
      p99Ms: monitor.percentile(99) / 1e6,
      meanMs: monitor.mean / 1e6,
    });
  });
};
