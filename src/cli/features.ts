/** `genscope features` and `genscope stats`: pictures or samples as an .npz that Python's metrics read. */
import { features, stats } from '../engine/features/features.ts';
import type { FeaturesResult, Shard } from '../shared/scores/scores.ts';
import { cacheFolder } from './cache.ts';
import { badOption, parse } from './options.ts';
import {
  extractorOf,
  featureInput,
  requireExtractor,
  SCORING_OPTIONS,
  scoreBars,
  scoringModels,
} from './scoring.ts';
import { printJson, say } from './terminal.ts';

const OPTIONS = { ...SCORING_OPTIONS, out: { type: 'string' }, shard: { type: 'string' } } as const;

export function featuresCommand(argv: readonly string[], signal: AbortSignal): Promise<void> {
  return run('features', argv, signal);
}

export function statsCommand(argv: readonly string[], signal: AbortSignal): Promise<void> {
  return run('stats', argv, signal);
}

async function run(
  command: 'features' | 'stats',
  argv: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const { values, positionals } = parse(argv, OPTIONS);
  const [given, extra] = positionals;
  if (given === undefined || extra !== undefined)
    throw badOption(`genscope ${command} takes one MODEL, DIR or ZIP.`);
  if (values.out === undefined || !values.out.endsWith('.npz'))
    throw badOption(`genscope ${command} needs --out FILE.npz.`);
  const shard = shardOf(values.shard);
  const cache = cacheFolder(values);
  const extractor = requireExtractor(extractorOf(values, cache), command);
  const models = scoringModels(values);
  const bars = scoreBars();
  try {
    const input = await featureInput(values, given, models);
    const task = command === 'features' ? features : stats;
    const result = await task(
      { input, extractor, cache, out: values.out, ...(shard && { shard }) },
      { models, signal, report: bars.update },
    );
    bars.end();
    report(result, values.json === true);
  } finally {
    bars.end();
    await models.releaseAll();
  }
}

/** `3/8`: the fourth of eight parts. */
function shardOf(text: string | undefined): Shard | null {
  if (text === undefined) return null;
  const [, index, of] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? [];
  const shard = { index: Number(index), of: Number(of) };
  if (index !== undefined && shard.index < shard.of) return shard;
  throw badOption(`--shard takes part/parts counted from 0, such as 0/8 … 7/8, not “${text}”.`);
}

function report(result: FeaturesResult, json: boolean): void {
  const { n, extractor, file, forwardPasses, warnings } = result;
  for (const warning of warnings) say(`genscope: ${warning}\n`);
  say(
    `${n.toLocaleString('en')} × ${extractor.features} by ${extractor.name} (${extractor.resize}), ${forwardPasses.toLocaleString('en')} new: ${file}\n`,
  );
  if (json) printJson(result);
}
