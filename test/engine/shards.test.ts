/** Parts made apart and merged are what one machine would have written; the files for clusters do exactly that. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { features } from '../../src/engine/features/features.ts';
import { merge } from '../../src/engine/features/merge.ts';
import { shardRange } from '../../src/engine/features/shard.ts';
import { NpzArchive } from '../../src/engine/files/npz.ts';
import { SCORE_DEFAULTS, type ScoreRun, type Shard } from '../../src/shared/scores/scores.ts';
import { CLI, genscope } from './support/cli.ts';
import { DEMO, ROOT, temporaryFolder } from './support/engine.ts';
import { colours, EXTRACTOR, REFERENCE, testModels, tinyExtractor } from './support/scoring.ts';

const SAMPLES = 50;
const COMMON = ['--extractor', EXTRACTOR, '--samples', String(SAMPLES), '--no-cache'];
const RECIPES = path.join(ROOT, 'scripts', 'cluster');

type Arrays = Record<string, ArrayLike<number>>;

async function arraysOf(file: string, names: readonly string[]): Promise<Arrays> {
  const npz = await NpzArchive.open(file);
  try {
    const arrays: Arrays = {};
    for (const name of names) arrays[name] = (await npz.read(name)).values;
    return arrays;
  } finally {
    npz.close();
  }
}

/** Largest difference of any number, against the largest of its array. */
function apart(a: Arrays, b: Arrays): number {
  const each = Object.keys(a).map((name) => {
    const [x, y] = [Array.from(a[name] as ArrayLike<number>), Array.from(b[name] as ArrayLike<number>)];
    expect(y.length).toBe(x.length);
    const size = Math.max(1e-300, ...x.map(Math.abs));
    return Math.max(...x.map((value, i) => Math.abs(value - (y[i] as number)))) / size;
  });
  return Math.max(...each);
}

function makeParts(given: string, folder: string, of: number, more: string[]) {
  return Array.from({ length: of }, (_, index) => {
    const out = path.join(folder, `stats-${of}-${index}.npz`);
    const { status, stderr } = genscope('stats', given, ...more, '--shard', `${index}/${of}`, '--out', out);
    expect(stderr).not.toMatch(/^genscope: /m);
    expect(status).toBe(0);
    return out;
  });
}

/** A `genscope` on the PATH, as a cluster has one. */
function withGenscope(folder: string): NodeJS.ProcessEnv {
  const bin = path.join(folder, 'bin');
  fs.mkdirSync(bin, { recursive: true });
  const script = `#!/bin/sh\nexec ${JSON.stringify(process.execPath)} ${JSON.stringify(CLI)} "$@"\n`;
  fs.writeFileSync(path.join(bin, 'genscope'), script, { mode: 0o755 });
  return { ...process.env, PATH: `${bin}${path.delimiter}${process.env.PATH}` };
}

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8', env });
  expect(status, stderr).toBe(0);
}

