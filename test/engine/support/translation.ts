/** What the tests of image-to-image models share: the demo's pair, and small models whose answer is known. */
import fs from 'node:fs';
import path from 'node:path';
import type { NodeProto } from 'onnx-buf';
import { serialize } from '../../../src/onnx/open.ts';
import { floatTensor, makeNode, makeValue } from '../../../src/onnx/surgery/build.ts';
import { modelOf } from '../../unit/onnx/support.ts';
import { ROOT } from './engine.ts';

export const DEMO_TRANSLATE = path.join(ROOT, 'media', 'demo', 'translate');
export const TO_WINTER = path.join(DEMO_TRANSLATE, 'summer_to_winter.onnx');
export const TO_SUMMER = path.join(DEMO_TRANSLATE, 'winter_to_summer.onnx');
export const SUMMER = path.join(DEMO_TRANSLATE, 'summer');

export interface PlainModel {
  readonly channels: number;
  readonly layout?: 'NCHW' | 'NHWC';
  /** Height and width; any, unless given. */
  readonly size?: readonly [number, number];
  /** Doubles the sides that often, repeating pixels. */
  readonly doublings?: number;
  /** Pools first that often, and doubles again: odd sizes do not come out as they went in. */
  readonly halvings?: number;
  /** What every value is multiplied with. */
  readonly gain?: number;
}

/** Writes a model on [0, 1] that puts out the picture it is given (1×1 convolution, Clip); answers its path. */
export function writePlainModel(folder: string, name: string, wanted: PlainModel): string {
  const { channels, layout = 'NCHW', size, doublings = 0, halvings = 0, gain = 1 } = wanted;
  const last = layout === 'NHWC';
  const nodes: NodeProto[] = [];
  let at = 'picture';
  const add = (opType: string, weights: string[], attributes: Parameters<typeof makeNode>[3] = {}) => {
    const next = `t${nodes.length}`;
    nodes.push(makeNode(opType, [at, ...weights], [next], attributes));
    at = next;
  };
  if (last) add('Transpose', [], { perm: [0, 3, 1, 2] });
  add('Conv', ['identity']);
  for (let i = 0; i < halvings; i++) add('MaxPool', [], { kernel_shape: [2, 2], strides: [2, 2] });
  for (let i = 0; i < halvings + doublings; i++)
    add('ConvTranspose', ['repeat'], { strides: [2, 2], group: BigInt(channels) });
  add('Clip', ['zero', 'one']);
  if (last) add('Transpose', [], { perm: [0, 2, 3, 1] });
  const shape = (scale: number, unknown: readonly [string, string]) => {
    const sides = size ? size.map((side) => side * scale) : unknown;
    return last ? ['N', ...sides, channels] : ['N', channels, ...sides];
  };
  const model = modelOf({
    inputs: [makeValue('picture', 1, shape(1, ['h', 'w']))],
    outputs: [makeValue(at, 1, shape(2 ** doublings, ['h_out', 'w_out']))],
    nodes,
    weights: [
      floatTensor(
        'identity',
        [channels, channels, 1, 1],
        Array.from({ length: channels ** 2 }, (_, i) => (i % (channels + 1) === 0 ? gain : 0)),
      ),
      floatTensor('repeat', [channels, 1, 2, 2], new Array<number>(channels * 4).fill(1)),
      floatTensor('zero', [], [0]),
      floatTensor('one', [], [1]),
    ],
  });
  const file = path.join(folder, name);
  fs.writeFileSync(file, serialize(model));
  return file;
}
