/** Progress on stderr: a bar that redraws itself on a terminal, a line now and then in a log. */
import type { WorkProgress } from '../shared/protocol.ts';

/**
 * What a terminal would act on instead of showing it: control characters but for line ends and tabs, and marks that turn the
 * direction of writing. Names come from strangers' files; here, where all text for people leaves, they are made visible.
 */
const UNSEEN =
  /(?![\n\t])[\p{Cc}\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

export function visible(text: string): string {
  return text.replace(UNSEEN, (letter) => {
    const code = letter.codePointAt(0) ?? 0;
    return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

/** Text for people who wait: to stderr. */
export function say(text: string): void {
  process.stderr.write(visible(text));
}

/** Text that is the answer: to stdout. JSON goes by `printJson`, as it is. */
export function print(text: string): void {
  process.stdout.write(visible(text));
}

const WIDTH = 24;
const LOG_EVERY_MS = 5_000;

export function progressBar(given: string): { update(progress: WorkProgress): void; end(): void } {
  const label = visible(given);
  const terminal = process.stderr.isTTY === true;
  let last = performance.now();
  return {
    update({ done, total, eta, message }) {
      const now = performance.now();
      if (!terminal && now - last < LOG_EVERY_MS) return;
      last = now;
      const share = total > 0 ? done / total : 0;
      const filled = Math.round(share * WIDTH);
      const note = message === undefined ? '' : ` · ${visible(message)}`;
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
