/** The command line as scripts use it. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { CLI, genscope, readNpy } from './support/cli.ts';
import { collector, DEMO, ROOT, seeds, startEngine, temporaryFolder } from './support/engine.ts';

describe('genscope describe', () => {
  it('prints one JSON object with what scripts rely on', () => {
    const { status, stdout, stderr } = genscope('describe', DEMO, '--json');
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const described = JSON.parse(stdout);
    expect(described).toMatchObject({
      kind: 'generator',
      opset: 13,
      parameters: 1_047_635,
      batch: 'free',
      noise: [],
      latentSize: 96,
      classes: 7,
      image: { width: 64, height: 64, channels: 3 },
    });
    expect(described.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(described.inputs.map((input: { name: string; role: string }) => [input.name, input.role])).toEqual(
      [
        ['z', 'latent'],
        ['category', 'class'],
      ],
    );
    expect(described.outputs[0]).toMatchObject({
      name: 'image',
      role: 'image',
      layout: 'NCHW',
      range: [-1, 1],
    });
    expect(
      described.layers.map(({ units, resolution }: { units: number; resolution: number[] }) => [
        units,
        resolution[0],
      ]),
    ).toEqual([
      [192, 4],
      [128, 8],
      [128, 8],
      [128, 16],
      [128, 16],
      [48, 32],
      [24, 64],
    ]);
  });

  it('tells a script by its exit code that a model is no generator, and still what it is', () => {
    const { status, stdout, stderr } = genscope(
      'describe',
      path.join(ROOT, 'test/fixtures/models/classifier.onnx'),
      '--json',
    );
    expect(status).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'classifier' });
    expect(stderr).toContain('image classifier');
  });

  it('says the same in words', () => {
    const { status, stdout } = genscope('describe', DEMO);
    expect(status).toBe(0);
    expect(stdout).toContain('latent 96 · 7 classes · image 64×64×3');
  });
});

describe('genscope sample', () => {
  it('writes a grid, images and latents that agree with each other and with the engine', async () => {
    const folder = temporaryFolder();
    const out = path.join(folder, 'new folder', 'grid.png');
    const npy = path.join(folder, 'images.npy');
    const latents = path.join(folder, 'z.npy');
    const { status, stdout } = genscope(
      'sample',
      DEMO,
      '--count',
      '6',
      '--seed',
      '40',
      '--columns',
      '3',
      '--out',
      out,
      '--npy',
      npy,
      '--latents',
      latents,
      '--json',
    );
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ count: 6, files: { out, npy, latents } });
    const images = readNpy(npy);
    expect(images.header).toContain("'descr': '|u1', 'fortran_order': False, 'shape': (6, 64, 64, 3)");
    expect(readNpy(latents).header).toContain("'descr': '<f4', 'fortran_order': False, 'shape': (6, 96)");
    expect(readNpy(latents).data).toHaveLength(6 * 96 * 4);
    const grid = await sharp(out).raw().toBuffer({ resolveWithObject: true });
    expect(grid.info).toMatchObject({ width: 192, height: 128, channels: 3 });
    const tile = await sharp(out).extract({ left: 64, top: 64, width: 64, height: 64 }).raw().toBuffer();
    expect(tile).toEqual(images.data.subarray(4 * 64 * 64 * 3, 5 * 64 * 64 * 3));

    const { client } = startEngine();
    const got = collector();
    const request = {
      model: { path: DEMO },
      plan: seeds(6, { seed: 40 }),
      maxSide: 64,
      encoding: 'rgba' as const,
    };
    await client.request('sample', request, { onProgress: got.onProgress });
    expect(Buffer.from(got.pixels().filter((_, i) => i % 4 !== 3))).toEqual(images.data);
  });

  it('takes a class by name, PyTorch seeds, truncation, and interpolations as pictures and films', async () => {
    const folder = temporaryFolder();
    const to = (name: string) => path.join(folder, name);
    expect(genscope('sample', DEMO, '--class', 'lake', '--count', '2', '--npy', to('lake.npy')).status).toBe(
      0,
    );
    expect(genscope('sample', DEMO, '--class', '2', '--count', '2', '--npy', to('2.npy')).status).toBe(0);
    expect(readNpy(to('lake.npy')).data).toEqual(readNpy(to('2.npy')).data);
    expect(genscope('sample', DEMO, '--rng', 'torch', '--count', '2', '--npy', to('torch.npy')).status).toBe(
      0,
    );
    expect(
      genscope('sample', DEMO, '--truncation', '0.5', '--count', '50', '--latents', to('t.npy')).status,
    ).toBe(0);
    const truncated = readNpy(to('t.npy')).data;
    for (let i = 0; i < truncated.length; i += 4)
      expect(Math.abs(truncated.readFloatLE(i))).toBeLessThanOrEqual(0.5);
    expect(
      genscope(
        'sample',
        DEMO,
        '--interpolate',
        '3',
        '11',
        '--steps',
        '5',
        '--out',
        to('strip.png'),
        '--columns',
        '5',
      ).status,
    ).toBe(0);
    expect(await sharp(to('strip.png')).metadata()).toMatchObject({ width: 320, height: 64 });
    expect(
      genscope(
        'sample',
        DEMO,
        '--interpolate',
        '3',
        '11',
        '5',
        '--steps',
        '6',
        '--loop',
        '--out',
        to('film.gif'),
      ).status,
    ).toBe(0);
    expect(await sharp(to('film.gif'), { pages: -1 }).metadata()).toMatchObject({
      pages: 6,
      pageHeight: 256,
      width: 256,
    });
  });

  it('refuses each wrong option with one line and exit 2', () => {
    const out = path.join(temporaryFolder(), 'x.png');
    const wrong: readonly (readonly [string, ...string[]])[] = [
      ['--count takes a whole number', '--count', '0'],
      ['--count takes a whole number', '--count', 'ten'],
      ['--seed takes a whole number', '--seed', '-1'],
      ['--rng takes numpy or torch', '--rng', 'jax'],
      ['--class takes a number from 0 to 6 or one of meadow', '--class', 'desert'],
      ['--truncation-mode input', '--truncation', '1', '--truncation-mode', 'input'],
      ['--interpolate takes at least two seeds', '--interpolate', '4'],
      ['--columns takes a whole number', '--columns', 'x'],
      ['Unknown option', '--colour'],
    ];
    for (const [says, ...args] of wrong) {
      const equals = args.length === 2 ? [`${args[0]}=${args[1]}`] : args;
      const { status, stderr, stdout } = genscope('sample', DEMO, '--out', out, ...equals);
      expect(stderr).toContain(says);
      expect(stderr.trim().split('\n')).toHaveLength(1);
      expect([status, stdout]).toEqual([2, '']);
    }
    expect(genscope('sample', DEMO)).toMatchObject({ status: 2 });
    expect(genscope('sample', DEMO, '--out', 'x.bmp')).toMatchObject({ status: 2 });
    expect(genscope('sample', DEMO, 'second.onnx', '--out', out)).toMatchObject({ status: 2 });
    expect(genscope('paint')).toMatchObject({ status: 2 });
    expect(genscope('--help')).toMatchObject({ status: 0 });
    expect(fs.existsSync(out)).toBe(false);
  });

  it('refuses a place that cannot be written before it works', () => {
    const blocked = path.join(temporaryFolder(), 'file');
    fs.writeFileSync(blocked, '');
    const { status, stderr } = genscope('sample', DEMO, '--out', path.join(blocked, 'grid.png'));
    expect(status).toBe(2);
    expect(stderr).toContain('could not be written');
  });

  it('stops at Ctrl-C with exit 130 and leaves no half array behind', async () => {
    const npy = path.join(temporaryFolder(), 'images.npy');
    const parts = () =>
      fs
        .readdirSync(path.dirname(npy))
        .flatMap((name) => (name.endsWith('.part') ? [path.join(path.dirname(npy), name)] : []));
    fs.writeFileSync(npy, 'an earlier result');
    const child = spawn(process.execPath, [CLI, 'sample', DEMO, '--count', '500000', '--npy', npy]);
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        if (!parts().some((part) => fs.statSync(part).size >= 100_000)) return;
        clearInterval(timer);
        resolve();
      }, 20);
    });
    child.kill('SIGINT');
    const code = await new Promise((resolve) => child.once('exit', resolve));
    expect(code).toBe(130);
    expect(parts()).toEqual([]);
    expect(fs.readFileSync(npy, 'utf8')).toBe('an earlier result');
  });

  it('refuses a film that would not fit before it draws a frame', () => {
    const out = path.join(temporaryFolder(), 'walk.gif');
    const { status, stderr } = genscope(
      'sample',
      DEMO,
      '--interpolate',
      '1',
      '2',
      '--steps',
      '90000',
      '--out',
      out,
    );
    expect([status, stderr]).toEqual([2, expect.stringContaining('do not fit into one file')]);
  });
});
