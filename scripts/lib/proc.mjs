/**
 * Small pieces that every script needs: where the repository is, running a program, and telling a person what
 * happens. Plain Node, because these run before anything is installed.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url)).replace(/[\\/]$/, '');
export const CACHE = join(ROOT, '.cache');

/** A failure whose message is meant for a person: one sentence, shown without a stack. */
export class Complaint extends Error {}

/** @param {number} since performance.now() at the start; answers seconds with one decimal, e.g. '3.2 s' */
export function elapsed(since) {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}

/**
 * Does one piece of work and prints one line when it is over, so that a log shows where the time went.
 * @template T
 * @param {string} label
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(label, work) {
  const start = performance.now();
  try {
    const result = await work();
    console.log(`✓ ${label} (${elapsed(start)})`);
    return result;
  } catch (error) {
    console.log(`✗ ${label} (${elapsed(start)})`);
    throw error;
  }
}

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd] the repository by default
 * @property {NodeJS.ProcessEnv} [env] process.env by default
 * @property {boolean} [show] pass the output on; otherwise it is kept, and its end shown only when the program fails
 */

/**
 * Runs a program without a shell (paths may hold spaces) and without stdin (nothing may wait for an answer).
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<{ code: number, output: string }>}
 */
export function tryRun(command, args, { cwd = ROOT, env = process.env, show = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
        output += text;
      });
    }
    child.on('error', (error) => resolve({ code: 127, output: `${output}${error.message}` }));
    child.on('close', (code, signal) => resolve({ code: code ?? (signal === 'SIGINT' ? 130 : 1), output }));
  });
}

/**
 * As `tryRun`, but a failure throws with the end of what the program said.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<string>}
 */
export async function run(command, args, options = {}) {
  const { code, output } = await tryRun(command, args, options);
  if (code !== 0) {
    const said = shorten(output.trim());
    const program = [command, ...args].join(' ');
    throw new Complaint(`${program} failed with exit code ${code}.${said ? `\n${said}` : ''}`);
  }
  return output;
}

/** The beginning and the end: npm says first what is wrong, compilers and tests say it last. @param {string} text */
function shorten(text) {
  const lines = text.split('\n');
  return lines.length <= 60 ? text : [...lines.slice(0, 20), '…', ...lines.slice(-40)].join('\n');
}

/**
 * npm, through the copy that started us where there is one: on Windows `npm` is a .cmd, which needs a shell.
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 */
export function npm(args, options = {}) {
  const cli = process.env.npm_execpath;
  return cli?.endsWith('.js') ? run(process.execPath, [cli, ...args], options) : run('npm', args, options);
}

/**
 * The first of these programs on PATH, as a full path.
 * @param {readonly string[]} names
 * @returns {string | undefined}
 */
export function which(names) {
  const suffixes = process.platform === 'win32' ? ['.cmd', '.exe'] : [''];
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  for (const name of names) {
    for (const folder of folders) {
      for (const suffix of suffixes) {
        const path = join(folder, name + suffix);
        if (existsSync(path)) return path;
      }
    }
  }
  return undefined;
}

/**
 * One hash over the names and contents of these files; a missing file counts as empty.
 * @param {readonly string[]} paths
 */
export async function hashFiles(paths) {
  const hash = createHash('sha256');
  for (const path of paths) {
    const content = await readFile(path).catch(() => Buffer.alloc(0));
    hash.update(`${basename(path)}:${content.length}:`).update(content);
  }
  return hash.digest('hex').slice(0, 16);
}

/** Prints an error as a person should see it and makes the process end with `code`. @param {unknown} error */
export function fail(error, code = 1) {
  console.error(error instanceof Complaint ? error.message : error);
  process.exitCode = code;
}
