/** Every command of `genscope`; a new one is a file and a line here. */
import { artifactsCommand } from './artifacts.ts';
import { describeCommand } from './describe.ts';
import { dissectCommand } from './dissect.ts';
import { duplicatesCommand } from './duplicates.ts';
import { editCommand } from './edit.ts';
import { effectCommand } from './effect.ts';
import { featuresCommand, statsCommand } from './features.ts';
import { mergeCommand } from './merge.ts';
import { modesCommand } from './modes.ts';
import { neighboursCommand } from './neighbours.ts';
import { sampleCommand } from './sample.ts';
import { scoreCommand } from './score.ts';
import { setUpInceptionCommand } from './setUpInception.ts';
import { setupCommand } from './setup.ts';
import { translateCommand } from './translate.ts';

export type Command = (argv: readonly string[], signal: AbortSignal) => Promise<void>;

export const COMMANDS: Readonly<Record<string, Command>> = {
  artifacts: artifactsCommand,
  describe: describeCommand,
  dissect: dissectCommand,
  duplicates: duplicatesCommand,
  edit: editCommand,
  effect: effectCommand,
  features: featuresCommand,
  merge: mergeCommand,
  modes: modesCommand,
  neighbours: neighboursCommand,
  sample: sampleCommand,
  score: scoreCommand,
  setup: setupCommand,
  'setup-inception': setUpInceptionCommand,
  stats: statsCommand,
  translate: translateCommand,
};
