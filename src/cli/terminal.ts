/** Progress on stderr: a bar that redraws itself on a terminal, a line now and then in a log. */
import type { WorkProgress } from '../shared/protocol.ts';

const WIDTH = 24;
const LOG_EVERY_MS = 5_000;

export function progressBar(label: string): { update(progress: WorkProgress): void; end(): void } {
  const terminal = process.stderr.isTTY === true;
  let last = performance.now();
  return {
    update({ done, total, eta, message }) {
      const now = performance.now();
      if (!terminal && now - last < LOG_EVERY_MS) return;
      last = now;
      const share = total > 0 ? done / total : 0;
      const filled = Math.round(share * WIDTH);
      const note = message === undefined ? '' : ` · ${message}`;
      const left = eta === undefined || done === total ? note : `${note} · ${seconds(eta)} left`;
      const bar = `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)}`;
      process.stderr.write(
        terminal ? `\r\x1b[K${label} ${bar} ${done}/${total}${left}` : `${label} ${done}/${total}${left}\n`,
      );
    },
    end() {
      if (terminal) process.stderr.write('\r\x1b[K');
    },
  };
}

function seconds(ms: number): string {
  const s = Math.round(ms / 1000);
  return s < 90 ? `${s} s` : s < 5400 ? `${Math.round(s / 60)} min` : `${(s / 3600).toFixed(1)} h`;
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
