/** `genscope setup [inception|dinov2|clip]`: the networks of published scores, once. */

import { Models } from '../engine/models/models.ts';
import { setUpPublished } from '../engine/models/published.ts';
import { PUBLISHED_EXTRACTORS, type PublishedExtractor } from '../shared/scores/extractors.ts';
import { cacheFolder } from './cache.ts';
import { badOption, parse } from './options.ts';
import { askFirst, setUpInceptionCommand } from './setUpInception.ts';
import { print, printJson, progressBar, say } from './terminal.ts';

const OPTIONS = {
  download: { type: 'boolean' },
  yes: { type: 'boolean' },
  repo: { type: 'string' },
  revision: { type: 'string' },
  cache: { type: 'string' },
  json: { type: 'boolean' },
} as const;

export async function setupCommand(argv: readonly string[], signal: AbortSignal): Promise<void> {
  const [id, ...rest] = argv;
  if (id === undefined) {
    print(table());
    return;
  }
  if (id === 'inception') {
    await setUpInceptionCommand(rest, signal);
    return;
  }
  const extractor = PUBLISHED_EXTRACTORS.find((one) => one.id === id);
  if (extractor === undefined)
    throw badOption(
      `genscope setup takes inception, ${PUBLISHED_EXTRACTORS.map((one) => one.id).join(' or ')}, not “${id}”.`,
    );
  await setUp(extractor, rest, signal);
}

async function setUp(
  extractor: PublishedExtractor,
  argv: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const { values, positionals } = parse(argv, OPTIONS);
  const [folder, extra] = positionals;
  if (extra !== undefined || (folder === undefined) !== (values.download === true))
    throw badOption(`genscope setup ${extractor.id} takes either one folder, or --download.`);
  const { repo = extractor.repo, revision = extractor.revision } = values;
  const size = `${(extractor.bytes / 1e9).toFixed(1)} GB`;
  const from = `${repo} of the Hugging Face hub (revision ${revision}, licence ${extractor.licence})`;
  if (folder === undefined && !values.yes) await askFirst(`about ${size} from ${from}`, signal);
  const models = new Models({ threads: 0 });
  const bar = progressBar(extractor.name);
  try {
    // Set up once for all runs: a cache is not an option here.
    const cache = cacheFolder({ cache: values.cache }) as string;
    const result = await setUpPublished(
      { extractor, folder: folder ?? null, repo, revision, cache },
      { models, signal, report: bar.update },
    );
    bar.end();
    const { sha256 } = result.description;
    const where = result.commit === null ? '' : `, commit ${result.commit.slice(0, 12)}`;
    say(
      `${extractor.name} is set up: --extractor ${extractor.id}, or --preset ${extractor.preset} (${result.folder}${where}, SHA-256 ${sha256.slice(0, 12)}…)\n`,
    );
    if (values.json) printJson(result);
  } finally {
    bar.end();
    await models.releaseAll();
  }
}

function table(): string {
  const lines = PUBLISHED_EXTRACTORS.map(
    ({ id, name, preset, bytes, licence, repo }) =>
      `  ${id.padEnd(10)} ${name}, for --preset ${preset}: about ${(bytes / 1e9).toFixed(1)} GB, ${licence}, ${repo}\n`,
  );
  return `  inception  FID Inception, for FID and IS: 91 MB of weights, Apache-2.0\n${lines.join('')}`;
}
