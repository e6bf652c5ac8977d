/** A running job in the status bar, so that it is seen when no panel is: what, how far, how long still. */
import * as vscode from 'vscode';
import type { JobStatus } from '../../shared/pageProtocol.ts';
import type { Jobs } from './jobs.ts';

/** @param told whether a panel is on show: it tells of failures itself */
export function jobStatusBar(jobs: Jobs, told: () => boolean): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('genscope.jobs', vscode.StatusBarAlignment.Left);
  item.name = vscode.l10n.t('Genscope jobs');
  const announced = new Set<string>();
  const subscription = jobs.subscribe((all) => {
    const running = all.filter((job) => job.state === 'running');
    const [first] = running;
    if (first) {
      item.text = `$(sync~spin) ${first.title} ${percent(first)}${running.length > 1 ? ` +${running.length - 1}` : ''}`;
      item.tooltip = running
        .map((job) => `${job.title}: ${job.progress.done} / ${job.progress.total}`)
        .join('\n');
      item.show();
    } else {
      item.hide();
    }
    for (const job of all) {
      if (job.state === 'running' || announced.has(job.id)) continue;
      announced.add(job.id);
      void announce(job, told());
    }
  });
  return vscode.Disposable.from(item, subscription);
}

function percent(job: JobStatus): string {
  return job.progress.total > 0 ? `${Math.floor((100 * job.progress.done) / job.progress.total)} %` : '';
}

async function announce(job: JobStatus, told: boolean): Promise<void> {
  if (job.state === 'done') {
    vscode.window.setStatusBarMessage(`$(check) ${job.title}`, 5000);
  } else if (job.state === 'failed' && job.error && !told) {
    const showLog = vscode.l10n.t('Show Log');
    const answer = await vscode.window.showErrorMessage(
      `${job.title}: ${job.error.message} ${job.error.advice}`,
      showLog,
    );
    if (answer === showLog) await vscode.commands.executeCommand('genscope.showLog');
  }
}
