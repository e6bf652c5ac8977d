/** Extractors of every kind: what they are fed, what counts as features, and what is refused. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Extractor, openExtractor } from '../../src/engine/extractor/extractor.ts';
import type { PictureStack } from '../../src/engine/runtime/imageCodec.ts';
import { Session } from '../../src/engine/runtime/session.ts';
import type { ExtractorRef } from '../../src/shared/scores/scores.ts';
import { temporaryFolder } from './support/engine.ts';
import { EXTRACTOR, type TinyExtractor, tinyExtractor } from './support/scoring.ts';

async function open(ref: ExtractorRef): Promise<Extractor> {
  return openExtractor(ref, { threads: 1 });
}

/** `count` pictures, each of one colour. */
function stack(side: number, colours: readonly (readonly [number, number, number])[]): PictureStack {
  const data = new Uint8Array(colours.length * side * side * 4).fill(255);
  colours.forEach((colour, i) => {
    for (let p = 0; p < side * side; p++) data.set(colour, (i * side * side + p) * 4);
  });
  return { count: colours.length, width: side, height: side, data };
}

const THREE = stack(4, [
  [255, 0, 127.5],
  [0, 255, 51],
  [102, 204, 0],
]);

describe('the demo extractor', () => {
  it('says what it is, and gives what the bare network gives', async () => {
    const extractor = await open({ path: EXTRACTOR });
    expect(extractor.description).toMatchObject({
      ...{ name: 'extractor', resize: 'clean', features: 128, classes: 7, input: { width: 64, height: 64 } },
      sha256: expect.stringMatching(/^eca2b4c9aa7c35c4/),
      classNames: ['meadow', 'mountains', 'lake', 'forest', 'village', 'sunset', 'winter'],
    });
    const pictures = stack(64, [[10, 200, 30]]);
    const { features, logits } = await extractor.extract(pictures);
    const session = await Session.fromFile(EXTRACTOR, { threads: 1, optimize: 'all' });
    const plane = (byte: number) => new Array<number>(64 * 64).fill(byte / 127.5 - 1);
    const image = Float32Array.from([...plane(10), ...plane(200), ...plane(30)]);
    const bare = await session.run({ image: { dtype: 'float32', shape: [1, 3, 64, 64], data: image } });
    const close = (found: Float32Array, wanted: ArrayLike<number> | undefined) =>
      found.forEach((value, i) => {
        expect(value).toBeCloseTo(Number(wanted?.[i]), 4);
      });
    close(features, bare.features?.data as Float32Array);
    close(logits, bare.logits?.data as Float32Array);
    await session.release();
    await extractor.release();
  });

  it('gives the mean over the cells of any tensor inside it', async () => {
    const whole = await open({ path: EXTRACTOR });
    const names = await open({ path: EXTRACTOR, layer: 'nowhere' }).catch((thrown: Error) => thrown);
    expect(names).toMatchObject({
      code: 'extractor.unsuitable',
      message: expect.stringContaining('nowhere'),
    });
    const listed = String((names as { advice?: string }).advice).match(/[\w./:]+/g) ?? [];
    const maps = listed.findLast((name) => /relu/i.test(name)) as string;
    const inside = await open({ path: EXTRACTOR, layer: maps });
    expect(inside.layer).toBe(maps);
    const pictures = stack(64, [[90, 40, 200]]);
    // The declared features are that very mean.
    const [a, b] = [await whole.extract(pictures), await inside.extract(pictures)];
    expect(b.features.length).toBe(128);
    a.features.forEach((value, i) => {
      expect(b.features[i]).toBeCloseTo(value, 4);
    });
    expect(b.logits.length).toBe(7);
    await whole.release();
    await inside.release();
  });
});

function tiny(options: TinyExtractor = {}): string {
  return tinyExtractor(path.join(temporaryFolder(), 'tiny.onnx'), options);
}

function rows(values: Float32Array, width: number): number[][] {
  return Array.from({ length: values.length / width }, (_, i) =>
    [...values.subarray(i * width, (i + 1) * width)].map((value) => Math.round(value * 1000) / 1000),
  );
}

