/**
 * SegFormer-B0 for pictures of 256² (Xie et al. 2021, arXiv 2105.15203; transformers `modeling_segformer.py`), operator by
 * operator as PyTorch exports it, with random weights: 3.7 million parameters, 150 classes at a quarter of the size.
 */
import fs from 'node:fs';
import path from 'node:path';
import { makeValue } from '../../../src/onnx/surgery/build.ts';
import { Network } from './network.ts';

const SIDE = 256;
const CLASSES = 150;
const DECODER = 256;
const BLOCKS = 2;

interface Stage {
  readonly channels: number;
  readonly heads: number;
  /** Keys and values are made of patches of so many tokens' side. */
  readonly reduction: number;
  readonly kernel: number;
  readonly stride: number;
}

const STAGES: readonly Stage[] = [
  { channels: 32, heads: 1, reduction: 8, kernel: 7, stride: 4 },
  { channels: 64, heads: 2, reduction: 4, kernel: 3, stride: 2 },
  { channels: 160, heads: 5, reduction: 2, kernel: 3, stride: 2 },
  { channels: 256, heads: 8, reduction: 1, kernel: 3, stride: 2 },
];

/** Tokens [N, side², channels] of a stage. */
interface Tokens {
  readonly name: string;
  readonly side: number;
  readonly channels: number;
}

class SegFormer {
  readonly net = new Network();

  logits(picture: string): string {
    const { net } = this;
    const features: string[] = [];
    let from = 3;
    let side = SIDE;
    let at = picture;
    for (const stage of STAGES) {
      side /= stage.stride;
      at = this.#stage(at, from, side, stage);
      features.push(this.#decoded({ name: at, side, channels: stage.channels }));
      from = stage.channels;
    }
    const all = net.node('Concat', features.reverse(), { axis: 1n });
    const wide = DECODER * STAGES.length;
    const fused = this.#conv(all, [DECODER, wide, 1, 1], { bias: false });
    const normal = net.node('BatchNormalization', [
      fused,
      net.filled([DECODER], 1),
      net.filled([DECODER], 0),
      net.floats(new Array<number>(DECODER).fill(0)),
      net.floats(new Array<number>(DECODER).fill(1)),
    ]);
    // Some concepts are frequent and most are rare, as in any picture; without, every cell would have another winner.
    return net.node(
      'Conv',
      [net.node('Relu', [normal]), net.drawn([CLASSES, DECODER, 1, 1], DECODER), net.drawn([CLASSES], 1 / 8)],
      { kernel_shape: [1, 1] },
      { as: 'logits' },
    );
  }

  /** @param from channels of the feature map `name` @returns the stage's feature map [N, channels, side, side] */
  #stage(name: string, from: number, side: number, { channels, kernel, stride, ...stage }: Stage): string {
    const patches = this.#conv(name, [channels, from, kernel, kernel], { stride, pad: (kernel - 1) / 2 });
    let tokens: Tokens = { name: this.#norm(this.#asTokens(patches, channels), channels), side, channels };
    for (let i = 0; i < BLOCKS; i++) {
      const attention = this.#attention({ ...tokens, name: this.#norm(tokens.name, channels) }, stage);
      tokens = { ...tokens, name: this.net.node('Add', [tokens.name, attention]) };
      const mixed = this.#mixed({ ...tokens, name: this.#norm(tokens.name, channels) });
      tokens = { ...tokens, name: this.net.node('Add', [tokens.name, mixed]) };
    }
    return this.#asMap({ ...tokens, name: this.#norm(tokens.name, channels) });
  }

  #attention(tokens: Tokens, { heads, reduction }: Pick<Stage, 'heads' | 'reduction'>): string {
    const { net } = this;
    const { channels } = tokens;
    const size = channels / heads;
    const inHeads = (name: string) => net.node('Reshape', [name, net.ints([0, -1, heads, size])]);
    const query = net.node('Transpose', [inHeads(this.#linear(tokens.name, channels, channels))], {
      perm: [0, 2, 1, 3],
    });
    const reduced = reduction === 1 ? tokens.name : this.#reduced(tokens, reduction);
    const key = net.node('Transpose', [inHeads(this.#linear(reduced, channels, channels))], {
      perm: [0, 2, 3, 1],
    });
    const value = net.node('Transpose', [inHeads(this.#linear(reduced, channels, channels))], {
      perm: [0, 2, 1, 3],
    });
    const scores = net.node('Div', [net.node('MatMul', [query, key]), net.floats([Math.sqrt(size)], [])]);
    const context = net.node('MatMul', [net.node('Softmax', [scores], { axis: -1n }), value]);
    const joined = net.node('Transpose', [context], { perm: [0, 2, 1, 3] });
    return this.#linear(net.node('Reshape', [joined, net.ints([0, -1, channels])]), channels, channels);
  }

  #reduced(tokens: Tokens, reduction: number): string {
    const { channels } = tokens;
    const shape = [channels, channels, reduction, reduction];
    const map = this.#conv(this.#asMap(tokens), shape, { stride: reduction });
    return this.#norm(this.#asTokens(map, channels), channels);
  }

  /** Mix-FFN: a depthwise convolution between two linear layers, and GELU. */
  #mixed(tokens: Tokens): string {
    const { net } = this;
    const wide = 4 * tokens.channels;
    const first = this.#linear(tokens.name, tokens.channels, wide);
    const map = this.#asMap({ ...tokens, name: first, channels: wide });
    const deep = this.#conv(map, [wide, 1, 3, 3], { pad: 1, group: wide });
    const x = this.#asTokens(deep, wide);
    const erf = net.node('Erf', [net.node('Div', [x, net.floats([Math.SQRT2], [])])]);
    const gated = net.node('Mul', [x, net.node('Add', [erf, net.floats([1], [])])]);
    const gelu = net.node('Mul', [gated, net.floats([0.5], [])]);
    return this.#linear(gelu, wide, tokens.channels);
  }

  /** A stage's part in the decoder: [N, 256, 64, 64]. */
  #decoded(map: Tokens): string {
    const { net } = this;
    const flat = this.#linear(this.#asTokens(map.name, map.channels), map.channels, DECODER);
    const small = this.#asMap({ ...map, name: flat, channels: DECODER });
    const times = SIDE / 4 / map.side;
    return net.node(
      'Resize',
      [small, '', net.floats([1, 1, times, times])],
      {},
      { strings: { mode: 'linear', coordinate_transformation_mode: 'pytorch_half_pixel' } },
    );
  }

