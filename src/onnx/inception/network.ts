/**
 * FID's Inception v3 as a list of layers, with the quirks that make it another network than torchvision's: branch pools
 * in A, C and E_1 average without their padding, that of E_2 takes the maximum, the classifier knows 1008 classes and is
 * used without its bias (pytorch-fid's inception.py, torch-fidelity's feature_extractor_inceptionv3.py).
 */

/** A convolution with its batch norm and ReLU; height comes before width. */
export interface ConvLayer {
  readonly op: 'conv';
  /** Of its weights in the state dict. */
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly channels: readonly [number, number];
  readonly kernel: readonly [number, number];
  readonly stride: number;
  readonly pad: readonly [number, number];
}

export interface PoolLayer {
  readonly op: 'max' | 'mean';
  readonly from: string;
  readonly to: string;
  readonly stride: number;
  readonly pad: number;
}

export interface JoinLayer {
  readonly op: 'join';
  readonly from: readonly string[];
  readonly to: string;
}

export type Layer = ConvLayer | PoolLayer | JoinLayer;

export const CLASSES = 1008;
export const FEATURES = 2048;
export const SIDE = 299;

type Shape = {
  kernel?: number | readonly [number, number];
  stride?: number;
  pad?: number | readonly [number, number];
};

/** Collects layers; `conv` gives back the tensor that it makes. */
class Builder {
  readonly layers: Layer[] = [];

  conv(name: string, from: string, channels: readonly [number, number], shape: Shape = {}): string {
    const { kernel = 1, stride = 1, pad = 0 } = shape;
    const pair = (value: number | readonly [number, number]) =>
      typeof value === 'number' ? ([value, value] as const) : value;
    this.layers.push({
      ...{ op: 'conv', name, from, to: name, channels, stride },
      kernel: pair(kernel),
      pad: pair(pad),
    });
    return name;
  }

  /** Windows of 3×3. */
  pool(op: 'max' | 'mean', to: string, from: string, stride: number, pad: number): string {
    this.layers.push({ op, from, to, stride, pad });
    return to;
  }

  join(to: string, from: readonly string[]): string {
    this.layers.push({ op: 'join', from, to });
    return to;
  }
}

/** From `image` [N, 3, 299, 299] to `Mixed_7c` [N, 2048, 8, 8]. */
export function inceptionLayers(): readonly Layer[] {
  const net = new Builder();
  let at = net.conv('Conv2d_1a_3x3', 'image', [3, 32], { kernel: 3, stride: 2 });
  at = net.conv('Conv2d_2a_3x3', at, [32, 32], { kernel: 3 });
  at = net.conv('Conv2d_2b_3x3', at, [32, 64], { kernel: 3, pad: 1 });
  at = net.pool('max', 'MaxPool_1', at, 2, 0);
  at = net.conv('Conv2d_3b_1x1', at, [64, 80]);
  at = net.conv('Conv2d_4a_3x3', at, [80, 192], { kernel: 3 });
  at = net.pool('max', 'MaxPool_2', at, 2, 0);
  at = blockA(net, 'Mixed_5b', at, 192, 32);
  at = blockA(net, 'Mixed_5c', at, 256, 64);
  at = blockA(net, 'Mixed_5d', at, 288, 64);
  at = blockB(net, 'Mixed_6a', at, 288);
  at = blockC(net, 'Mixed_6b', at, 128);
  at = blockC(net, 'Mixed_6c', at, 160);
  at = blockC(net, 'Mixed_6d', at, 160);
  at = blockC(net, 'Mixed_6e', at, 192);
  at = blockD(net, 'Mixed_7a', at);
  at = blockE(net, 'Mixed_7b', at, 1280, 'mean');
  blockE(net, 'Mixed_7c', at, 2048, 'max');
  return net.layers;
}

function blockA(net: Builder, name: string, from: string, width: number, pooled: number): string {
  const one = net.conv(`${name}.branch1x1`, from, [width, 64]);
  const five = net.conv(`${name}.branch5x5_1`, from, [width, 48]);
  const fives = net.conv(`${name}.branch5x5_2`, five, [48, 64], { kernel: 5, pad: 2 });
  const three = net.conv(`${name}.branch3x3dbl_1`, from, [width, 64]);
  const twice = net.conv(`${name}.branch3x3dbl_2`, three, [64, 96], { kernel: 3, pad: 1 });
  const thrice = net.conv(`${name}.branch3x3dbl_3`, twice, [96, 96], { kernel: 3, pad: 1 });
  const pool = net.pool('mean', `${name}.pool`, from, 1, 1);
  return net.join(name, [one, fives, thrice, net.conv(`${name}.branch_pool`, pool, [width, pooled])]);
}

