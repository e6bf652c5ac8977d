/** The stages of `npm test`, in their order, and how each is counted. */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureChromium, ensureCodeServer } from '../ensure.mjs';
import { npm, ROOT, tryRun } from './proc.mjs';

/**
 * @typedef {object} Outcome
 * @property {number} passed
 * @property {number} failed
 * @property {string} [note] what a person should know beside the numbers
 */

/**
 * @typedef {object} Stage
 * @property {string} name
 * @property {() => Promise<Outcome>} run
 */

const RESULTS = join(ROOT, 'test', 'results');
/** Vitest's projects, with what must be installed for each. */
const PROJECTS = {
  unit: [],
  parity: [],
  engine: [],
  field: [],
  webview: [ensureChromium],
  package: [],
  e2e: [ensureChromium, ensureCodeServer],
};

/** @type {readonly Stage[]} */
export const STAGES = [
  script('lint'),
  script('types'),
  ...Object.entries(PROJECTS).map(([name, needs]) => ({ name, run: () => runProject(name, needs) })),
];

/** A script of package.json, counted as one test. @param {string} name @returns {Stage} */
export function script(name) {
  return {
    name,
    run: async () => {
      try {
        await npm(['run', '--silent', name], { env: quietEnvironment() });
        return { passed: 1, failed: 0 };
      } catch (error) {
        console.log(error instanceof Error ? error.message : error);
        return { passed: 0, failed: 1 };
      }
    },
  };
}

/**
 * @param {string} name
 * @param {readonly (() => Promise<unknown>)[]} needs
 * @returns {Promise<Outcome>}
 */
async function runProject(name, needs) {
  if (!(await hasTests(name))) return { passed: 0, failed: 0, note: 'no tests yet' };
  for (const ensure of needs) await ensure();

  await mkdir(RESULTS, { recursive: true });
  const report = join(RESULTS, `${name}.json`);
  await rm(report, { force: true }); // an old report must not be taken for this run's
  const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
  const args = [
    vitest,
    'run',
    '--project',
    name,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ];
  const { code } = await tryRun(process.execPath, args, { show: true, env: quietEnvironment() });
  const text = await readFile(report, 'utf8').catch(() => undefined);
  if (text === undefined) return { passed: 0, failed: 1, note: `crashed with exit code ${code}` };
  return count(JSON.parse(text), code);
}

/**
 * @param {{ testResults: { status: string, assertionResults: { status: string }[] }[] }} report
 * @param {number} code
 * @returns {Outcome}
 */
export function count(report, code) {
  const tests = report.testResults.flatMap((file) => file.assertionResults);
  const passed = tests.filter(({ status }) => status === 'passed').length;
  const failedTests = tests.filter(({ status }) => status === 'failed').length;
  // A file that failed with no failed test of its own did not load, or its set-up failed and its tests were skipped.
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((assertion) => assertion.status === 'failed'),
  ).length;
  const skipped = tests.length - passed - failedTests;
  const notes = [];
  if (brokenFiles > 0) notes.push(`${brokenFiles} file(s) did not get as far as their tests`);
  if (skipped > 0) notes.push(`${skipped} skipped`);

  let failed = failedTests + brokenFiles;
  if (failed === 0 && (passed === 0 || code !== 0)) {
    failed = 1;
    notes.push(passed === 0 ? 'no test ran' : `exit code ${code} although no test failed`);
  }
  return { passed, failed, ...(notes.length > 0 && { note: notes.join(', ') }) };
}

/** @param {string} name */
async function hasTests(name) {
  const files = await readdir(join(ROOT, 'test', name), { recursive: true }).catch(() => []);
  return files.some((file) => file.endsWith('.test.ts'));
}

/** Without a terminal that redraws lines, colours and spinners are only noise in a log. */
function quietEnvironment() {
  if (!process.env.CI && process.stdout.isTTY) return process.env;
  const { FORCE_COLOR: _, ...env } = process.env;
  return { ...env, NO_COLOR: '1', npm_config_progress: 'false' };
}