describe('parts', () => {
  it('share out any number of pictures: each once, none empty where there are enough', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 60 }), (count, of) => {
        const ranges = Array.from({ length: of }, (_, index) => shardRange(count, { index, of }));
        expect(ranges[0]?.from).toBe(0);
        expect(ranges.at(-1)?.to).toBe(count);
        for (const [i, { from, to }] of ranges.entries()) {
          if (i > 0) expect(from).toBe(ranges[i - 1]?.to);
          expect(to - from).toBeGreaterThanOrEqual(Math.floor(count / of));
          expect(to - from).toBeLessThanOrEqual(Math.ceil(count / of));
        }
      }),
    );
  });

  it('two, three and eight merged are one run, to 1e-9', async () => {
    const folder = temporaryFolder();
    const names = ['mu', 'sigma', 'n', 'features', 'logits', 'labels'];
    const context = { models: testModels(), signal: new AbortController().signal, report: () => {} };
    const { source, classes, quantisation } = SCORE_DEFAULTS;
    const model = { path: DEMO };
    const input = { kind: 'model', model, samples: SAMPLES, seed: 1, source, classes, quantisation } as const;
    const make = async (name: string, shard?: Shard) => {
      const out = path.join(folder, name);
      const params = { input, extractor: { path: EXTRACTOR }, cache: null, out };
      await features(shard ? { ...params, shard } : params, context);
      return out;
    };
    const whole = await make('whole.npz');
    for (const of of [2, 3, 8]) {
      const parts: string[] = [];
      for (let index = 0; index < of; index++) parts.push(await make(`${of}-${index}.npz`, { index, of }));
      const out = path.join(folder, `merged-${of}.npz`);
      // In whatever order a shell lists them.
      const result = await merge({ parts: parts.reverse(), out }, { ...context, threads: 0 });
      expect(result).toMatchObject({ n: SAMPLES, parts: of, rows: true, extractor: 'extractor' });
      expect(apart(await arraysOf(whole, names), await arraysOf(out, names))).toBeLessThan(1e-9);
    }
    const settings = ['--reference', whole, '--scores', 'fid', '--json'];
    const { stdout } = genscope('score', path.join(folder, 'merged-8.npz'), ...settings);
    expect(Math.abs((JSON.parse(stdout) as ScoreRun).scores[0]?.value ?? 1)).toBeLessThan(1e-6);
  });

  it('of pictures, of which one part has a single one: statistics alone merge', async () => {
    const folder = temporaryFolder();
    const pictures = await colours(path.join(folder, 'pictures'), 7);
    const extractor = tinyExtractor(path.join(folder, 'tiny.onnx'), { input: ['N', 3, 5, 5] });
    const common = ['--extractor', extractor, '--no-cache'];
    const whole = path.join(folder, 'whole.npz');
    expect(genscope('stats', pictures, ...common, '--out', whole).status).toBe(0);
    const parts = makeParts(pictures, folder, 5, common);
    const out = path.join(folder, 'merged.npz');
    expect(genscope('merge', ...parts, '--out', out).stderr).toContain(
      '7 from 5 part(s), mean and covariance',
    );
    const names = ['mu', 'sigma', 'n'];
    expect(apart(await arraysOf(whole, names), await arraysOf(out, names))).toBeLessThan(1e-9);
    const tooMany = genscope('stats', pictures, ...common, '--shard', '0/8', '--out', out);
    expect(tooMany).toMatchObject({ status: 2 });
    expect(tooMany.stderr).toMatch(/7 picture\(s\) cannot be shared among 8/);
  });

  it('that do not belong together, are missing or there twice are refused by name', {
    timeout: 120_000,
  }, () => {
    const folder = temporaryFolder();
    const out = path.join(folder, 'merged.npz');
    const [a, b, c] = makeParts(DEMO, folder, 3, COMMON) as [string, string, string];
    const says = (...parts: string[]) => {
      const { status, stderr } = genscope('merge', ...parts, '--out', out);
      expect(status).toBe(2);
      expect(fs.existsSync(out)).toBe(false);
      return stderr;
    };
    expect(says(a, c)).toContain('Of 3 parts, 1 are missing: 1.');
    fs.copyFileSync(b, path.join(folder, 'again.npz'));
    expect(says(a, b, path.join(folder, 'again.npz'), c)).toContain(
      'stats-3-1.npz and again.npz are both part 1',
    );
    const other = path.join(folder, 'other.npz');
    genscope('stats', DEMO, ...COMMON, '--seed', '2', '--shard', '1/3', '--out', other);
    expect(says(a, other, c)).toMatch(/other\.npz and stats-3-0\.npz do not belong together: .*seeds/);
    genscope('stats', DEMO, ...COMMON, '--out', other);
    expect(says(a, b, c, other)).toContain('other.npz is no part of anything');
    fs.writeFileSync(other, fs.readFileSync(b).subarray(0, 300));
    expect(says(a, other, c)).toContain('other.npz cannot be read');
    expect(says(path.join(folder, 'nowhere.npz'))).toContain('nowhere.npz cannot be read');
    for (const wrong of ['3/3', '1', '-1/3', 'a/b'])
      expect(genscope('stats', DEMO, ...COMMON, `--shard=${wrong}`, '--out', out).stderr).toContain(
        '--shard takes',
      );
    expect(genscope('stats', a, ...COMMON, '--shard', '0/2', '--out', out).stderr).toContain('made already');
  });
});

