/**
 * A VS Code in the browser, from code-server, with settings that keep it quiet. The tests and the demo share it.
 */
import { spawn } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Complaint, run } from './proc.mjs';

/** No welcome page, no tips, no network, no second side bar: what a test or a newcomer sees is the extension. */
const QUIET_SETTINGS = {
  'workbench.startupEditor': 'none',
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'telemetry.telemetryLevel': 'off',
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'update.mode': 'none',
  'git.enabled': false,
  'chat.disableAIFeatures': true,
};

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 5_000;

/** @type {typeof import('./codeServer.d.mts').startCodeServer} */
export async function startCodeServer({ runtime, dataDir, settings = {}, vsix, port = 0 }) {
  const userData = join(dataDir, 'user');
  const settingsFile = join(userData, 'User', 'settings.json');
  await mkdir(join(userData, 'User'), { recursive: true });
  await mkdir(join(dataDir, 'extensions'), { recursive: true });
  await writeFile(settingsFile, JSON.stringify({ ...QUIET_SETTINGS, ...settings }, null, 2));
  await writeFile(join(dataDir, 'config.yaml'), 'auth: none\n');

  const base = [
    ...[runtime.entry, '--config', join(dataDir, 'config.yaml')],
    ...['--user-data-dir', userData, '--extensions-dir', join(dataDir, 'extensions')],
  ];
  const env = cleanEnvironment(dataDir);
  for (const file of vsix === undefined ? [] : [vsix].flat()) {
    await run(runtime.node, [...base, '--install-extension', file, '--force'], { cwd: dataDir, env });
  }

  const flags = [
    ...['--bind-addr', `127.0.0.1:${port}`, '--auth', 'none'],
    ...['--disable-telemetry', '--disable-update-check', '--disable-workspace-trust'],
    ...['--disable-getting-started-override', '--ignore-last-opened'],
  ];
  // A process group of its own (detached): the server starts extension hosts, and they start our engines.
  const child = spawn(runtime.node, [...base, ...flags], {
    cwd: dataDir,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      output += text;
    });
  }
  let ended = false;
  const exited = new Promise((resolve) => {
    const end = () => {
      ended = true;
      resolve(undefined);
    };
    child.once('exit', end).once('error', end);
  });
  const signal = (/** @type {NodeJS.Signals} */ name) => {
    try {
      if (child.pid) process.kill(-child.pid, name);
    } catch {
      // The group is gone, which is what was wanted.
    }
  };
  // A test runner that is cut short must not leave a server behind.
  const killNow = () => signal('SIGKILL');
  process.once('exit', killNow);

  const stop = async () => {
    signal('SIGTERM');
    await Promise.race([exited, delay(STOP_LIMIT_MS, undefined, { ref: false })]);
    killNow(); // also those of the group that outlived the server
    await exited;
    process.off('exit', killNow);
  };

  try {
    const origin = await waitForStart(() => ({ output, ended }));
    return {
      origin,
      dataDir,
      settingsFile,
      url: (folder) => `${origin}/?folder=${encodeURIComponent(folder)}`,
      logs: async () => output + (await readLogs(userData)),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Waits until the server has said where it listens (it chose the port, so that nobody can take it in between) and
 * answers there.
 * @param {() => { output: string, ended: boolean }} state
 */
async function waitForStart(state) {
  const deadline = performance.now() + START_LIMIT_MS;
  while (performance.now() < deadline) {
    const { output, ended } = state();
    if (ended) throw new Complaint(`code-server ended before it answered.\n${output.trim()}`);
    const origin = /HTTP server listening on (http:\/\/[\d.]+:\d+)/.exec(output)?.[1];
    if (origin && (await fetch(`${origin}/healthz`).catch(() => undefined))?.ok) return origin;
    await delay(50);
  }
  throw new Complaint(
    `code-server did not answer within ${START_LIMIT_MS / 1000} s.\n${state().output.trim()}`,
  );
}

/**
 * The environment without what would change the server's mind: inside a VS Code terminal, VSCODE_IPC_HOOK_CLI makes
 * it hand its arguments to that window and quit; NODE_OPTIONS are meant for us; PORT and PASSWORD are settings to it.
 * @param {string} dataDir
 */
function cleanEnvironment(dataDir) {
  const dropped =
    /^(VSCODE_|CODE_SERVER_|VITEST|npm_|ELECTRON_RUN_AS_NODE$|NODE_OPTIONS$|NODE_ENV$|PORT$|(HASHED_)?PASSWORD$)/;
  const kept = Object.entries(process.env).filter(([name]) => !dropped.test(name));
  return {
    ...Object.fromEntries(kept),
    XDG_DATA_HOME: join(dataDir, 'xdg-data'),
    XDG_CONFIG_HOME: join(dataDir, 'xdg-config'),
  };
}

/** @param {string} userData */
async function readLogs(userData) {
  const root = join(userData, 'logs');
  const entries = await readdir(root, { recursive: true }).catch(() => []);
  const parts = [];
  for (const name of entries.filter((entry) => entry.endsWith('.log')).sort()) {
    const text = (await readFile(join(root, name), 'utf8').catch(() => '')).trim();
    if (text) parts.push(`\n===== ${name}\n${text}\n`);
  }
  return parts.join('');
}
