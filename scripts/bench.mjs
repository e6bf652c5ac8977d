// `npm run bench`: measures, prints ratios and writes test/results/bench-*.json. Never part of `npm test`: timings are
// figures, not assertions. `npm run bench -- throughput` runs one file.
import { join } from 'node:path';
import { ensureChromium, ensureCodeServer, ensureDependencies } from './ensure.mjs';
import { npm, ROOT, run } from './lib/proc.mjs';

await ensureDependencies();
await ensureChromium();
await ensureCodeServer();
await npm(['run', '--silent', 'build']);
const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
await run(process.execPath, [vitest, 'run', '--project', 'bench', ...process.argv.slice(2)], { show: true });
