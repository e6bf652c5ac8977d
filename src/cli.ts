/** `genscope`: the headless face of the same engine. Exit 0 done, 2 bad input (one clear line), 130 cancelled. */
import { COMMANDS, type Command } from './cli/commands.ts';
import { HELP, helpOf } from './cli/help.ts';
import { isChild, serve, supervise } from './cli/supervise.ts';
import { print, say } from './cli/terminal.ts';
import { asGenscopeError, isCancelled } from './shared/kernel/errors.ts';
import { GENSCOPE_VERSION } from './shared/kernel/version.ts';

async function main(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === '--version' || name === '-v' || name === 'version') {
    print(`genscope ${GENSCOPE_VERSION}\n`);
    return 0;
  }
  const asksHelp = name === 'help' || name === '--help' || name === '-h';
  const about = asksHelp
    ? rest[0]
    : rest.some((word) => word === '--help' || word === '-h')
      ? name
      : undefined;
  const own = about === undefined ? null : helpOf(about);
  if (own !== null) {
    print(own);
    return 0;
  }
  if (name === undefined || (asksHelp && about === undefined)) {
    print(HELP);
    return name === undefined ? 2 : 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) {
    say(`genscope: there is no command “${name}”; there are ${Object.keys(COMMANDS).join(', ')}\n`);
    return 2;
  }
  return isChild() ? serve((signal) => run(command, rest, signal)) : supervise(argv);
}

async function run(command: Command, argv: readonly string[], signal: AbortSignal): Promise<number> {
  try {
    await command(argv, signal);
    return 0;
  } catch (thrown) {
    const error = asGenscopeError(thrown);
    if (isCancelled(error)) {
      say('genscope: cancelled\n');
      return 130;
    }
    say(`genscope: ${error.message} ${error.advice}\n`);
    if (process.env.GENSCOPE_DEBUG && error.detail) say(`${error.detail}\n`);
    return error.code === 'internal' ? 1 : 2;
  }
}

main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
