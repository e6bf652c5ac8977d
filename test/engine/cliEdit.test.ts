/** `genscope edit` and `genscope effect`: a baked file gives the pictures of the edit, and effects are what they say. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { isPlacement, isSelections } from '../../src/shared/effects/effectGuards.ts';
import type { Placement, Selections } from '../../src/shared/effects/effects.ts';
import { genscope as run } from './support/cli.ts';
import { DEMO, ROOT, temporaryFolder } from './support/engine.ts';

/** As a list of words. */
function genscope(words: readonly string[]) {
  const { status, stdout, stderr } = run(...words);
  return { code: status, stdout, stderr };
}

const SEGMENTER = path.join(ROOT, 'media', 'demo', 'segmenter');

function editFile(folder: string, json: unknown): string {
  const file = path.join(folder, 'edit.json');
  fs.writeFileSync(file, JSON.stringify(json));
  return file;
}

describe('genscope edit', () => {
  it('bakes what it shows', () => {
    const folder = temporaryFolder();
    const at = (name: string) => path.join(folder, name);
    const edit = editFile(folder, {
      name: 'dim',
      edits: [
        { layer: 'l8b', units: [1, 2, 3, 40], scale: 0 },
        { layer: 'l16', units: [7], scale: 1, shift: 0.5, strength: 0.5 },
        { layer: 'l32', units: [9], muted: true },
      ],
    });
    const shown = ['--sample', at('shown.png'), '--npy', at('shown.npy'), '--count', '5'];
    const edited = genscope(['edit', DEMO, '--edit', edit, '--out', at('edited.onnx'), ...shown, '--json']);
    expect(edited.code).toBe(0);
    expect(JSON.parse(edited.stdout)).toMatchObject({
      edit: { name: 'dim' },
      files: [at('edited.onnx'), at('shown.png'), at('shown.npy')],
    });
    const again = ['--count', '5', '--out', at('baked.png'), '--npy', at('baked.npy')];
    expect(genscope(['sample', at('edited.onnx'), ...again]).code).toBe(0);
    const [live, baked] = [fs.readFileSync(at('shown.npy')), fs.readFileSync(at('baked.npy'))];
    expect(baked.length).toBe(live.length);
    let most = 0;
    live.forEach((value, i) => {
      most = Math.max(most, Math.abs(value - (baked[i] as number)));
    });
    // A value on the border of two of the 256 may fall to either side.
    expect(most).toBeLessThanOrEqual(1);
    const plain = genscope([
      'sample',
      DEMO,
      '--count',
      '5',
      '--out',
      at('plain.png'),
      '--npy',
      at('plain.npy'),
    ]);
    expect(plain.code).toBe(0);
    expect(fs.readFileSync(at('plain.npy')).equals(live)).toBe(false);
  });

  it.each([
    [{ edits: [{ layer: 'nowhere', units: [1] }] }, 'Its layers are bn4/relu, l8'],
    [{ edits: [{ layer: 'l8', units: [128] }] }, 'There is no unit 128'],
    [{ edits: [{ layer: 'l8', units: [1], samples: [{ seed: 0 }] }] }, 'chosen samples'],
    [{ edits: 1 }, '$.edits must be a list'],
  ])('refuses %j', (json, says) => {
    const folder = temporaryFolder();
    const out = path.join(folder, 'edited.onnx');
    const { code, stderr } = genscope(['edit', DEMO, '--edit', editFile(folder, json), '--out', out]);
    expect(code).toBe(2);
    expect(stderr).toContain(says);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(fs.readdirSync(folder)).toEqual(['edit.json']);
  });

  it('does not write over the model it reads', () => {
    const folder = temporaryFolder();
    const model = path.join(folder, 'generator.onnx');
    fs.copyFileSync(DEMO, model);
    const edit = editFile(folder, { edits: [{ layer: 'l8', units: [1] }] });
    const { code, stderr } = genscope(['edit', model, '--edit', edit, '--out', model]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('the model itself')]);
    expect(fs.readFileSync(model).equals(fs.readFileSync(DEMO))).toBe(true);
  });
});

describe('genscope edit, exports', () => {
  it('writes pairs, a sweep and Python', () => {
    const folder = temporaryFolder();
    const at = (name: string) => path.join(folder, name);
    const edit = editFile(folder, { edits: [{ layer: 'l8b', units: [1, 2] }] });
    const { code, stdout } = genscope([
      ...['edit', DEMO, '--edit', edit, '--count', '2', '--pairs', at('pairs'), '--code', at('edit.py')],
      ...['--sweep', at('sweep.webp'), '--from', '-1', '--to', '2', '--frames', '2', '--json'],
    ]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).files).toEqual([at('pairs'), at('sweep.webp'), at('edit.py')]);
    expect(fs.readdirSync(at('pairs'))).toHaveLength(5);
    expect(fs.readFileSync(at('sweep.webp')).toString('latin1', 8, 12)).toBe('WEBP');
    const script = fs.readFileSync(at('edit.py'), 'utf8');
    expect(script).toContain('"strength": 1, "units": [1, 2],');
    expect(script).toContain(`onnx.load(${JSON.stringify(DEMO)})`);
  });

  it.each([
    [[], 'needs --out edited.onnx, --sample grid.png, --pairs DIR'],
    [['--from', '-1', '--out', 'x.onnx'], '--from, --to and --frames go with --sweep'],
    [['--sweep', 'x.png'], '--sweep takes a .gif or .webp file'],
    [['--sweep', 'x.gif', '--to', 'far'], '--to takes a number, not “far”'],
  ])('refuses %j', (options, says) => {
    const folder = temporaryFolder();
    const edit = editFile(folder, { edits: [{ layer: 'l8b', units: [1] }] });
    const { code, stderr } = genscope(['edit', DEMO, '--edit', edit, ...options]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(says)]);
  });
});

