/** What each kind of input is recognised by, in graphs of a few nodes. */
import { describe, expect, it } from 'vitest';
import { inferRoles } from '../../../src/onnx/roles/roles.ts';
import type { ImageRole, InputRole } from '../../../src/shared/generator/roles.ts';
import { graphOf, op, scalar, value, weight } from './support.ts';

const latent: InputRole = { role: 'latent' };
const other: InputRole = { role: 'other' };
const classes = (count: number, encoding: 'onehot' | 'index' = 'onehot'): InputRole => ({
  role: 'class',
  encoding,
  classes: count,
});
const image = (range: ImageRole['range'] = [-1, 1], layout: ImageRole['layout'] = 'NCHW'): ImageRole => ({
  role: 'image',
  layout,
  range,
});
/** Roles of a graph in which each input does one thing. */
function infer(
  inputs: ReturnType<typeof value>[],
  nodes: ReturnType<typeof op>[],
  weights: ReturnType<typeof weight>[] = [],
) {
  return inferRoles(graphOf({ inputs, outputs: [value('y', ['N', 3, 8, 8])], nodes, weights })).inputs;
}

describe('inputs', () => {
  it('two vectors without names: the widest is the latent, equals are asked for', () => {
    const gemms = [op('Gemm', ['a', 'w'], ['p']), op('Gemm', ['b', 'v'], ['q'])];
    const wide = infer([value('a', ['N', 128]), value('b', ['N', 10])], gemms);
    expect(wide.a).toMatchObject({ role: latent, certainty: 'likely' });
    expect(wide.b).toMatchObject({ role: classes(10), certainty: 'ask' });
    const equal = infer([value('a', ['N', 128]), value('b', ['N', 128])], gemms);
    expect(equal.a?.certainty).toBe('ask');
    expect(equal.b?.certainty).toBe('ask');
    expect(equal.b?.options).toContainEqual(classes(128));
  });

  it('a label matrix wider than z is still a class, but asked for', () => {
    const guesses = infer(
      [value('z', ['N', 128]), value('labels', ['N', 1000])],
      [op('Concat', ['z', 'labels'], ['zl'])],
    );
    expect(guesses.labels).toMatchObject({ role: classes(1000), certainty: 'ask' });
  });

  it('InfoGAN’s code beside its noise: both are latents, and no name makes sure', () => {
    for (const [wide, narrow] of [
      ['noise', 'code'],
      ['z_noise', 'latent_code'],
      ['z', 'style'],
    ] as const) {
      const guesses = infer(
        [value(wide, ['N', 62]), value(narrow, ['N', 2])],
        [op('Concat', [wide, narrow], ['all']), op('Gemm', ['all', 'w'], ['p'])],
      );
      expect(guesses[wide]).toMatchObject({ role: latent, certainty: 'likely' });
      expect(guesses[narrow]).toMatchObject({ role: latent, certainty: 'likely' });
    }
  });

  it('a vector without a name beside one named like a latent is asked about, and never held at zero', () => {
    for (const width of [1, 2, 16, 62, 128]) {
      const guesses = infer(
        [value('code', ['N', 16]), value('input_2', ['N', width])],
        [op('Concat', ['code', 'input_2'], ['all']), op('Gemm', ['all', 'w'], ['p'])],
      );
      expect(guesses.input_2?.certainty).toBe('ask');
      expect(['latent', 'class']).toContain(guesses.input_2?.role.role);
      expect(guesses.code?.certainty).not.toBe('sure');
    }
  });

  it('a label as a float is an index of as many classes as its table has', () => {
    const table = weight('table', [7, 4]);
    for (const shape of [['N'], ['N', 1], ['N', 1, 1], [1]]) {
      const gather = infer(
        [value('z', ['N', 16]), value('l', shape)],
        [op('Cast', ['l'], ['i'], { to: 7 }), op('Gather', ['table', 'i'], ['e'])],
        [table],
      );
      expect(gather.l).toMatchObject({ role: classes(7, 'index'), certainty: 'sure' });
    }
    const hot = infer(
      [value('z', ['N', 16]), value('l', ['N', 1])],
      [
        op('Squeeze', ['l'], ['s']),
        op('Round', ['s'], ['r']),
        op('Cast', ['r'], ['i'], { to: 7 }),
        op('OneHot', ['i', 'depth', 'values'], ['h']),
      ],
      [scalar('depth', 12)],
    );
    expect(hot.l).toMatchObject({ role: classes(12, 'index'), certainty: 'sure' });
    const compared = infer(
      [value('z', ['N', 16]), value('l', ['N', 1])],
      [op('Equal', ['l', 'range'], ['h'])],
      [weight('range', [4], [0, 1, 2, 3])],
    );
    expect(compared.l).toMatchObject({ role: classes(4, 'index'), certainty: 'sure' });
  });

  it('StyleGAN’s c meets its own matrix', () => {
    const guesses = infer(
      [value('z', [1, 64]), value('c', [1, 10])],
      [op('Gemm', ['z', 'w'], ['p']), op('Gemm', ['c', 'v'], ['q'])],
    );
    expect(guesses.c).toMatchObject({ role: classes(10), certainty: 'likely' });
  });

  it('a conditional DCGAN: latent and one-hot as points', () => {
    const guesses = infer(
      [value('z', ['N', 100, 1, 1]), value('label', ['N', 10, 1, 1])],
      [op('ConvTranspose', ['z', 'w'], ['p']), op('ConvTranspose', ['label', 'v'], ['q'])],
    );
    expect(guesses.z).toMatchObject({ role: latent, certainty: 'sure' });
    expect(guesses.label?.role).toEqual(classes(10));
  });

  it('whoever is joined as it is is the latent, not whoever is wider', () => {
    const guesses = infer(
      [value('0', ['N', 6]), value('1', ['N', 100])],
      [op('MatMul', ['1', 'table'], ['e']), op('Relu', ['e'], ['r']), op('Concat', ['0', 'r'], ['zc'])],
      [weight('table', [100, 8])],
    );
    expect(guesses['0']).toMatchObject({ role: latent, certainty: 'likely' });
    expect(guesses['1']?.certainty).toBe('ask');
    expect(guesses['1']?.options).toEqual(expect.arrayContaining([classes(100), { role: 'embedding' }]));
  });

  it('BigGAN without names: the latent is dealt out, the class goes whole to each block', () => {
    const guesses = infer(
      [value('0', ['N', 120]), value('1', ['N', 128])],
      [
        op('Split', ['0'], ['a', 'b', 'c']),
        op('Gemm', ['a', 'w'], ['p']),
        op('Concat', ['b', '1'], ['q']),
        op('Concat', ['c', '1'], ['r']),
      ],
    );
    expect(guesses['0']?.role).toEqual(latent);
    expect(guesses['1']).toMatchObject({ role: { role: 'embedding' }, certainty: 'ask' });
    expect(guesses['1']?.options).toContainEqual(classes(128));
  });

  it('a text embedding beside a latent, by its name; without it, it is asked for', () => {
    const nodes = (name: string) => [op('Gemm', [name, 'w'], ['e']), op('Concat', ['z', 'e'], ['ze'])];
    const named = infer([value('text_embedding', ['N', 48]), value('z', ['N', 12])], nodes('text_embedding'));
    expect(named.text_embedding).toMatchObject({ role: { role: 'embedding' }, certainty: 'likely' });
    const bare = infer([value('x1', ['N', 48]), value('z', ['N', 12])], nodes('x1'));
    expect(bare.x1?.certainty).toBe('ask');
    expect(bare.x1?.options).toContainEqual({ role: 'embedding' });
  });

  it('w: a vector that does nothing but scale feature maps', () => {
    const layer = (i: number, first = 'Gemm') => [
      op(first, ['v', `w${i}`], [`s${i}`]),
      op('Unsqueeze', [`s${i}`, 'axes'], [`u${i}`]),
      op('Mul', [`u${i}`, `map${i}`], [`m${i}`]),
    ];
    const four = [0, 1, 2, 3].flatMap((i) => layer(i));
    expect(infer([value('v', ['N', 32])], four).v).toMatchObject({
      role: { role: 'latent', space: 'w' },
      certainty: 'likely',
    });
    // A z that is also fed to every layer makes the first map, too.
    const self = [
      ...four,
      op('Gemm', ['v', 'w9'], ['f']),
      op('Reshape', ['f', 'shape'], ['g']),
      op('Conv', ['g', 'k'], ['h']),
    ];
    expect(infer([value('v', ['N', 32])], self).v?.role).toEqual(latent);
    const two = [0, 1].flatMap((i) => layer(i));
    expect(infer([value('v', ['N', 32])], two).v?.role).toEqual(latent);
    // Copied for all layers, then taken apart again; the bias of a MatMul is an Add.
    const copied = [
      op('Unsqueeze', ['v', 'axes'], ['v1']),
      op('Expand', ['v1', 'shape'], ['ws']),
      ...[0, 1, 2, 3].flatMap((i) => [
        op('Gather', ['ws', `i${i}`], [`g${i}`], { axis: 1 }),
        op('MatMul', [`g${i}`, `w${i}`], [`p${i}`]),
        op('Add', [`p${i}`, 'bias'], [`b${i}`]),
        op('Mul', [`b${i}`, `map${i}`], [`m${i}`]),
      ]),
    ];
    expect(infer([value('v', ['N', 32])], copied, [weight('bias', [8])]).v?.role).toEqual({
      role: 'latent',
      space: 'w',
    });
  });

  it('rows: taken apart they are styles, read as a whole they are asked for', () => {
    const rows = [0, 1].map((i) => op('Gather', ['s', `i${i}`], [`g${i}`], { axis: 1 }));
    const styles = infer([value('s', ['N', 2, 64])], rows);
    expect(styles.s).toMatchObject({ role: { role: 'latent', space: 'w+' }, certainty: 'likely' });
    expect(styles.s?.options).toContainEqual({ role: 'embedding' });
    const whole = infer([value('s', ['N', 77, 64])], [op('MatMul', ['s', 'w'], ['k'])]);
    expect(whole.s).toMatchObject({ certainty: 'ask' });
    expect(whole.s?.options).toContainEqual({ role: 'embedding' });
    const context = infer([value('context', ['N', 77, 64])], [op('MatMul', ['context', 'w'], ['k'])]);
    expect(context.context).toMatchObject({ role: { role: 'embedding' }, certainty: 'likely' });
  });

  it('codes in a row or with an axis of one channel; token ids stay token ids', () => {
    const codes = (shape: (number | string)[], after: ReturnType<typeof op>[]) =>
      infer([value('q', shape, 7)], [op('Gather', ['book', 'q'], ['e']), ...after], [weight('book', [64, 8])])
        .q;
    const convolved = [
      op('Transpose', ['e'], ['t']),
      op('Reshape', ['t', 'shape'], ['r']),
      op('Conv', ['r', 'k'], ['c']),
    ];
    expect(codes(['N', 256], convolved)?.role).toEqual({ role: 'codes', entries: 64 });
    expect(codes(['N', 1, 16, 16], convolved)?.role).toEqual({ role: 'codes', entries: 64 });
    expect(codes(['N', 16, 16], convolved)?.role).toEqual({ role: 'codes', entries: 64 });
    const attended = [op('MatMul', ['e', 'w'], ['k'])];
    expect(codes(['N', 77], attended)).toMatchObject({
      role: other,
      reason: expect.stringMatching(/token ids/),
    });
  });

  it('images: by where the channels are, in the values of what comes out', () => {
    const graph = (shape: (number | string)[], last: string, type = 1) =>
      inferRoles(
        graphOf({
          inputs: [value('x', shape, type)],
          outputs: [value('y', ['N', 3, 64, 64])],
          nodes: [op('Conv', ['x', 'k'], ['c']), op(last, ['c'], ['y'])],
        }),
      );
    expect(graph(['N', 3, 64, 64], 'Tanh').inputs.x).toMatchObject({
      role: image([-1, 1]),
      certainty: 'likely',
    });
    expect(graph(['N', 3, 64, 64], 'Sigmoid').inputs.x?.role).toEqual(image([0, 1]));
    expect(graph(['N', 64, 64, 3], 'Sigmoid').inputs.x?.role).toEqual(image([0, 1], 'NHWC'));
    expect(graph(['N', 64, 64, 3], 'Tanh', 2).inputs.x).toMatchObject({
      role: image([0, 255], 'NHWC'),
      certainty: 'sure',
    });
    const free = graph(['N', 3, 16, 16], 'Identity');
    expect(free.inputs.x).toMatchObject({ role: image([0, 1]), certainty: 'ask' });
    expect(free.outputs.y).toMatchObject({ role: image([0, 1]), certainty: 'ask' });
  });

  it('integers: one-hot, OneHot, unknown table, codes, timesteps', () => {
    const guesses = infer(
      [
        value('z', ['N', 64]),
        value('hot', ['N', 5], 7),
        value('i', ['N'], 7),
        value('q', ['N'], 7),
        value('codes', [1, 8, 8], 7),
        value('t', ['N'], 7),
      ],
      [
        op('Gemm', ['z', 'w'], ['p']),
        op('Cast', ['hot'], ['hf']),
        op('MatMul', ['hf', 'v'], ['h']),
        op('OneHot', ['i', 'depth', 'range'], ['o']),
        op('Equal', ['q', 'depth'], ['e']),
        op('Gather', ['book', 'codes'], ['g']),
        op('Cast', ['t'], ['tf']),
        op('Mul', ['tf', 'freqs'], ['angles']),
        op('Sin', ['angles'], ['s']),
      ],
      [scalar('depth', 7), weight('book', [32, 4]), weight('freqs', [16])],
    );
    expect(guesses.hot).toMatchObject({ role: classes(5), certainty: 'sure' });
    expect(guesses.i).toMatchObject({ role: classes(7, 'index'), certainty: 'sure' });
    expect(guesses.q?.certainty).toBe('ask');
    expect(guesses.codes).toMatchObject({ role: { role: 'codes', entries: 32 }, certainty: 'sure' });
    expect(guesses.t?.reason).toMatch(/timestep/);
  });

  it('scalars, switches, styles, grids and what is not used', () => {
    const guesses = infer(
      [
        value('a', []),
        value('b', [1]),
        value('flag', [], 9),
        value('ws', [1, 14, 64]),
        value('grid', [1, 8, 4, 4]),
        value('x', [1, 4]),
      ],
      [
        op('Mul', ['a', 'ws'], ['p']),
        op('Sqrt', ['b'], ['q']),
        op('If', ['flag'], ['f']),
        op('Conv', ['grid', 'k'], ['c']),
      ],
    );
    expect(guesses.a).toMatchObject({ role: { role: 'truncation' }, certainty: 'likely' });
    expect(guesses.b).toMatchObject({ role: { role: 'constant', value: 1 }, certainty: 'ask' });
    expect(guesses.flag).toMatchObject({ role: { role: 'constant', value: 0 }, certainty: 'likely' });
    expect(guesses.ws).toMatchObject({ role: latent, certainty: 'ask' });
    expect(guesses.grid).toMatchObject({ role: latent, certainty: 'likely' });
    expect(guesses.x).toMatchObject({ role: { role: 'constant', value: 0 }, certainty: 'sure' });
  });

  it('names that no object should have', () => {
    const guesses = infer([value('__proto__', ['N', 8])], [op('Gemm', ['__proto__', 'w'], ['y'])]);
    expect(Object.keys(guesses)).toEqual(['__proto__']);
  });
});
