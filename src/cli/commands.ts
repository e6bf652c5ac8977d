/** Every command of `genscope`; a new one is a file and a line here. */
import { describeCommand } from './describe.ts';
import { sampleCommand } from './sample.ts';
import { translateCommand } from './translate.ts';

export type Command = (argv: readonly string[], signal: AbortSignal) => Promise<void>;

export const COMMANDS: Readonly<Record<string, Command>> = {
  describe: describeCommand,
  sample: sampleCommand,
  translate: translateCommand,
};
