/** `genscope features`, `stats` and `score`: files that Python reads, one JSON object, tables, exit codes. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { NpzArchive } from '../../src/engine/files/npz.ts';
import type { FeaturesResult, ScoreRun } from '../../src/shared/scores/scores.ts';
import { genscope } from './support/cli.ts';
import { DEMO, temporaryFolder } from './support/engine.ts';
import { colours, EXTRACTOR, REFERENCE, tinyExtractor } from './support/scoring.ts';

const SMALL = ['--samples', '32', '--reference-samples', '64', '--extractor', EXTRACTOR];

describe('genscope features and stats', () => {
  it('write what pytorch-fid reads: mu and sigma in float64, n, and the rows on request', async () => {
    const folder = temporaryFolder();
    const [rows, only] = [path.join(folder, 'rows.npz'), path.join(folder, 'only.npz')];
    const common = [DEMO, '--extractor', EXTRACTOR, '--samples', '32', '--cache', folder, '--json'];
    const features = genscope('features', ...common, '--out', rows);
    expect(features.status).toBe(0);
    expect(JSON.parse(features.stdout) as FeaturesResult).toMatchObject({
      n: 32,
      forwardPasses: 32,
      file: rows,
    });
    const stats = genscope('stats', ...common, '--out', only);
    expect(JSON.parse(stats.stdout)).toMatchObject({ n: 32, forwardPasses: 0 });
    const [a, b] = [await NpzArchive.open(rows), await NpzArchive.open(only)];
    expect([...a.names].sort()).toEqual([...b.names, 'features', 'labels', 'logits'].sort());
    const [all, mu, sigma] = [await a.read('features'), await b.read('mu'), await b.read('sigma')];
    expect([all.shape, mu.shape, sigma.shape]).toEqual([[32, 128], [128], [128, 128]]);
    expect([mu.descr, sigma.descr, all.descr]).toEqual(['<f8', '<f8', '<f4']);
    const column = (k: number) => Array.from({ length: 32 }, (_, i) => all.values[i * 128 + k] as number);
    const mean = (list: readonly number[]) => list.reduce((x, y) => x + y, 0) / list.length;
    for (const [i, k] of [
      [0, 0],
      [3, 90],
      [127, 5],
    ] as const) {
      expect(mu.values[k]).toBeCloseTo(mean(column(k)), 12);
      const product = column(i).map(
        (value, row) => (value - mean(column(i))) * ((column(k)[row] as number) - mean(column(k))),
      );
      expect(sigma.values[i * 128 + k]).toBeCloseTo((mean(product) * 32) / 31, 10);
    }
    expect([...(await a.read('labels')).values].slice(0, 8)).toEqual([1, 2, 3, 4, 5, 6, 0, 1]);
    expect(await b.text('extractor_sha256')).toMatch(/^eca2b4c9aa7c35c4/);
    a.close();
    b.close();
  });

  it('take a folder, with another layer and way of resizing', async () => {
    const folder = temporaryFolder();
    const extractor = tinyExtractor(path.join(folder, 'tiny.onnx'), { input: ['N', 3, 5, 5] });
    await colours(path.join(folder, 'pictures'), 4);
    const out = path.join(folder, 'f.npz');
    const more = ['--extractor', extractor, '--layer', 'maps', '--resize', 'tf1', '--no-cache', '--out', out];
    expect(genscope('features', path.join(folder, 'pictures'), ...more).status).toBe(0);
    const npz = await NpzArchive.open(out);
    expect((await npz.read('features')).shape).toEqual([4, 3]);
    expect(await npz.text('resize')).toBe('tf1');
    npz.close();
  });
});

describe('genscope score', () => {
  it('a preset sets scores, resize and N as published, and says when the extractor is another', () => {
    const few = [
      '--extractor',
      EXTRACTOR,
      '--reference',
      REFERENCE,
      '--reference-samples',
      '64',
      '--no-cache',
    ];
    const asked = [...few, '--preset', 'fid', '--samples', '32', '--json'];
    const { status, stdout, stderr } = genscope('score', DEMO, ...asked);
    expect(status).toBe(0);
    const { settings, extractor, scores } = JSON.parse(stdout) as ScoreRun;
    expect([settings.samples, extractor.resize, scores.map(({ name }) => name)]).toEqual([
      32,
      'torch',
      ['FID'],
    ]);
    expect(stderr).toContain(
      'FID as published is made with FID Inception (genscope setup-inception), of 2048 features',
    );
    for (const wrong of [
      ['--preset', 'fad'],
      ['--preset', 'fid', '--scores', 'kid'],
    ])
      expect(genscope('score', DEMO, ...few, ...wrong)).toMatchObject({ status: 2 });
  });

  it('prints one JSON object, and the same from features as from pictures', () => {
    const folder = temporaryFolder();
    const common = [...SMALL, '--scores', 'fid,kid', '--json', '--cache', folder];
    const { status, stdout } = genscope('score', DEMO, '--reference', REFERENCE, ...common);
    expect(status).toBe(0);
    const run = JSON.parse(stdout) as ScoreRun;
    expect(run).toMatchObject({
      ...{ schema: 1, forwardPasses: 96, reference: { name: 'reference.zip', count: 64 } },
      extractor: { name: 'extractor', resize: 'clean' },
      settings: { samples: 32, seed: 1, scores: ['fid', 'kid'] },
    });
    const out = (name: string) => path.join(folder, name);
    const both = ['--extractor', EXTRACTOR, '--cache', folder];
    genscope('features', DEMO, '--samples', '32', ...both, '--out', out('g.npz'));
    genscope('features', REFERENCE, '--samples', '64', ...both, '--out', out('r.npz'));
    // Both sides are arrays: no extractor is needed.
    const arrays = genscope('score', out('g.npz'), '--reference', out('r.npz'), '--scores', 'fid', '--json');
    expect(arrays.status).toBe(0);
    expect((JSON.parse(arrays.stdout) as ScoreRun).scores[0]?.value).toBeCloseTo(
      run.scores[0]?.value ?? 0,
      6,
    );
  });

  it('prints a table, or a row', () => {
    const folder = temporaryFolder();
    // An interval needs more samples than its groups.
    const more = ['--samples', '64', '--scores', 'fid', '--cache', folder];
    const common = [DEMO, '--reference', REFERENCE, ...SMALL, ...more];
    const text = (...more: string[]) => genscope('score', ...common, ...more);
    const table = text();
    expect(table.stdout).toMatch(/score +value +95 % interval.*\nFID +\d+\.\d+ +\[\d/);
    expect(table.stderr).toContain('FID: N = 64, fewer than');
    expect(text('--markdown').stdout).toMatch(
      /^\| model \| FID \(N = 64\) \|\n\|---\|---\|\n\| generator\.onnx \| \d/,
    );
    expect(text('--latex').stdout).toMatch(/generator\.onnx & \$\d+\.\d+_\{-\d.*\}\^\{\+\d.*\}\$ \\\\/);
    expect(text('--csv').stdout.split('\n')[1]).toMatch(
      /^generator\.onnx,c61cca13.*,fid,FID,\d.*,64,64,extractor,/,
    );
  });

  it('scores an edit and the difference it makes', () => {
    const folder = temporaryFolder();
    const edit = path.join(folder, 'edit.json');
    fs.writeFileSync(edit, JSON.stringify({ edits: [{ layer: 'l16', units: [0, 1, 2, 3, 4, 5, 6, 7] }] }));
    const wish = ['--edit', edit, '--compare', '--scores', 'fid', '--no-cache', '--json'];
    const { stdout } = genscope('score', DEMO, '--reference', REFERENCE, ...SMALL, ...wish);
    const { edited, scores } = JSON.parse(stdout) as ScoreRun;
    const [before, difference] = [edited?.before[0]?.value ?? 0, edited?.difference[0]?.value ?? 0];
    expect(difference).toBeCloseTo((scores[0]?.value ?? 0) - before, 9);
  });

  it.each<[string, string[], string]>([
    ['without a model', ['--reference', REFERENCE], 'takes a MODEL'],
    ['without an extractor', [DEMO, '--reference', REFERENCE], '--extractor'],
    ['with a score that is none', [DEMO, '--reference', REFERENCE, ...SMALL, '--scores', 'fud'], 'fud'],
    ['without a reference where it needs one', [DEMO, ...SMALL, '--scores', 'fid'], 'reference'],
    ['with two formats', [DEMO, ...SMALL, '--json', '--csv'], 'exclude each other'],
    ['with an option that is none', [DEMO, ...SMALL, '--option', 'k=3'], 'score.name=value'],
    ['with a reference that is not there', [DEMO, ...SMALL, '--reference', '/gone'], 'There is nothing at'],
    ['with one sample', [DEMO, '--samples', '1', '--extractor', EXTRACTOR], '--samples takes'],
    ['compared with no edit', [DEMO, ...SMALL, '--compare'], '--compare needs --edit'],
  ])('%s ends with 2 and one line', (_, words, says) => {
    const { status, stderr, stdout } = genscope('score', ...words, '--no-cache');
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr.trim().split('\n')).toEqual([expect.stringContaining(says)]);
  });
});