describe('genscope effect', () => {
  const common = [
    DEMO,
    '--layer',
    'l8b',
    '--segmenter',
    SEGMENTER,
    '--samples',
    '24',
    '--training-samples',
    '24',
  ];

  it('finds the units that carry trees, and says what chance does', async () => {
    const options = ['--concept', 'tree', '--top', '12', '--rank', 'effect', '--random', '4', '--curve', '3'];
    const { code, stdout } = genscope(['effect', ...common, ...options, '--no-cache', '--json']);
    expect(code).toBe(0);
    const found = JSON.parse(stdout);
    expect(found.units).toHaveLength(12);
    const [tree, ...others] = found.concepts;
    expect(tree).toMatchObject({ concept: 'tree', before: expect.any(Number), ace: expect.any(Number) });
    expect(tree.removed).toBeGreaterThan(0.5);
    expect(tree.interval[0]).toBeLessThanOrEqual(tree.ace);
    expect(tree.interval[1]).toBeGreaterThanOrEqual(tree.ace);
    expect(tree.inserted - tree.ablated).toBeCloseTo(tree.ace, 10);
    expect(others).toHaveLength(12);
    expect(found.random.ablated).toHaveLength(4);
    for (const removed of found.random.removed) expect(removed).toBeLessThan(tree.removed);
    // Nothing switched off, then one unit after the other.
    expect(found.curve).toHaveLength(4);
    expect(found.curve[0].mean).toBeCloseTo(tree.before, 12);
    const again = genscope(['effect', ...common, ...options, '--no-cache', '--json']);
    expect(JSON.parse(again.stdout).concepts).toEqual(found.concepts);
  }, 300_000);

  it('compares three selections on samples that none of them has seen', () => {
    // Of a dissection of 1,000 samples, which the ranking by IoU takes, the cache keeps the result.
    const options = ['--concept', 'tree', '--top', '4', '--random', '3', '--compare', '--json'];
    const cache = ['--cache', temporaryFolder()];
    const fewer = ['--samples', '12', '--training-samples', '10', '--resolution', '32'];
    const { code, stdout } = genscope(['effect', ...common, ...fewer, ...options, ...cache]);
    expect(code).toBe(0);
    const found = JSON.parse(stdout);
    expect(isSelections(found)).toBe(true);
    const { selections, random } = found as Selections;
    expect(selections.map(({ rank }) => rank)).toEqual(['iou', 'effect', 'greedy']);
    for (const { units, removed } of selections) {
      expect([new Set(units).size, removed.length, removed[0]]).toEqual([
        4,
        5,
        { mean: 0, interval: [0, 0] },
      ]);
    }
    expect(random.map(({ units }) => units)).toEqual([0, 1, 2, 3, 4]);
    for (const { lowest, mean, highest } of random) {
      expect(lowest).toBeLessThanOrEqual(mean);
      expect(highest).toBeGreaterThanOrEqual(mean);
      expect(highest).toBeLessThan(selections[2]?.removed.at(-1)?.mean ?? 0);
    }
    for (const { removed } of selections) expect(removed.at(-1)?.mean).toBeGreaterThan(0);
    // One unit alone: greedy and single effect agree on which is best.
    expect(selections[2]?.units[0]).toBe(selections[1]?.units[0]);
    expect(selections[2]?.removed[1]).toEqual(selections[1]?.removed[1]);
  }, 600_000);

  it('says where a concept can go', () => {
    const units = '11,31,115,127,26,67,18,47,107,55,125,1';
    const options = ['--concept', 'tree', '--units', units, '--placement', '--patch', '4'];
    const { code, stdout } = genscope(['effect', ...common, ...options, '--no-cache', '--json']);
    expect(code).toBe(0);
    const found = JSON.parse(stdout);
    expect(isPlacement(found)).toBe(true);
    const { map, table, settings } = found as Placement;
    expect([map.height, map.width, found.units.join(), settings.patch]).toEqual([8, 8, units, 4]);
    expect(Math.max(...map.gained.map((gained) => gained ?? 0))).toBeGreaterThan(0.1);
    const tries = table.reduce((sum, row) => sum + row.tries, 0);
    // Four places in each of 24 samples, but for those that trees fill already.
    expect(tries).toBeLessThanOrEqual(96);
    expect(tries).toBeGreaterThan(70);
    expect(table.map(({ before }) => before)).not.toContain('tree');
    expect(table.some(({ taken }) => taken.mean > 0)).toBe(true);
  }, 300_000);

  it.each([
    [['--concept', 'tree', '--units', '1', '--compare'], '--compare goes with --top 20'],
    [['--concept', 'tree', '--top', '3', '--compare', '--placement'], 'Either --compare or --placement'],
    [['--concept', 'tree', '--units', '1', '--patch', '2'], '--patch goes with --placement'],
    [['--concept', 'dog', '--units', '1'], 'knows no concept “dog”. It knows sky, sun'],
    [['--concept', 'tree'], 'either --units 3,5 or --top 20'],
    [['--concept', 'tree', '--units', '1,999'], 'There is no unit 999'],
    [['--concept', 'tree', '--units', '1', '--rank', 'iou'], '--rank goes with --top'],
    [['--concept', 'tree+dog', '--top', '3'], 'knows no concept “dog”'],
  ])('refuses %j', (options, says) => {
    const { code, stderr } = genscope(['effect', ...common, '--no-cache', ...options]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(says)]);
  });
});
