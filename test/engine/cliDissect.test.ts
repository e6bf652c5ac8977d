/** `genscope dissect` as scripts use it. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { CLI, genscope } from './support/cli.ts';
import { SEGMENTER, writeTinyGenerator } from './support/dissection.ts';
import { DEMO, FIXTURES, temporaryFolder } from './support/engine.ts';

const BASE = ['dissect', DEMO, '--segmenter', SEGMENTER] as const;

// biome-ignore lint/suspicious/noExplicitAny: what a script would see
function parsed(text: string): any {
  return JSON.parse(text);
}

/** Without what the clock and the place decide. */
function lasting(text: string): unknown {
  const { cached: _, cache: __, files: ___, genscope: own, ...rest } = parsed(text);
  const { ms: _ms, runMs: _run, made: _made, ...kept } = own;
  return { ...rest, genscope: kept };
}

describe('genscope dissect', () => {
  it('writes three files and says what it found', () => {
    const folder = temporaryFolder();
    const out = path.join(folder, 'new', 'out');
    const args = [
      '--layer',
      'l8b',
      '--layer',
      'l64',
      '--samples',
      '64',
      '--cache',
      path.join(folder, 'cache'),
    ];
    const { status, stdout, stderr } = genscope(...BASE, ...args, '--out', out);
    expect([status, stdout]).toEqual([0, '']);
    expect(stderr).toMatch(/^l8b: \d+ of 128 units interpretable, \d+ concepts \(null 0\.\d{3}\)$/m);
    expect(stderr).toMatch(/^l64: \d+ of 24 units/m);
    expect(stderr).toMatch(/^64 samples, in \d+\.\d s: /m);
    expect(fs.readdirSync(out).toSorted()).toEqual(['dissect.json', 'report.html', 'units.csv']);
    const again = genscope(...BASE, ...args, '--out', out, '--json');
    expect(again.stderr).toContain('kept from before');
    const said = parsed(again.stdout);
    expect(said.cached).toBe(true);
    expect(said.files).toEqual(
      ['dissect.json', 'units.csv', 'report.html'].map((name) => path.join(out, name)),
    );
    expect(said.cache).toContain(path.join(folder, 'cache', 'dissections'));
    const { cached: _, cache: __, files: ___, ...rest } = said;
    const file = parsed(fs.readFileSync(path.join(out, 'dissect.json'), 'utf8'));
    for (const layer of file.layers) delete layer.rankings;
    expect(rest).toEqual(file);
  });

  it('prints one object, with every unit’s IoU, label, threshold, interval and null', () => {
    const { status, stdout } = genscope(...BASE, '--layer', 'l8b', '--samples', '64', '--no-cache', '--json');
    expect(status).toBe(0);
    const { layers, cached, cache, files, genscope: own } = parsed(stdout);
    expect([cached, cache, files]).toEqual([false, null, []]);
    expect(own.settings).toMatchObject({
      samples: 64,
      seed: 1,
      levelSeed: 2,
      leastIou: 0.04,
      resolution: 256,
    });
    expect(layers.map(({ layer }: { layer: string }) => layer)).toEqual(['l8b']);
    expect(layers[0].units).toHaveLength(128);
    for (const [
      i,
      { unit, iou, iou_label, threshold, interval, null: chance },
    ] of layers[0].units.entries()) {
      expect(unit).toBe(i);
      expect([iou >= 0 && iou <= 1, chance >= 0 && chance <= 1, threshold > 0]).toEqual([true, true, true]);
      expect(interval[0] <= iou && iou <= interval[1]).toBe(true);
      expect(own.segmenter.concepts).toContain(iou_label);
    }
  });

  it('takes every setting', () => {
    const ways = [
      ['--seed', '5', '--level-seed', '6', '--least-iou', '0.06', '--resolution', '32', '--quantile', '0.02'],
      ['--iqr', '--batch', '7', '--threads', '1'],
    ];
    const [first, second] = ways.map((way) =>
      parsed(genscope(...BASE, '--layer', 'l64', '--samples', '32', ...way, '--no-cache', '--json').stdout),
    );
    expect(first).toMatchObject({
      ...{ quantile_threshold: 0.02, iou_threshold: 0.06 },
      genscope: { settings: { seed: 5, levelSeed: 6, resolution: 32 }, maps: [32, 32] },
    });
    expect(second).toMatchObject({
      quantile_threshold: 'iqr',
      genscope: { settings: { level: { mode: 'iqr' } } },
    });
  });

  it('takes all layers that the model lists', () => {
    const { stdout } = genscope(...BASE, '--all-layers', '--samples', '16', '--no-cache', '--json');
    expect(parsed(stdout).layers.map(({ layer }: { layer: string }) => layer)).toEqual([
      'bn4/relu',
      'l8',
      'l8b',
      'l16',
      'l16b',
      'l32',
      'l64',
    ]);
  });

  it('leaves the page out when it is told to', () => {
    const out = path.join(temporaryFolder(), 'out');
    genscope(...BASE, '--layer', 'l64', '--samples', '16', '--no-cache', '--no-report', '--out', out);
    expect(fs.readdirSync(out).toSorted()).toEqual(['dissect.json', 'units.csv']);
  });

  it('keeps its cache where such programs do, unless told otherwise', () => {
    const home = temporaryFolder();
    const before = process.env.XDG_CACHE_HOME;
    process.env.XDG_CACHE_HOME = home;
    try {
      const { stdout } = genscope(...BASE, '--layer', 'l64', '--samples', '16', '--json');
      expect(parsed(stdout).cache.startsWith(path.join(home, 'genscope', 'dissections'))).toBe(true);
    } finally {
      if (before === undefined) delete process.env.XDG_CACHE_HOME;
      else process.env.XDG_CACHE_HOME = before;
    }
  });

  it('refuses what makes no sense with one line and exit 2', () => {
    const folder = temporaryFolder();
    const file = path.join(folder, 'a file');
    fs.writeFileSync(file, 'in the way');
    const flat = writeTinyGenerator(folder, 'flat.onnx', { units: 0, side: 8 });
    const out = path.join(folder, 'out');
    const good = ['--segmenter', SEGMENTER, '--layer', 'l8b', '--out', out, '--no-cache'];
    const wrong: readonly (readonly [string, ...string[]])[] = [
      ['needs a model', ...good],
      ['needs --segmenter DIR', DEMO, '--layer', 'l8b', '--out', out],
      ['either --layer L', DEMO, '--segmenter', SEGMENTER, '--out', out],
      ['either --layer L', DEMO, ...good, '--all-layers'],
      ['needs --out DIR, or --json', DEMO, '--segmenter', SEGMENTER, '--layer', 'l8b'],
      ['Its layers are bn4/relu, l8, l8b', DEMO, ...good, '--layer', 'l9'],
      ['has no layer that can be dissected', flat, '--segmenter', SEGMENTER, '--all-layers', '--out', out],
      ['--samples takes a whole number from 2', DEMO, ...good, '--samples', '1'],
      ['--quantile takes a number', DEMO, ...good, '--quantile', '2'],
      ['0 is no share of the pixels', DEMO, ...good, '--quantile', '0'],
      ['exclude each other', DEMO, ...good, '--quantile', '0.02', '--iqr'],
      ['exclude each other', DEMO, ...good, '--cache', folder],
      ['--no-report', DEMO, ...good, '--report', '--no-report'],
      ['--resolution takes', DEMO, ...good, '--resolution', '0'],
      ['--batch takes', DEMO, ...good, '--batch', '0'],
      ['--seed takes', DEMO, ...good, '--seed', '1.5'],
      ['could not be written', DEMO, '--segmenter', SEGMENTER, '--layer', 'l8b', '--out', file, '--no-cache'],
      ['could not be written', DEMO, '--segmenter', SEGMENTER, '--layer', 'l8b', '--json', '--cache', file],
      ['config.json', DEMO, '--segmenter', folder, '--layer', 'l8b', '--json', '--no-cache'],
      [
        'not finite',
        path.join(FIXTURES, 'nan.onnx'),
        '--segmenter',
        SEGMENTER,
        '--layer',
        'b16',
        '--json',
        '--no-cache',
      ],
    ];
    for (const [says, ...args] of wrong) {
      const { status, stderr, stdout } = genscope('dissect', ...args);
      expect(stderr).toContain(says);
      expect([status, stdout, stderr.trim().split('\n').length, args]).toEqual([2, '', 1, args]);
    }
    expect(fs.readFileSync(file, 'utf8')).toBe('in the way');
  });
});