  #conv(
    name: string,
    shape: readonly [number, number, number, number] | readonly number[],
    { stride = 1, pad = 0, group = 1, bias = true },
  ): string {
    const [to = 0, from = 0, kernel = 0] = shape;
    const inputs = [name, this.net.drawn(shape, from * kernel * kernel)];
    if (bias) inputs.push(this.net.filled([to], 0));
    return this.net.node('Conv', inputs, {
      ...{ kernel_shape: [kernel, kernel], strides: [stride, stride], pads: [pad, pad, pad, pad] },
      group: BigInt(group),
    });
  }

  #linear(name: string, from: number, to: number): string {
    const product = this.net.node('MatMul', [name, this.net.drawn([from, to], from)]);
    return this.net.node('Add', [this.net.filled([to], 0), product]);
  }

  #norm(name: string, channels: number): string {
    const inputs = [name, this.net.filled([channels], 1), this.net.filled([channels], 0)];
    return this.net.node('LayerNormalization', inputs, { axis: -1n, epsilon: 1e-5 });
  }

  #asTokens(name: string, channels: number): string {
    const flat = this.net.node('Reshape', [name, this.net.ints([0, channels, -1])]);
    return this.net.node('Transpose', [flat], { perm: [0, 2, 1] });
  }

  #asMap({ name, side, channels }: Tokens): string {
    const turned = this.net.node('Transpose', [name], { perm: [0, 2, 1] });
    return this.net.node('Reshape', [turned, this.net.ints([0, channels, side, side])]);
  }
}

/** Laid out as on the hub. @returns the folder, and how many parameters its model has */
export function writeSegFormerB0(folder: string): { readonly folder: string; readonly parameters: number } {
  const model = new SegFormer();
  model.logits('pixel_values');
  fs.mkdirSync(folder, { recursive: true });
  model.net.write(
    path.join(folder, 'model.onnx'),
    [makeValue('pixel_values', 1, ['N', 3, SIDE, SIDE])],
    [makeValue('logits', 1, ['N', CLASSES, SIDE / 4, SIDE / 4])],
  );
  const id2label = Object.fromEntries(Array.from({ length: CLASSES }, (_, i) => [i, `concept ${i}`]));
  fs.writeFileSync(path.join(folder, 'config.json'), JSON.stringify({ id2label }));
  // ImageNet's means and deviations, as B0's own file has them.
  fs.writeFileSync(
    path.join(folder, 'preprocessor_config.json'),
    JSON.stringify({
      ...{ do_resize: true, size: { height: SIDE, width: SIDE }, resample: 2 },
      ...{ do_rescale: true, rescale_factor: 1 / 255, do_normalize: true },
      ...{ image_mean: [0.485, 0.456, 0.406], image_std: [0.229, 0.224, 0.225] },
    }),
  );
  return { folder, parameters: model.net.parameters };
}
