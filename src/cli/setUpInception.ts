/** `genscope setup-inception FILE.pth | --download`: FID's network as an extractor, with no Python. */

import { createInterface } from 'node:readline/promises';
import { setUpInception } from '../engine/inception/setUpInception.ts';
import { Models } from '../engine/models/models.ts';
import { cancelled } from '../shared/kernel/errors.ts';
import { INCEPTION_WEIGHTS } from '../shared/scores/inception.ts';
import { cacheFolder } from './cache.ts';
import { badOption, parse } from './options.ts';
import { printJson, progressBar, say } from './terminal.ts';

const OPTIONS = {
  download: { type: 'boolean' },
  yes: { type: 'boolean' },
  url: { type: 'string' },
  cache: { type: 'string' },
  json: { type: 'boolean' },
} as const;

export async function setUpInceptionCommand(argv: readonly string[], signal: AbortSignal): Promise<void> {
  const { values, positionals } = parse(argv, OPTIONS);
  const [file, extra] = positionals;
  if (extra !== undefined || (file === undefined) !== (values.download === true))
    throw badOption('genscope setup-inception takes either one FILE.pth, or --download.');
  const url = values.url ?? INCEPTION_WEIGHTS.url;
  if (!URL.canParse(url)) throw badOption(`--url takes an address, not “${url}”.`);
  if (file === undefined && !values.yes) await askFirst(`91 MB from ${url}`, signal);
  const models = new Models({ threads: 0 });
  const bar = progressBar('FID Inception');
  try {
    // Set up once for all runs: a cache is not an option here.
    const cache = cacheFolder({ cache: values.cache }) as string;
    const params = { cache, url, ...(file !== undefined && { file }) };
    const result = await setUpInception(params, { models, signal, report: bar.update });
    bar.end();
    for (const warning of result.warnings) say(`genscope: ${warning}\n`);
    say(`FID Inception is set up: --extractor inception (${result.folder})\n`);
    if (values.json) printJson(result);
  } finally {
    bar.end();
    await models.releaseAll();
  }
}

/** Nothing is fetched from the network without a yes. */
export async function askFirst(what: string, signal: AbortSignal): Promise<void> {
  if (!process.stdin.isTTY) throw badOption(`--download fetches ${what}: add --yes to agree to that.`);
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await lines.question(`Download ${what}? [y/N] `, { signal });
    if (!/^y(es)?$/i.test(answer.trim())) throw cancelled();
  } finally {
    lines.close();
  }
}