it('takes no more memory for ten times the samples', { timeout: 180_000 }, () => {
  const says = 'process.on("exit",()=>process.stderr.write("peak="+process.resourceUsage().maxRSS))';
  const peak = (samples: number) => {
    const { stderr } = spawnSync(
      process.execPath,
      [
        ...['--import', `data:text/javascript,${says}`, CLI, ...BASE, '--layer', 'l64'],
        ...['--samples', `${samples}`, '--no-cache', '--json'],
      ],
      { encoding: 'utf8' },
    );
    return Number(/peak=(\d+)/.exec(stderr)?.[1]);
  };
  const few = peak(200);
  expect(few).toBeGreaterThan(10_000);
  expect(peak(2000) / few).toBeLessThan(1.1);
});

describe('a dissection that is interrupted', () => {
  const settings = ['--layer', 'l16', '--samples', '1000', '--batch', '8', '--no-report'];

  /** Started, and left alone until its unfinished work is on disk, or it says what is awaited. */
  async function started(cache: string, until: (state: string) => boolean): Promise<ChildProcess> {
    const child = spawn(process.execPath, [CLI, ...BASE, ...settings, '--cache', cache, '--json'], {
      stdio: 'ignore',
    });
    const state = () => {
      const [key] = fs.existsSync(path.join(cache, 'dissections'))
        ? fs.readdirSync(path.join(cache, 'dissections'))
        : [];
      return key === undefined ? '' : path.join(cache, 'dissections', key, 'state.bin');
    };
    while (child.exitCode === null && !until(state()))
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(child.exitCode).toBe(null);
    return child;
  }

  const ended = (child: ChildProcess) =>
    new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));

  it('by Ctrl-C ends with 130 and goes on from there; by kill from what was kept last', {
    timeout: 180_000,
  }, async () => {
    const folder = temporaryFolder();
    const whole = genscope(...BASE, ...settings, '--no-cache', '--json').stdout;

    const kept = path.join(folder, 'kept');
    const child = await started(kept, (state) => state !== '');
    await new Promise((resolve) => setTimeout(resolve, 600));
    child.kill('SIGINT');
    expect(await ended(child)).toBe(130);
    const resumed = genscope(...BASE, ...settings, '--cache', kept, '--json');
    expect(resumed.stderr).toMatch(/resumed at [\d,]+ of 1,000 \((thresholds|agreement)\)/);
    expect(lasting(resumed.stdout)).toEqual(lasting(whole));

    const killed = path.join(folder, 'killed');
    const victim = await started(killed, (state) => state !== '' && fs.existsSync(state));
    victim.kill('SIGKILL');
    await ended(victim);
    const after = genscope(...BASE, ...settings, '--cache', killed, '--json');
    expect(after.stderr).toMatch(/resumed at [\d,]+ of 1,000/);
    expect(lasting(after.stdout)).toEqual(lasting(whole));
  });
});
