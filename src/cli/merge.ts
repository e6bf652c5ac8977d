/** `genscope merge`: parts that several machines made, as one file. */
import { merge } from '../engine/features/merge.ts';
import { badOption, parse, wholeNumber } from './options.ts';
import { printJson, progressBar, say } from './terminal.ts';

const OPTIONS = {
  out: { type: 'string' },
  threads: { type: 'string' },
  json: { type: 'boolean' },
} as const;

export async function mergeCommand(argv: readonly string[], signal: AbortSignal): Promise<void> {
  const { values, positionals: parts } = parse(argv, OPTIONS);
  if (parts.length === 0)
    throw badOption('genscope merge takes the parts: genscope merge part-*.npz --out all.npz.');
  if (values.out === undefined || !values.out.endsWith('.npz'))
    throw badOption('genscope merge needs --out FILE.npz.');
  const threads = wholeNumber(values.threads, 'threads', 0, 0, 256);
  const bar = progressBar('merging');
  try {
    const result = await merge({ parts, out: values.out }, { threads, signal, report: bar.update });
    bar.end();
    say(
      `${result.n.toLocaleString('en')} from ${result.parts} part(s), ${result.rows ? 'with every row' : 'mean and covariance'}: ${result.file}\n`,
    );
    if (values.json) printJson(result);
  } finally {
    bar.end();
  }
}
