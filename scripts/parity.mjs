// `npm run parity:regen`: makes the reference values of the scores again and rewrites the table of test/parity/README.md.
// Needs Python with test/parity/scores/requirements.txt; `PYTHON=… npm run parity:regen` names another interpreter.
import { join } from 'node:path';
import { ROOT, run } from './lib/proc.mjs';

const python = process.env.PYTHON ?? 'python3';
await run(python, [join(ROOT, 'test', 'parity', 'scores', 'make_reference.py')], {
  show: true,
  env: { ...process.env, OMP_NUM_THREADS: '1' },
});
const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
await run(process.execPath, [vitest, 'run', '--project', 'parity', 'test/parity/scores'], {
  show: true,
  env: { ...process.env, GENSCOPE_UPDATE: '1' },
});
