/** Extractors and segmenters as people export them: what goes in, what comes out, and what a file says of how it was made. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { npyHeader } from '../../src/engine/files/npy.ts';
import { serialize } from '../../src/onnx/open.ts';
import { FLOAT, floatTensor, makeNode, makeValue } from '../../src/onnx/surgery/build.ts';
import type { Dissection } from '../../src/shared/units/dissection.ts';
import { genscope } from '../engine/support/cli.ts';
import { dissected, iouDifference, withModels } from '../engine/support/dissection.ts';
import { ROOT, temporaryFolder } from '../engine/support/engine.ts';
import { modelOf } from '../unit/onnx/support.ts';

const FIELD = path.join(ROOT, 'test', 'fixtures', 'field');
const RANGE = path.join(FIELD, 'extractor-range');

function scored(...args: string[]) {
  const { status, stdout, stderr } = genscope('score', ...args, '--scores', 'fid', '--no-cache', '--json');
  if (status !== 0) throw new Error(stderr);
  const run = JSON.parse(stdout);
  return { fid: run.scores[0].value as number, extractor: run.extractor, warnings: run.warnings as string[] };
}

describe('the values of an extractor', () => {
  const sides = [path.join(RANGE, 'fake'), '--reference', path.join(RANGE, 'real')] as const;

  it('(x − mean) / std at its head takes [0, 1]: FID 6.2266', () => {
    const { fid, extractor, warnings } = scored(
      ...sides,
      '--extractor',
      path.join(RANGE, 'takes01_imagenet.onnx'),
    );
    expect(fid).toBeCloseTo(6.2266, 3);
    expect(extractor).toMatchObject({ values: '[0, 1]', valuesSource: 'graph' });
    expect(warnings.join()).not.toContain('guess');
  });

  /** The mean of each channel, behind some first operators, with the constants that they name. */
  const network = (
    head: readonly Parameters<typeof makeNode>[],
    constants: Readonly<Record<string, number | readonly number[]>>,
    options: {
      readonly input?: number;
      readonly shape?: readonly (number | string)[];
      readonly last?: string;
    } = {},
  ) => {
    const file = path.join(temporaryFolder(), 'features.onnx');
    const model = modelOf({
      nodes: [
        ...head.map((node) => makeNode(...node)),
        makeNode('GlobalAveragePool', [options.last ?? (head.at(-1)?.[2][0] as string) ?? 'x'], ['pooled']),
        makeNode('Flatten', ['pooled'], ['features'], { axis: 1n }),
      ],
      inputs: [makeValue('x', options.input ?? FLOAT, options.shape ?? ['N', 3, 16, 16])],
      outputs: [makeValue('features', FLOAT, ['N', 3])],
      weights: Object.entries(constants).map(([name, value]) =>
        typeof value === 'number'
          ? floatTensor(name, [], [value])
          : floatTensor(name, [1, 3, 1, 1], [...value]),
      ),
    });
    fs.writeFileSync(file, serialize(model));
    return file;
  };
  const MEAN = [0.485, 0.456, 0.406];
  const STD = [0.229, 0.224, 0.225];

  for (const [what, file, values, source] of [
    [
      '2x − 1',
      () =>
        network(
          [
            ['Mul', ['x', 'two'], ['a']],
            ['Sub', ['a', 'one'], ['b']],
          ],
          { two: 2, one: 1 },
        ),
      '[0, 1]',
      'graph',
    ],
    [
      '(x − 127.5) / 127.5',
      () =>
        network(
          [
            ['Sub', ['x', 'h'], ['a']],
            ['Div', ['a', 'h'], ['b']],
          ],
          { h: 127.5 },
        ),
      '[0, 255]',
      'graph',
    ],
    [
      'x / 255, then mean and deviation',
      () =>
        network(
          [
            ['Div', ['x', 'n'], ['a']],
            ['Sub', ['a', 'mean'], ['b']],
            ['Div', ['b', 'std'], ['c']],
          ],
          { n: 255, mean: MEAN, std: STD },
        ),
      '[0, 255]',
      'graph',
    ],
    [
      '(x + 1) / 2',
      () =>
        network(
          [
            ['Add', ['x', 'one'], ['a']],
            ['Mul', ['a', 'half'], ['b']],
          ],
          { one: 1, half: 0.5 },
        ),
      '[−1, 1]',
      'graph',
    ],
    [
      'torchvision’s transform_input',
      () =>
        network(
          [
            ['Mul', ['x', 's'], ['a']],
            ['Add', ['a', 'o'], ['b']],
          ],
          { s: STD.map((v) => v / 0.5), o: MEAN.map((v) => (v - 0.5) / 0.5) },
        ),
      '[−2.118, 2.249] [−2.036, 2.429] [−1.804, 2.64]',
      'graph',
    ],
    ['nothing', () => network([['Identity', ['x'], ['a']]], {}), '[−1, 1]', 'guess'],
    ['a scale that fits nothing', () => network([['Mul', ['x', 's'], ['a']]], { s: 37 }), '[−1, 1]', 'guess'],
  ] as const)
    it(`${what}: ${values}, ${source}`, () => {
      const { extractor, warnings } = scored(...sides, '--extractor', file());
      expect(extractor).toMatchObject({ values, valuesSource: source });
      expect(warnings.some((says) => says.includes('which is a guess'))).toBe(source === 'guess');
    });

  it('said by --range or the sidecar, it is another network: features made before do not come back', () => {
    const file = network([['Identity', ['x'], ['a']]], {});
    const cache = temporaryFolder();
    const run = (...more: string[]) => {
      const base = ['score', ...sides, '--extractor', file, '--scores', 'fid', '--cache', cache, '--json'];
      const { stdout } = genscope(...base, ...more);
      const { scores, extractor, forwardPasses } = JSON.parse(stdout);
      return {
        fid: scores[0].value,
        values: extractor.values,
        source: extractor.valuesSource,
        forwardPasses,
      };
    };
    const guessed = run();
    const said = run('--range', '0,255');
    expect(said).toMatchObject({ values: '[0, 255]', source: 'confirmed', forwardPasses: 120 });
    // A difference of means scales with the values, squared.
    expect(said.fid / guessed.fid).toBeCloseTo(127.5 ** 2, -2);
    const sidecar = { schema: 1, inputs: { x: { role: 'image', layout: 'NCHW', range: [0, 255] } } };
    fs.writeFileSync(file.replace('.onnx', '.genscope.json'), JSON.stringify(sidecar));
    expect(run()).toMatchObject({ values: '[0, 255]', source: 'confirmed', fid: said.fid, forwardPasses: 0 });
  });

  it('whole numbers are bytes, whatever the type, channels first or last', () => {
    const bytes = scored(
      ...sides,
      '--extractor',
      network([['Identity', ['x'], ['a']]], {}),
      '--range',
      '0,255',
    );
    const types = { uint8: 2, uint16: 4, int32: 6, int64: 7 };
    for (const type of Object.values(types)) {
      const cast = network([['Cast', ['x'], ['a'], { to: 1n }]], {}, { input: type });
      const { fid, extractor } = scored(...sides, '--extractor', cast);
      expect(extractor).toMatchObject({ values: '[0, 255]', valuesSource: 'graph' });
      // Resized pictures are rounded to whole numbers: a part in a thousand.
      expect(Math.abs(fid / bytes.fid - 1)).toBeLessThan(0.01);
    }
    const last = network(
      [
        ['Cast', ['x'], ['a'], { to: 1n }],
        ['Transpose', ['a'], ['b'], { perm: [0, 3, 1, 2] }],
      ],
      {},
      { input: types.uint8, shape: ['N', 16, 16, 3] },
    );
    expect(Math.abs(scored(...sides, '--extractor', last).fid / bytes.fid - 1)).toBeLessThan(0.01);
  });

  it('int8, which has no usual meaning, is refused by name', () => {
    const file = network([['Cast', ['x'], ['a'], { to: 1n }]], {}, { input: 3 });
    const { status, stderr } = genscope('score', ...sides, '--extractor', file, '--scores', 'fid');
    expect([status, stderr]).toEqual([2, expect.stringContaining('takes pictures as int8')]);
  });
});