function blockB(net: Builder, name: string, from: string, width: number): string {
  const three = net.conv(`${name}.branch3x3`, from, [width, 384], { kernel: 3, stride: 2 });
  const once = net.conv(`${name}.branch3x3dbl_1`, from, [width, 64]);
  const twice = net.conv(`${name}.branch3x3dbl_2`, once, [64, 96], { kernel: 3, pad: 1 });
  const thrice = net.conv(`${name}.branch3x3dbl_3`, twice, [96, 96], { kernel: 3, stride: 2 });
  return net.join(name, [three, thrice, net.pool('max', `${name}.pool`, from, 2, 0)]);
}

/** A row of seven, a column of seven. */
const ROW = { kernel: [1, 7], pad: [0, 3] } as const;
const COLUMN = { kernel: [7, 1], pad: [3, 0] } as const;

function blockC(net: Builder, name: string, from: string, c: number): string {
  const one = net.conv(`${name}.branch1x1`, from, [768, 192]);
  let seven = net.conv(`${name}.branch7x7_1`, from, [768, c]);
  seven = net.conv(`${name}.branch7x7_2`, seven, [c, c], ROW);
  seven = net.conv(`${name}.branch7x7_3`, seven, [c, 192], COLUMN);
  let twice = net.conv(`${name}.branch7x7dbl_1`, from, [768, c]);
  twice = net.conv(`${name}.branch7x7dbl_2`, twice, [c, c], COLUMN);
  twice = net.conv(`${name}.branch7x7dbl_3`, twice, [c, c], ROW);
  twice = net.conv(`${name}.branch7x7dbl_4`, twice, [c, c], COLUMN);
  twice = net.conv(`${name}.branch7x7dbl_5`, twice, [c, 192], ROW);
  const pool = net.pool('mean', `${name}.pool`, from, 1, 1);
  return net.join(name, [one, seven, twice, net.conv(`${name}.branch_pool`, pool, [768, 192])]);
}

function blockD(net: Builder, name: string, from: string): string {
  const three = net.conv(`${name}.branch3x3_1`, from, [768, 192]);
  const threes = net.conv(`${name}.branch3x3_2`, three, [192, 320], { kernel: 3, stride: 2 });
  let seven = net.conv(`${name}.branch7x7x3_1`, from, [768, 192]);
  seven = net.conv(`${name}.branch7x7x3_2`, seven, [192, 192], ROW);
  seven = net.conv(`${name}.branch7x7x3_3`, seven, [192, 192], COLUMN);
  seven = net.conv(`${name}.branch7x7x3_4`, seven, [192, 192], { kernel: 3, stride: 2 });
  return net.join(name, [threes, seven, net.pool('max', `${name}.pool`, from, 2, 0)]);
}

function blockE(net: Builder, name: string, from: string, width: number, pooling: 'max' | 'mean'): string {
  const row = { kernel: [1, 3], pad: [0, 1] } as const;
  const column = { kernel: [3, 1], pad: [1, 0] } as const;
  const one = net.conv(`${name}.branch1x1`, from, [width, 320]);
  const three = net.conv(`${name}.branch3x3_1`, from, [width, 384]);
  const threeA = net.conv(`${name}.branch3x3_2a`, three, [384, 384], row);
  const threeB = net.conv(`${name}.branch3x3_2b`, three, [384, 384], column);
  const once = net.conv(`${name}.branch3x3dbl_1`, from, [width, 448]);
  const twice = net.conv(`${name}.branch3x3dbl_2`, once, [448, 384], { kernel: 3, pad: 1 });
  const twiceA = net.conv(`${name}.branch3x3dbl_3a`, twice, [384, 384], row);
  const twiceB = net.conv(`${name}.branch3x3dbl_3b`, twice, [384, 384], column);
  const pool = net.pool(pooling, `${name}.pool`, from, 1, 1);
  return net.join(name, [
    one,
    threeA,
    threeB,
    twiceA,
    twiceB,
    net.conv(`${name}.branch_pool`, pool, [width, 192]),
  ]);
}