const MEANS = [
  [1, -1, -0.004],
  [-1, 1, -0.6],
  [-0.2, 0.6, -1],
];

describe('a plain .onnx', () => {
  it('takes [−1, 1], or the range of the sidecar beside it', async () => {
    const file = tiny({ input: ['N', 3, 4, 4] });
    const plain = await open({ path: file });
    expect(rows((await plain.extract(THREE)).features, 3)).toEqual(MEANS);
    fs.writeFileSync(
      file.replace('.onnx', '.genscope.json'),
      JSON.stringify({ schema: 1, inputs: { x: { role: 'image', layout: 'NCHW', range: [0, 255] } } }),
    );
    const other = await open({ path: file });
    expect(rows((await other.extract(THREE)).features, 3)[2]).toEqual([102, 204, 0]);
  });

  it('with its batch fixed at 1 gives the same rows', async () => {
    const extractor = await open({ path: tiny({ input: [1, 3, 4, 4], outputs: { features: [1, 3] } }) });
    expect(rows((await extractor.extract(THREE)).features, 3)).toEqual(MEANS);
  });

  it('with its size fixed gets pictures of any size and aspect', async () => {
    const extractor = await open({ path: tiny({ input: ['N', 3, 6, 10] }) });
    expect(extractor.description.input).toEqual({ width: 10, height: 6 });
    for (const side of [1, 4, 33]) {
      const { features } = await extractor.extract(stack(side, [[255, 0, 51]]));
      expect(rows(features, 3)).toEqual([[1, -1, -0.6]]);
    }
  });

  it('of free size gets 224², and says so', async () => {
    const extractor = await open({ path: tiny() });
    expect(extractor.description.input).toEqual({ width: 224, height: 224 });
    expect(extractor.warnings).toEqual([expect.stringContaining('224×224')]);
  });

  it('of one channel gets the luma of PIL', async () => {
    const nodes = [
      ['GlobalAveragePool', ['x'], ['maps']],
      ['Flatten', ['maps'], ['features'], { axis: 1n }],
    ] as const;
    const file = tiny({
      input: ['N', 1, 4, 4],
      nodes: nodes.map((n) => [...n] as never),
      outputs: { features: ['N', 1] },
    });
    const extractor = await open({ path: file });
    const { features } = await extractor.extract(stack(4, [[255, 0, 0]]));
    expect(features[0]).toBeCloseTo(76 / 127.5 - 1, 5);
  });

  it('that gives probabilities gives their logarithms as logits', async () => {
    const file = tiny({
      input: ['N', 3, 4, 4],
      nodes: [
        ['GlobalAveragePool', ['x'], ['maps']],
        ['Flatten', ['maps'], ['features'], { axis: 1n }],
        ['Softmax', ['features'], ['probabilities'], { axis: 1n }],
      ],
      outputs: { features: ['N', 3], probabilities: ['N', 3] },
    });
    const { logits } = await (await open({ path: file })).extract(THREE);
    const sum = [...logits.subarray(0, 3)].reduce((a, b) => a + Math.exp(b), 0);
    expect(sum).toBeCloseTo(1, 5);
    expect((logits[0] as number) - (logits[1] as number)).toBeCloseTo(2, 4);
  });
});

