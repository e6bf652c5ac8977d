/**
 * `npm run demo`: installs what is missing, builds, and opens a VS Code on a small workspace with the demo generator.
 * `npm run demo -- --headless` draws the same samples through the command line instead.
 */
import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureCodeServer, ensureDependencies } from './ensure.mjs';
import { startCodeServer } from './lib/codeServer.mjs';
import { makeDemoWorkspace } from './lib/demoWorkspace.mjs';
import { CACHE, Complaint, elapsed, fail, npm, ROOT, run, step, which } from './lib/proc.mjs';
import { packageVsix } from './lib/vsix.mjs';

const HELP = `npm run demo [-- OPTIONS]

Opens VS Code on a workspace with the demo generator: the desktop one where there is one, otherwise
code-server, whose address it prints.

  --headless   draws 16 samples through the command line instead, into demo-out/
  --browser    code-server, also where there is a desktop VS Code
  --port N     the port of code-server (any free one by default)
`;

async function headless() {
  const cli = join(ROOT, 'dist', 'cli.js');
  const model = join('media', 'demo', 'generator.onnx');
  const [grid, images] = [join('demo-out', 'grid.png'), join('demo-out', 'images.npy')];
  await rm(join(ROOT, 'demo-out'), { recursive: true, force: true });

  console.log(`\n$ genscope describe ${model}`);
  await run(process.execPath, [cli, 'describe', model], { show: true });

  const flags = ['--count', '16', '--seed', '0', '--rng', 'numpy', '--out', grid, '--npy', images];
  console.log(`\n$ genscope sample ${[model, ...flags].join(' ')}`);
  const start = performance.now();
  await run(process.execPath, [cli, 'sample', model, ...flags], { show: true });
  console.log(
    `\nThe grid of 16 samples is in ${grid}, the pictures as numbers in ${images} (${elapsed(start)}).`,
  );
}

/** The path of a desktop VS Code that can show a window here, if any. */
function findDesktop() {
  // Inside a remote window's terminal, `code` talks to that window and cannot load an extension from a folder.
  if (process.env.VSCODE_IPC_HOOK_CLI) return undefined;
  if (process.platform === 'linux') {
    if (!process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return undefined;
    if (process.getuid?.() === 0) return undefined; // as root it refuses to start
  }
  return which(['code', 'code-insiders']);
}

/** @param {string} code @param {string} workspace */
async function openDesktop(code, workspace) {
  const args = ['--new-window', `--extensionDevelopmentPath=${ROOT}`, workspace];
  // On Windows `code` is a .cmd file, which only a shell can run.
  const shell = process.platform === 'win32';
  const quoted = shell ? args.map((argument) => `"${argument}"`) : args;
  spawn(shell ? `"${code}"` : code, quoted, { detached: true, stdio: 'ignore', shell }).unref();
  console.log('VS Code is opening. Right-click generator.onnx in the Explorer and choose Preview Samples.');
}

/** @param {string} workspace @param {number} port */
async function openInBrowser(workspace, port) {
  const runtime = await ensureCodeServer();
  const vsix = await packageVsix();
  const dataDir = join(CACHE, 'demo-server');
  await rm(dataDir, { recursive: true, force: true });
  const server = await step('start VS Code (code-server)', () =>
    startCodeServer({ runtime, dataDir, vsix, port }),
  );
  console.log(`\nVS Code runs at ${server.url(workspace)}`);
  console.log('Right-click generator.onnx in the Explorer and choose Preview Samples. Ctrl-C stops it.');
  await new Promise((resolve) => {
    process.once('SIGINT', resolve).once('SIGTERM', resolve);
  });
  await server.stop();
  console.log('\nStopped.');
}

/** @param {string | undefined} text */
function readPort(text) {
  const port = Number(text ?? 0);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Complaint(`--port ${text} is no port number.`);
  return port;
}

async function main() {
  const { values } = parseArgs({
    options: {
      headless: { type: 'boolean' },
      browser: { type: 'boolean' },
      port: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return console.log(HELP);
  const port = readPort(values.port);

  const start = performance.now();
  await ensureDependencies();
  await step('build', () => npm(['run', '--silent', 'build']));
  if (values.headless) {
    await headless();
    console.log(`All in ${elapsed(start)}.`);
    return;
  }
  const workspace = await makeDemoWorkspace();
  console.log(`✓ workspace in ${relative(ROOT, workspace)}`);
  const desktop = values.browser || values.port !== undefined ? undefined : findDesktop();
  if (desktop) await openDesktop(desktop, workspace);
  else if (process.platform !== 'linux' && !values.browser) {
    throw new Complaint(
      "No `code` command was found: in VS Code run “Shell Command: Install 'code' command in PATH”.",
    );
  } else await openInBrowser(workspace, port);
}

try {
  await main();
} catch (error) {
  fail(error);
}
