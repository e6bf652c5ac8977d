/** The script of *Copy Edit*. That it gives the panel's pictures was checked by running it; here it must stay what it is. */
import { describe, expect, it } from 'vitest';
import { editedGraphCode } from '../../../src/algorithms/edits/pythonEdits.ts';
import { latentCode } from '../../../src/algorithms/latent/code.ts';
import type { Edit } from '../../../src/shared/edits/edits.ts';
import { DEFAULT_SOURCE } from '../../../src/shared/samples/latents.ts';

const edit: Edit = {
  ...{
    id: 'a',
    name: 'no\ntrees\u2028os.remove("x")',
    layer: 'l8',
    tensor: '/l8/Relu',
    strength: 0.5,
    muted: false,
  },
  intent: { kind: 'ablate', to: 'zero' },
  units: [
    { unit: 3, scale: 0, shift: 0 },
    { unit: 5, scale: 0, shift: 1.5 },
    { unit: 3, scale: 2, shift: 0 },
  ],
  region: { height: 2, width: 2, weights: [0, 0.25, 1, 0] },
  samples: null,
};
const layer = {
  layer: 'l8',
  tensor: '/l8/Relu',
  units: 8,
  resolution: [2, 2] as const,
  channelAxis: 1 as const,
};
const plan = { kind: 'seeds' as const, source: DEFAULT_SOURCE, seed: 0, count: 2, classes: 'all' as const };
const options = { modelFile: 'g.onnx', latentInput: 'z', latentShape: [1, 4], imageOutput: 'image' };

describe('editedGraphCode', () => {
  it('is data and two functions', () => {
    const graph = editedGraphCode(
      [{ ...layer, type: 'FLOAT', edits: [{ edit, places: [1] }] }],
      'C:\\new\\g.onnx',
    );
    const text = latentCode(plan, { ...options, graph });
    expect(text.slice(text.indexOf('layers = ['))).toMatchInlineSnapshot(`
      "layers = [
          {  # l8
              "tensor": "/l8/Relu", "shape": (8, 2, 2), "type": "FLOAT",
              "edits": [
                  {  # no trees os.remove("x")
                      "strength": 0.5, "units": [3, 5],
                      "scale": 0,
                      "shift": [0, 1.5],
                      "region": [[0, 0.25], [1, 0]],
                      "samples": [1],
                  },
                  {  # no trees os.remove("x")
                      "strength": 0.5, "units": [3],
                      "scale": 2,
                      "shift": 0,
                      "region": [[0, 0.25], [1, 0]],
                      "samples": [1],
                  },
              ],
          },
      ]

      model = onnx.load("C:\\\\new\\\\g.onnx")
      for k, layer in enumerate(layers):
          insert(model, k, layer)
      session = ort.InferenceSession(model.SerializeToString())
      images = []
      for i in range(len(z)):
          feeds = {
              "z": z[i].reshape(1, 4),
              **affines(layers, i),
          }
          images.append(session.run(["image"], feeds)[0])
      images = np.concatenate(images)
      print(images.shape, images.dtype, images.min(), images.max())
      "
    `);
    expect(text).toContain('import onnx\nfrom onnx import helper\n');
    expect(text).toContain('helper.make_node("Mul", [r + "/raw", f"A{k}"], [r + "/scaled"])');
    expect(text).not.toContain('Cast');
  });

  it('computes layers of half precision in float32', () => {
    const { functions } = editedGraphCode(
      [{ ...layer, type: 'FLOAT16', edits: [{ edit, places: null }] }],
      'g.onnx',
    );
    const text = functions.flat().join('\n');
    expect(text.match(/"Cast"/g)).toHaveLength(2);
    expect(text).toContain('to=getattr(onnx.TensorProto, layer["type"])');
  });

  it('says that a graph makes noise of its own', () => {
    expect(latentCode(plan, { ...options, ownNoise: true })).toMatch(
      /^# .*\n# The graph draws noise of its own/,
    );
  });
});
