/** `genscope translate` as scripts use it. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { CLI, genscope, readNpy } from './support/cli.ts';
import { DEMO, temporaryFolder } from './support/engine.ts';
import { SUMMER, TO_SUMMER, TO_WINTER, writePlainModel } from './support/translation.ts';

describe('genscope translate', () => {
  const there = TO_WINTER;
  const back = TO_SUMMER;
  const summer = SUMMER;

  it('writes a grid and an array that agree, and the cycle error of each picture', async () => {
    const folder = temporaryFolder();
    const out = path.join(folder, 'new folder', 'grid.png');
    const npy = path.join(folder, 'translations.npy');
    const { status, stdout, stderr } = genscope(
      'translate',
      ...[there, '--input', summer, '--back', back, '--blur', '1', '--first', '1', '--count', '3'],
      ...['--out', out, '--npy', npy, '--json'],
    );
    expect([status, stderr]).toEqual([0, '']);
    const said = JSON.parse(stdout);
    expect(said).toMatchObject({
      file: there,
      back: { file: back },
      columns: ['input', 'translation', 'sentBack', 'reconstruction'],
      found: 12,
      count: 3,
      skipped: [],
      cycle: { n: 3, blur: 1 },
      warnings: [],
    });
    expect([said.sha256, said.back.sha256].map((hash: string) => hash.slice(0, 16))).toEqual([
      'baf347aa5a1de1c5',
      '7bfa21456adff519',
    ]);
    const files = fs.readdirSync(summer).sort().slice(1, 4);
    expect(said.rows.map(({ file }: { file: string }) => path.basename(file))).toEqual(files);
    const errors: number[] = said.rows.map(({ cycleError }: { cycleError: number }) => cycleError);
    expect(said.cycle.mean).toBeCloseTo(errors.reduce((a, b) => a + b) / 3, 12);
    expect(said.cycle.interval[0]).toBeLessThan(said.cycle.mean);
    expect(await sharp(out).metadata()).toMatchObject({ width: 256, height: 192, channels: 3 });
    const images = readNpy(npy);
    expect(images.header).toContain("'descr': '|u1', 'fortran_order': False, 'shape': (3, 64, 64, 3)");
    const tile = (left: number) => ({ left, top: 64, width: 64, height: 64 });
    const second = images.data.subarray(64 * 64 * 3, 2 * 64 * 64 * 3);
    expect((await sharp(out).extract(tile(64)).raw().toBuffer()).equals(second)).toBe(true);
    const input = await sharp(path.join(summer, files[1] as string))
      .raw()
      .toBuffer();
    expect((await sharp(out).extract(tile(0)).raw().toBuffer()).equals(input)).toBe(true);
  });

  it('takes files as a shell lists them, and says what it skipped', () => {
    const folder = temporaryFolder();
    const bad = path.join(folder, 'bad.png');
    fs.writeFileSync(bad, 'no picture');
    const good = path.join(summer, 'lake-0001.png');
    const { status, stdout, stderr } = genscope('translate', there, '--input', bad, good, '--json');
    expect(status).toBe(0);
    expect(stderr).toContain('skipped');
    expect(JSON.parse(stdout)).toMatchObject({
      found: 2,
      count: 1,
      back: null,
      cycle: null,
      skipped: [{ file: bad }],
      rows: [{ file: good, cycleError: null }],
    });
  });

  it('writes pictures of different sizes into one grid, but not into one array', async () => {
    const folder = temporaryFolder();
    const model = writePlainModel(folder, 'any.onnx', { channels: 3 });
    const sizes = [
      [8, 20],
      [30, 10],
    ] as const;
    const inputs = await Promise.all(
      sizes.map(async ([width, height], i) => {
        const file = path.join(folder, `${i}.png`);
        await sharp({ create: { width, height, channels: 3, background: '#ff0000' } }).toFile(file);
        return file;
      }),
    );
    const out = path.join(folder, 'grid.png');
    expect(genscope('translate', model, '--input', ...inputs, '--out', out).status).toBe(0);
    expect(await sharp(out).metadata()).toMatchObject({ width: 60, height: 40 });
    const npy = path.join(folder, 'all.npy');
    const { status, stderr } = genscope('translate', model, '--input', ...inputs, '--npy', npy);
    expect([status, stderr]).toEqual([2, expect.stringContaining('pictures of one size')]);
    expect(fs.readdirSync(folder).filter((name) => name.startsWith('all'))).toEqual([]);
  });

  it('refuses what makes no sense with one line and exit 2', () => {
    const folder = temporaryFolder();
    const empty = path.join(folder, 'empty');
    fs.mkdirSync(empty);
    const notes = path.join(folder, 'notes.txt');
    fs.writeFileSync(notes, 'no picture');
    const out = path.join(folder, 'x.png');
    const wrong: readonly (readonly [string, ...string[]])[] = [
      ['needs --input', there, '--out', out],
      ['needs a model', '--input', summer, '--out', out],
      ['needs --out grid.png', there, '--input', summer],
      ['--blur needs --back', there, '--input', summer, '--blur', '1', '--out', out],
      ['--blur takes a number', there, '--input', summer, '--back', back, '--blur', 'x', '--out', out],
      ['--first takes a number from 0 to 11', there, '--input', summer, '--first', '12', '--out', out],
      ['--count takes a whole number', there, '--input', summer, '--count', '0', '--out', out],
      ['--out takes a .png', there, '--input', summer, '--out', 'x.gif'],
      ['There are no pictures', there, '--input', empty, '--out', out],
      ['no file or folder', there, '--input', path.join(folder, 'gone'), '--out', out],
      ['None of the 1 files', there, '--input', notes, '--out', out],
      ['not an image-to-image model', DEMO, '--input', summer, '--out', out],
      ['not an image-to-image model', there, '--input', summer, '--back', DEMO, '--out', out],
    ];
    for (const [says, ...args] of wrong) {
      const { status, stderr, stdout } = genscope('translate', ...args);
      expect(stderr).toContain(says);
      expect(stderr.trim().split('\n')).toHaveLength(1);
      expect([status, stdout]).toEqual([2, '']);
    }
    expect(fs.existsSync(out)).toBe(false);
  });

  it('is what sample and describe point to', () => {
    const out = path.join(temporaryFolder(), 'x.png');
    const { status, stderr } = genscope('sample', there, '--out', out);
    expect([status, stderr]).toEqual([2, expect.stringContaining('Use genscope translate')]);
    const described = genscope('describe', there);
    expect([described.status, described.stderr]).toEqual([0, '']);
    expect(described.stdout).toContain('takes pictures of 64×64, 3 channels · image 64×64×3');
  });

  it('stops at Ctrl-C with exit 130', async () => {
    const folder = temporaryFolder();
    const one = fs.readFileSync(path.join(summer, 'lake-0001.png'));
    for (let i = 0; i < 3000; i++) fs.writeFileSync(path.join(folder, `${i}.png`), one);
    const npy = path.join(temporaryFolder(), 'x.npy');
    const way = [there, '--back', back, '--input', folder, '--npy', npy];
    const child = spawn(process.execPath, [CLI, 'translate', ...way]);
    // Its first word is progress: it is among the pictures then.
    await new Promise((resolve) => child.stderr.once('data', resolve));
    child.kill('SIGINT');
    expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(130);
    expect(fs.existsSync(npy)).toBe(false);
  });
});