describe('what files say of how they were made', () => {
  const extractor = path.join(RANGE, 'takes01_imagenet.onnx');
  const made = (folder: string, name: string, side: string, ...more: string[]) => {
    const out = path.join(folder, name);
    const args = ['features', path.join(RANGE, side), '--extractor', extractor, '--out', out, '--no-cache'];
    const { status, stderr } = genscope(...args, ...more);
    if (status !== 0) throw new Error(stderr);
    return out;
  };

  it('two resizes, two ranges: warned of, and the CSV does not name one for both', () => {
    const folder = temporaryFolder();
    const real = made(folder, 'real.npz', 'real');
    const torch = made(folder, 'torch.npz', 'fake', '--resize', 'torch');
    const wide = made(folder, 'wide.npz', 'fake', '--range', '0,255');
    const clean = made(folder, 'clean.npz', 'fake');
    const csv = (file: string) => {
      const { stdout, stderr } = genscope('score', file, '--reference', real, '--scores', 'fid', '--csv');
      const [head = '', row = ''] = stdout.split('\n').map((line) => line.split(','));
      const cell = (name: string) => row[head.indexOf(name)];
      return { resize: cell('resize'), stderr, row: stdout };
    };
    expect(csv(clean)).toMatchObject({
      resize: 'clean',
      stderr: expect.not.stringContaining('do not compare'),
    });
    expect(csv(torch)).toMatchObject({
      resize: 'mixed',
      stderr: expect.stringContaining(
        'torch.npz was made with the resize “torch”, real.npz with “clean”: scores of the two do not compare.',
      ),
    });
    expect(csv(wide).stderr).toContain(
      'wide.npz was made with the values “[0, 255]”, real.npz with “[0, 1]”',
    );
    expect(csv(clean).row).toContain('"[0, 1]"');
  });

  it('a file that says nothing is unknown', () => {
    const folder = temporaryFolder();
    const real = made(folder, 'real.npz', 'real');
    // What NumPy's savez of another program would hold: rows alone.
    const plain = path.join(folder, 'plain.npy');
    const rows = Float32Array.from({ length: 480 }, (_, i) => Math.sin(i * i));
    fs.writeFileSync(plain, Buffer.concat([npyHeader('<f4', [60, 8]), new Uint8Array(rows.buffer)]));
    const { stdout, stderr } = genscope('score', real, '--reference', real, '--scores', 'fid', '--csv');
    expect(stdout).toContain(',clean,');
    expect(stderr).not.toContain('unknown');
    const alone = genscope('score', plain, '--reference', plain, '--scores', 'fid', '--csv');
    expect(alone.stdout).toContain(',unknown,');
    expect(alone.stderr).toContain(
      'do not say with which extractor, resize and values they were made (unknown)',
    );
  });

  it('numbers of double precision are rounded to single, and that is said where it changes one', () => {
    const folder = temporaryFolder();
    const file = (name: string, value: (i: number) => number) => {
      const rows = Float64Array.from({ length: 480 }, (_, i) => value(i));
      const place = path.join(folder, name);
      fs.writeFileSync(place, Buffer.concat([npyHeader('<f8', [60, 8]), new Uint8Array(rows.buffer)]));
      return place;
    };
    const says = (a: string) => genscope('score', a, a, '--scores', 'fid').stderr;
    expect(says(file('sines.npy', (i) => Math.sin(i * i)))).toMatch(/float64/);
    expect(says(file('wholes.npy', (i) => (i * i) % 97))).not.toMatch(/float64/);
  });
});

