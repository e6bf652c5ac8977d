import { describe, expect, it } from 'vitest';
import { type LatentCodeOptions, latentCode } from '../../../src/algorithms/latent/code.ts';
import { DEFAULT_SOURCE, type LatentPlan } from '../../../src/shared/samples/latents.ts';

const options: LatentCodeOptions = {
  modelFile: 'generator.onnx',
  latentInput: 'z',
  latentShape: [1, 96],
  classInput: { name: 'category', encoding: 'onehot', classes: 7 },
  imageOutput: 'image',
};

const seeds: LatentPlan = { kind: 'seeds', source: DEFAULT_SOURCE, seed: 3, count: 5, classes: 'all' };
const torch: LatentPlan = {
  kind: 'path',
  source: { ...DEFAULT_SOURCE, rng: 'torch', truncation: { mode: 'resample', threshold: 0.7 } },
  keys: [1, 2].map((seed) => ({ seed, classIndex: null })),
  steps: 8,
  method: 'lerp',
  loop: true,
};

describe('latentCode', () => {
  it('draws seeds with NumPy and feeds them with their classes', () => {
    expect(latentCode(seeds, options)).toMatchInlineSnapshot(`
      "# The samples of seeds 3 to 7, with NumPy's random numbers, as Genscope draws them.
      import numpy as np
      import onnxruntime as ort


      def draw(seed, *shape):
          rng = np.random.RandomState(seed)
          return rng.randn(*shape).astype(np.float32)


      seeds = range(3, 8)
      z = np.stack([draw(s, 96) for s in seeds])  # a generator of its own for each seed
      classes = np.eye(7, dtype=np.float32)[[s % 7 for s in seeds]]

      session = ort.InferenceSession("generator.onnx")
      images = []
      for i in range(len(z)):
          feeds = {
              "z": z[i].reshape(1, 96),
              "category": classes[i].reshape(1, 7),
          }
          images.append(session.run(["image"], feeds)[0])
      images = np.concatenate(images)
      print(images.shape, images.dtype, images.min(), images.max())
      "
    `);
  });

  it('draws the keys of a loop with PyTorch, truncates them, and interpolates', () => {
    const { classInput: _none, ...without } = options;
    expect(latentCode(torch, without)).toMatchInlineSnapshot(`
      "# The 8 samples on a closed path through seeds 1, 2, with PyTorch's random numbers, as Genscope draws them.
      import numpy as np
      import onnxruntime as ort
      import torch


      def draw(seed, *shape):
          torch.manual_seed(seed)
          z = torch.randn(*shape)
          while (outside := (z.abs() > 0.7)).any():  # truncation: draw these again
              z[outside] = torch.randn(int(outside.sum()))
          return z.numpy()


      def lerp(a, b, t):
          return ((1 - t) * a.astype(np.float64) + t * b).astype(np.float32)


      keys = [draw(s, 96) for s in [1, 2]]
      z = []
      for i in range(8):
          k, rest = divmod(i * 2, 8)  # back to the first key at the end
          a, b, t = k, (k + 1) % 2, rest / 8
          z.append(lerp(keys[a], keys[b], t))
      z = np.stack(z)

      session = ort.InferenceSession("generator.onnx")
      images = []
      for i in range(len(z)):
          feeds = {"z": z[i].reshape(1, 96)}
          images.append(session.run(["image"], feeds)[0])
      images = np.concatenate(images)
      print(images.shape, images.dtype, images.min(), images.max())
      "
    `);
  });

  it('takes one sample of a plan', () => {
    expect(latentCode(seeds, { ...options, index: 2 })).toContain('seeds = [5]\n');
    const stream: LatentPlan = { ...seeds, source: { ...DEFAULT_SOURCE, layout: 'stream' } };
    expect(latentCode(stream, { ...options, index: 2 })).toContain('z = draw(3, 5, 96)[2:3]\n');
    const { classInput: _none, ...without } = options;
    expect(latentCode(torch, { ...without, index: 2 })).toContain('for i in [2]:  # of 8\n');
  });

  it('feeds latents, classes and other inputs in the shapes and types of the graph', () => {
    const text = latentCode(seeds, {
      ...options,
      latentShape: [1, 96, 1, 1],
      latentType: 'float16',
      classInput: { name: 'y', encoding: 'index', classes: 7, dtype: 'int32' },
      filledInputs: [{ name: 'psi', shape: [1], value: 0.7 }],
    });
    expect(text).toContain('"z": z[i].reshape(1, 96, 1, 1).astype(np.float16),');
    expect(text).toContain('"y": classes[i].argmax().reshape(1).astype(np.int32),');
    expect(text).toContain('"psi": np.full((1,), 0.7, np.float32),');
  });

  it('quotes names and paths as Python does', () => {
    const text = latentCode(seeds, { ...options, modelFile: 'C:\\new "one"\\é.onnx', latentInput: "it's" });
    expect(text).toContain(String.raw`InferenceSession("C:\\new \"one\"\\é.onnx")`);
    expect(text).toContain(`"it's": z[i]`);
  });

  it.each([-1, 5, 0.5])('refuses sample %f of five', (index) => {
    expect(() => latentCode(seeds, { ...options, index })).toThrow(
      expect.objectContaining({ code: 'input.invalid' }),
    );
  });

  it('refuses what planLatents refuses', () => {
    expect(() => latentCode({ ...seeds, seed: -1 }, options)).toThrow(
      expect.objectContaining({ code: 'input.invalid' }),
    );
  });
});