describe('a folder as on the hub', () => {
  const PREPROCESSOR = {
    ...{
      image_processor_type: 'ViTImageProcessor',
      do_resize: true,
      size: { height: 8, width: 8 },
      resample: 2,
    },
    ...{ do_rescale: true, rescale_factor: 1 / 255, do_normalize: true },
    ...{ image_mean: [0.5, 0.5, 0.5], image_std: [0.25, 0.25, 0.25] },
  };

  function hub(options: TinyExtractor, preprocessor: object = PREPROCESSOR): string {
    const folder = path.join(temporaryFolder(), 'encoder');
    tinyExtractor(path.join(folder, 'onnx', 'model.onnx'), { inputName: 'pixel_values', ...options });
    fs.writeFileSync(path.join(folder, 'config.json'), JSON.stringify({ id2label: { 0: 'cat', 1: 'dog' } }));
    fs.writeFileSync(path.join(folder, 'preprocessor_config.json'), JSON.stringify(preprocessor));
    return folder;
  }

  it('is fed by its own processor; its classes have names', async () => {
    const extractor = await open({ path: hub({}) });
    expect(extractor.description).toMatchObject({
      ...{ name: 'encoder', resize: 'own', input: { width: 8, height: 8 }, classNames: ['cat', 'dog'] },
    });
    // (x/255 − ½) / ¼
    expect(rows((await extractor.extract(THREE)).features, 3)[1]).toEqual([-2, 2, -1.2]);
    const other = await open({ path: hub({}), resize: 'torch' });
    expect(rows((await other.extract(THREE)).features, 3)[1]).toEqual([-2, 2, -1.2]);
    expect(other.description.resize).toBe('torch');
  });

  it('of tokens gives the first, which stands for the picture; a chosen layer the mean of all', async () => {
    const folder = hub({
      nodes: [
        ['Reshape', ['pixel_values', 'rows'], ['columns']],
        ['Transpose', ['columns'], ['last_hidden_state'], { perm: [0, 2, 1] }],
      ],
      outputs: { last_hidden_state: ['N', 64, 3] },
    });
    const picture = stack(8, [[0, 0, 0]]);
    picture.data.set([255, 255, 255], 0);
    const first = await open({ path: folder });
    expect(rows((await first.extract(picture)).features, 3)).toEqual([[2, 2, 2]]);
    expect(first.description).toMatchObject({ features: 3, classes: 0, classNames: [] });
    const all = await open({ path: folder, layer: 'last_hidden_state' });
    expect((await all.extract(picture)).features[0]).toBeCloseTo(-2 + 4 / 64, 5);
  });

  it('whose model takes another size than its processor makes is refused', async () => {
    const folder = hub({ input: ['N', 3, 16, 16] });
    await expect(open({ path: folder })).rejects.toMatchObject({
      code: 'extractor.invalid',
      message: 'model.onnx takes pictures of 16×16, but its settings make 8×8.',
    });
    // Resized another way, the model's own size is the one that counts.
    expect((await open({ path: folder, resize: 'clean' })).description.input.width).toBe(16);
  });

  it('without its processor is no extractor', async () => {
    const folder = hub({});
    fs.rmSync(path.join(folder, 'preprocessor_config.json'));
    await expect(open({ path: folder })).rejects.toMatchObject({ code: 'extractor.missing' });
  });
});

describe('is refused in a sentence', () => {
  const identity = (output: string, shape: readonly (number | string)[]): TinyExtractor => ({
    ...{ nodes: [['Identity', ['x'], [output]]], outputs: { [output]: shape } },
  });
  it.each<[string, string, () => string]>([
    ['nothing there', 'extractor.missing', () => path.join(temporaryFolder(), 'gone.onnx')],
    ['an empty folder', 'extractor.missing', () => temporaryFolder()],
    [
      'five channels',
      'extractor.unsuitable',
      () => tiny({ ...identity('y', ['N', 5, 4, 4]), input: ['N', 5, 4, 4] }),
    ],
    ['no picture', 'extractor.unsuitable', () => tiny({ ...identity('y', ['N', 5]), input: ['N', 5] })],
    ['two inputs', 'extractor.unsuitable', () => tiny({ also: 'timestep' })],
  ])('%s', async (_, code, make) => {
    await expect(open({ path: make() })).rejects.toMatchObject({ code });
  });

  it('a resize of its own that it has not', async () => {
    await expect(open({ path: EXTRACTOR, resize: 'own' })).rejects.toMatchObject({
      code: 'extractor.unsuitable',
    });
  });

  it('features that are no numbers', async () => {
    const nodes: TinyExtractor['nodes'] = [
      ['GlobalAveragePool', ['x'], ['maps']],
      ['Log', ['maps'], ['logs']],
      ['Flatten', ['logs'], ['features'], { axis: 1n }],
    ];
    const extractor = await open({
      path: tiny({ input: ['N', 3, 4, 4], nodes, outputs: { features: ['N', 3] } }),
    });
    await expect(extractor.extract(THREE)).rejects.toMatchObject({ code: 'extractor.nonFinite' });
  });
});