describe('segmenters as people export them', () => {
  const kinds = path.join(FIELD, 'segmenters');
  const dissection = async (name: string) => {
    const settings = { layers: ['l16'], samples: 64, resolution: 64 };
    const asked = { models: withModels(2), segmenter: path.join(kinds, name), settings };
    return (await dissected(asked)).dissection;
  };
  /** Thousandths of the pixels lie on the edge of a class: there 1/255 in the graph and before it round differently. */
  const expectSame = (a: Dissection, b: Dissection) => {
    expect(iouDifference(a, b)).toBeLessThan(1e-3);
    a.conceptShare.forEach((share, i) => {
      expect(Math.abs(share - (b.conceptShare[i] as number))).toBeLessThan(3e-4);
    });
  };

  it('whole numbers in, classes chosen inside the graph: the same dissection as from logits', async () => {
    const logits = await dissection('logits');
    for (const name of ['uint8-in', 'argmax-n1hw']) expectSame(await dissection(name), logits);
  });

  it('one channel with a Sigmoid or without is one segmenter: 57.1 % bright', async () => {
    const logit = await dissection('one-logit');
    expectSame(await dissection('one-sigmoid'), logit);
    // Of 1,000 samples; of 64 the share is a little off.
    expect(Math.abs((logit.conceptShare[0] as number) - 0.571)).toBeLessThan(0.02);
  });
});
