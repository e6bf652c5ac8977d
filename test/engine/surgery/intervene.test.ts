import { describe, expect, it } from 'vitest';
import { GraphIndex } from '../../../src/onnx/graph.ts';
import { candidateLayers } from '../../../src/onnx/layers/layers.ts';
import { expose } from '../../../src/onnx/surgery/expose.ts';
import { intervene } from '../../../src/onnx/surgery/intervene.ts';
import { pinNoise } from '../../../src/onnx/surgery/pinNoise/pinNoise.ts';
import { split } from '../../../src/onnx/surgery/split/split.ts';
import { DEMO, distance, type Feeds, f32, feedsFor, noise, numbers, open, run, shapesOf } from './support.ts';

const IDENTITY = { A: f32([1], [1]), B: f32([1], [0]) };

function identities(interventions: readonly { scale: string; shift: string }[]): Feeds {
  return Object.fromEntries(
    interventions.flatMap(({ scale, shift }) => [
      [scale, IDENTITY.A],
      [shift, IDENTITY.B],
    ]),
  );
}

const layersOf = (model: ReturnType<typeof open>['model']) =>
  candidateLayers(new GraphIndex(model)).map(({ tensor }) => tensor);

describe('identity', () => {
  const files = [
    'dcgan.onnx',
    'noise-input.onnx',
    'dynamo.onnx',
    'label.onnx',
    'truncation.onnx',
    'nhwc.onnx',
    'two-outputs.onnx',
    'external.onnx',
    'keep-initializers.onnx',
    DEMO,
  ];
  for (const file of files) {
    it(`at every layer of ${file.replace(/.*\//, '')}`, async () => {
      const { model, folder } = open(file);
      const feeds = feedsFor(model, { rows: 2 });
      const edited = intervene(model, layersOf(model));
      expect(edited.interventions.length).toBeGreaterThan(0);
      for (const optimize of [false, true]) {
        const before = await run(model, folder, feeds, optimize);
        const after = await run(
          edited.model,
          folder,
          { ...feeds, ...identities(edited.interventions) },
          optimize,
        );
        for (const [name, value] of Object.entries(before))
          expect(distance(after[name], value)).toBeLessThanOrEqual(optimize ? 1e-6 : 0);
      }
    });
  }
});

describe('A·r + B', () => {
  it('is what every reader of the layer sees', async () => {
    const { model, folder } = open('dcgan.onnx');
    const [first = '', second = ''] = layersOf(model);
    const feeds = feedsFor(model, { rows: 2 });
    const { model: edited, interventions } = intervene(model, [first]);
    const raw = numbers((await run(expose(model, [first]), folder, feeds))[first]);
    const shape = (await run(expose(model, [first]), folder, feeds))[first]?.shape ?? [];
    const [, channels = 0, h = 0, w = 0] = shape;
    const A = f32([2, channels, h, w], noise(raw.length, 'A'));
    const B = f32([1, channels, 1, 1], noise(channels, 'B'));
    const [one] = interventions;
    const outputs = await run(expose(edited, [first, second]), folder, {
      ...feeds,
      [one?.scale ?? '']: A,
      [one?.shift ?? '']: B,
    });
    const expected = raw.map(
      (r, i) => r * (A.data[i] as number) + (B.data[Math.floor(i / (h * w)) % channels] as number),
    );
    expect(distance(outputs[first], f32(shape, expected))).toBeLessThanOrEqual(1e-6);
    // The same r′ put into the second half by hand gives the same picture.
    const halves = split(model, first);
    const after = await run(halves.suffix, folder, { ...feeds, [first]: outputs[first] as never });
    expect(distance(after.image, outputs.image)).toBe(0);
  });

  it('per sample, and for one region of one unit', async () => {
    const { model, folder } = open('dcgan.onnx');
    const [layer = ''] = layersOf(model);
    const feeds = feedsFor(model, { rows: 3 });
    const { model: edited } = intervene(model, [layer]);
    const { image: before } = await run(model, folder, feeds);
    const off = f32([3, 1, 1, 1], [1, 0, 1]);
    const { image } = await run(edited, folder, { ...feeds, genscope_A_0: off, genscope_B_0: f32([], [0]) });
    const plane = numbers(before).length / 3;
    const rows = (value: typeof before, i: number) =>
      f32([plane], numbers(value).slice(i * plane, (i + 1) * plane));
    for (const [i, same] of [true, false, true].entries())
      expect(distance(rows(image, i), rows(before, i)) <= 1e-6).toBe(same);
  });

  it('with noise pinned, upstream, at the cut and downstream of it', async () => {
    const { model: original, folder } = open('noise-inside.onnx');
    const { model, noise: pinned } = pinNoise(original);
    const feeds = feedsFor(model, {
      rows: 1,
      shapes: { genscope_noise_0: [1, 1, 8, 8], genscope_noise_1: [1, 1, 16, 16] },
    });
    expect(pinned.map(({ input }) => input)).toEqual(['genscope_noise_0', 'genscope_noise_1']);
    const [fc = '', b8 = '', b16 = ''] = layersOf(model);
    const known = await shapesOf({ model, folder, name: '' }, feeds);
    const whole = intervene(model, [fc, b8, b16]);
    const values: Feeds = Object.fromEntries(
      [0, 1, 2].flatMap((i) => [
        [`genscope_A_${i}`, f32([1], [0.5 + i])],
        [`genscope_B_${i}`, f32([1], [0.25 - i / 8])],
      ]),
    );
    const full = await run(whole.model, folder, { ...feeds, ...values });
    const halves = split(model, b8, { shapes: known });
    expect(halves.crossing).toEqual([b8]);
    expect(halves.suffixInputs).toEqual(['genscope_noise_1']);
    const above = await run(intervene(halves.prefix, [fc]).model, folder, { ...feeds, ...values });
    const below = intervene(halves.suffix, [b8, b16]).model;
    const { image } = await run(below, folder, {
      ...feeds,
      ...above,
      genscope_A_0: values.genscope_A_1 as never,
      genscope_B_0: values.genscope_B_1 as never,
      genscope_A_1: values.genscope_A_2 as never,
      genscope_B_1: values.genscope_B_2 as never,
    });
    expect(distance(image, full.image)).toBe(0);
  });
});
