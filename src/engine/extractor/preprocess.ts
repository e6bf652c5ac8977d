/** From pictures of any size to the tensor that an extractor takes. */
import { FloatResizer } from '../../algorithms/images/floatResize.ts';
import { valueTable } from '../../algorithms/images/toTensor.ts';
import type { ResizeMode } from '../../shared/scores/scores.ts';
import type { PictureStack } from '../runtime/imageCodec.ts';
import type { Processor } from '../segmenter/processor.ts';
import { preprocess } from '../segmenter/segmenter.ts';
import { type Affine, ofProcessor } from './settings.ts';

/** Tables for as many picture sizes; a folder of photographs has many. */
const MOST_TABLES = 8;

export interface PreprocessOptions {
  /** [height, width]; of the processor's own where the mode is `own`. Null: pictures as they are. */
  readonly size: readonly [number, number] | null;
  readonly channels: 1 | 3;
  readonly resize: ResizeMode;
  readonly values: Affine;
  readonly processor: Processor | null;
}

export class Preprocessor {
  readonly #options: PreprocessOptions;
  /** The float of every byte in every channel, [3·256], for pictures that have the right size. */
  readonly #table: Float32Array;
  readonly #processorTable: Float32Array | null;
  readonly #resizers = new Map<string, FloatResizer>();

  constructor(options: PreprocessOptions) {
    const { values, processor } = options;
    this.#options = options;
    this.#table = Float32Array.from(
      { length: 768 },
      (_, i) => (i & 255) * at(values.scale, i >> 8) + at(values.offset, i >> 8),
    );
    this.#processorTable = processor === null ? null : valueTable(rulesOf(options, processor));
  }

  /** [height, width] of the tensor of these pictures. */
  sizeOf({ height, width }: PictureStack): readonly [number, number] {
    return this.#options.size ?? [height, width];
  }

  /** [count, channels, height, width] */
  tensor(stack: PictureStack): Float32Array {
    const size = this.sizeOf(stack);
    const { channels, resize, processor } = this.#options;
    const pictures = channels === 1 ? grey(stack) : stack;
    if (resize === 'own' && processor !== null && this.#processorTable !== null) {
      const placement = processor.place([pictures.height, pictures.width]);
      return firstPlanes(preprocess(pictures, processor, placement, this.#processorTable), channels, size);
    }
    const plane = size[0] * size[1];
    const out = new Float32Array(pictures.count * 3 * plane);
    const bytes = pictures.width * pictures.height * 4;
    const fits = pictures.height === size[0] && pictures.width === size[1];
    const resizer = fits ? null : this.#resizer([pictures.height, pictures.width], size);
    for (let i = 0; i < pictures.count; i++) {
      const picture = pictures.data.subarray(i * bytes, (i + 1) * bytes);
      if (resizer === null) this.#look(picture, out, i * 3 * plane, plane);
      else {
        resizer.write(picture, out, i * 3 * plane);
        this.#scale(out, i * 3 * plane, plane);
      }
    }
    return firstPlanes(out, channels, size);
  }

  #look(picture: Uint8Array, out: Float32Array, first: number, plane: number): void {
    const table = this.#table;
    for (let i = 0, from = 0; i < plane; i++, from += 4) {
      out[first + i] = table[picture[from] as number] as number;
      out[first + plane + i] = table[256 + (picture[from + 1] as number)] as number;
      out[first + 2 * plane + i] = table[512 + (picture[from + 2] as number)] as number;
    }
  }

  #scale(out: Float32Array, first: number, plane: number): void {
    const { scale, offset } = this.#options.values;
    for (let channel = 0; channel < 3; channel++) {
      const [a, b] = [at(scale, channel), at(offset, channel)];
      const end = first + (channel + 1) * plane;
      for (let i = first + channel * plane; i < end; i++) out[i] = (out[i] as number) * a + b;
    }
  }

  #resizer(from: readonly [number, number], size: readonly [number, number]): FloatResizer {
    const { resize } = this.#options;
    const key = from.join('×');
    const known = this.#resizers.get(key);
    if (known) return known;
    const made = new FloatResizer(resize === 'own' ? 'clean' : resize, from, size);
    if (this.#resizers.size >= MOST_TABLES) this.#resizers.clear();
    this.#resizers.set(key, made);
    return made;
  }
}

/** A network of whole numbers, or one whose values a person has said, takes no other from a processor. */
function rulesOf({ values }: PreprocessOptions, { values: rules }: Processor): Processor['values'] {
  const own = ofProcessor({ values: rules } as Processor);
  const same = [0, 1, 2].every((c) => own.scale[c] === values.scale[c] && own.offset[c] === values.offset[c]);
  if (same) return rules;
  const { scale, offset } = values;
  const normal = {
    mean: offset.map((value, c) => -value / (scale[c] as number)),
    std: scale.map((a) => 1 / a),
  };
  return { ...rules, scale: null, offset: false, normal };
}

function at(triple: readonly [number, number, number], i: number): number {
  return triple[i] as number;
}

/** PIL's convert('L'), ITU-R 601 in whole numbers, in all three channels. */
function grey(stack: PictureStack): PictureStack {
  const data = new Uint8Array(stack.data.length);
  for (let i = 0; i < data.length; i += 4) {
    const [r, g, b] = [stack.data[i] as number, stack.data[i + 1] as number, stack.data[i + 2] as number];
    data.fill((r * 19_595 + g * 38_470 + b * 7_471 + 0x8000) >> 16, i, i + 3);
    data[i + 3] = 255;
  }
  return { ...stack, data };
}

function firstPlanes(values: Float32Array, channels: 1 | 3, size: readonly [number, number]): Float32Array {
  if (channels === 3) return values;
  const plane = size[0] * size[1];
  const out = new Float32Array(values.length / 3);
  for (let i = 0; i * 3 * plane < values.length; i++)
    out.set(values.subarray(i * 3 * plane, (i * 3 + 1) * plane), i * plane);
  return out;
}