describe('the files for clusters, with the parts as processes', () => {
  const reference = async (folder: string) => {
    const whole = path.join(folder, 'reference.npz');
    const wanted = ['--extractor', EXTRACTOR, '--samples', '24', '--seed', '1', '--no-cache'];
    expect(genscope('features', DEMO, ...wanted, '--out', whole).status).toBe(0);
    return arraysOf(whole, ['mu', 'sigma', 'features']);
  };
  const made = (file: string) => arraysOf(file, ['mu', 'sigma', 'features']);

  it('Slurm: an array that counts from 1, and its merge', async () => {
    const folder = temporaryFolder();
    const env = { ...withGenscope(folder), MODEL: DEMO, EXTRACTOR, SAMPLES: '24', OUT: folder };
    for (const task of [1, 2, 3])
      run('bash', [path.join(RECIPES, 'features.sbatch')], {
        ...env,
        ...{ SLURM_ARRAY_TASK_ID: String(task), SLURM_ARRAY_TASK_MIN: '1', SLURM_ARRAY_TASK_COUNT: '3' },
        SLURM_CPUS_PER_TASK: '1',
      });
    run('bash', [path.join(RECIPES, 'merge.sbatch')], env);
    expect(apart(await reference(folder), await made(path.join(folder, 'features.npz')))).toBeLessThan(1e-9);
  });

  it('Kubernetes: the command of an indexed job', async () => {
    const folder = temporaryFolder();
    const job = fs.readFileSync(path.join(RECIPES, 'job.yaml'), 'utf8');
    const [, block = ''] = /args:\n +- \|\n((?: {14}.*\n)+)/.exec(job) ?? [];
    const command = block.replace(/^ {14}/gm, '');
    expect(command).toContain('genscope features');
    const given = Object.fromEntries(
      [...job.matchAll(/\{ name: (\w+), value: "?([^" ]+)"? \}/g)].map(([, k, v]) => [k, v]),
    );
    expect(given).toMatchObject({ PARTS: String(/completions: (\d+)/.exec(job)?.[1]) });
    const env = {
      ...{ ...withGenscope(folder), ...given, MODEL: DEMO, EXTRACTOR, SAMPLES: '24' },
      ...{ PARTS: '2', DATA: folder },
    };
    for (const index of ['0', '1'])
      run('bash', ['-euo', 'pipefail', '-c', command], { ...env, JOB_COMPLETION_INDEX: index });
    const parts = [0, 1].map((index) => path.join(folder, 'parts', `part-${index}.npz`));
    const out = path.join(folder, 'features.npz');
    expect(genscope('merge', ...parts, '--out', out).status).toBe(0);
    expect(apart(await reference(folder), await made(out))).toBeLessThan(1e-9);
  });

  it.skipIf(spawnSync('python3', ['--version']).status !== 0)(
    'Ray: with tasks that run at once, in place of a cluster',
    async () => {
      const folder = temporaryFolder();
      const stand = path.join(folder, 'stand-in');
      fs.mkdirSync(stand);
      fs.writeFileSync(
        path.join(stand, 'ray.py'),
        `class Remote:
    def __init__(self, function): self.function = function
    def remote(self, *args): return self.function(*args)
def remote(**_): return Remote
def init(): pass
def get(values): return values
`,
      );
      const env = { ...withGenscope(folder), PYTHONPATH: stand, PYTHONDONTWRITEBYTECODE: '1' };
      const recipe = path.join(RECIPES, 'ray_features.py');
      run('python3', [recipe, DEMO, EXTRACTOR, folder, '--parts', '2', '--samples', '24'], env);
      expect(apart(await reference(folder), await made(path.join(folder, 'features.npz')))).toBeLessThan(
        1e-9,
      );
    },
  );

  it('the container file copies what is there, and all that the command line needs', () => {
    const file = fs.readFileSync(path.join(RECIPES, 'Dockerfile'), 'utf8');
    const copied = [...file.matchAll(/^COPY --from=build \/genscope\/(\S+)/gm)].map(
      ([, from]) => from as string,
    );
    expect(copied).toEqual(['package.json', 'dist/cli.js', 'node_modules', 'media/demo']);
    for (const from of copied) expect(fs.existsSync(path.join(ROOT, from))).toBe(true);
    const { dependencies } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
    // What the bundle leaves outside is what `npm prune --omit=dev` keeps.
    expect(Object.keys(dependencies).sort()).toEqual(['onnxruntime-node', 'sharp']);
    expect(REFERENCE.startsWith(path.join(ROOT, 'media', 'demo'))).toBe(true);
  });
});
