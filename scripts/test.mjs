/**
 * `npm test`: installs what is missing, builds, runs every stage whatever became of the one before, and says in the
 * last line how many tests passed and failed. `--only unit,engine` runs some of the stages.
 */
import { parseArgs } from 'node:util';
import { ensureDependencies } from './ensure.mjs';
import { Complaint, elapsed, fail } from './lib/proc.mjs';
import { STAGES, script } from './lib/stages.mjs';

/** @typedef {import('./lib/stages.mjs').Stage} Stage */

const HELP = `npm test [-- --only STAGE,…]

Stages: ${STAGES.map(({ name }) => name).join(', ')}.
`;

/** @returns {readonly Stage[]} */
function chosenStages() {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) {
    console.log(HELP);
    return [];
  }
  if (values.only === undefined) return STAGES;
  const names = values.only.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !STAGES.some((stage) => stage.name === name));
  if (unknown.length > 0) throw new Complaint(`There is no stage '${unknown.join("', '")}'.\n\n${HELP}`);
  return STAGES.filter(({ name }) => names.includes(name));
}

/** A stage that throws is one failure, not the end of the run. @param {Stage} stage */
async function runStage({ name, run }) {
  console.log(`\n── ${name} ──`);
  const start = performance.now();
  const outcome = await run().catch((error) => {
    console.log(error instanceof Complaint ? error.message : error);
    return { passed: 0, failed: 1, note: 'could not run' };
  });
  return { name, time: elapsed(start), note: '', ...outcome };
}

/** @param {Awaited<ReturnType<typeof runStage>>[]} results @param {number} start */
function summarise(results, start) {
  console.log('\nstage     passed  failed     time');
  for (const { name, passed, failed, time, note } of results) {
    const numbers = `${String(passed).padStart(6)}  ${String(failed).padStart(6)}  ${time.padStart(7)}`;
    console.log(`${name.padEnd(8)}  ${numbers}${note ? `  (${note})` : ''}`);
  }
  console.log(`All in ${elapsed(start)}.\n`);
}

/** @param {readonly Stage[]} stages */
async function main(stages) {
  const start = performance.now();
  const results = [];
  const install = await runStage({
    name: 'install',
    run: async () => {
      await ensureDependencies();
      return { passed: 0, failed: 0 };
    },
  });
  results.push(install);
  // Without packages nothing else can run, and each stage would only say so again.
  if (install.failed === 0) {
    const build = await runStage(script('build'));
    // Building is no test; not building is a failure.
    results.push({ ...build, passed: 0 });
    for (const stage of stages) results.push(await runStage(stage));
  }
  summarise(results, start);
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  const failed = results.reduce((sum, result) => sum + result.failed, 0);
  if (failed > 0) process.exitCode = 1;
  console.log(`${passed} passed, ${failed} failed`);
}

try {
  const stages = chosenStages();
  if (stages.length > 0) await main(stages);
} catch (error) {
  fail(error, 2);
}
