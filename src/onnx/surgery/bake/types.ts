/** What the parts of a bake say to each other. */
import type { ByteSource } from '../../bytes.ts';

/** r′ = scale · r + shift at one layer; all edits of a layer are to be put together before. */
export interface LayerEdit {
  readonly tensor: string;
  /** [C], or [C, h, w] when `size` is given. */
  readonly scale: ArrayLike<number>;
  readonly shift: ArrayLike<number>;
  /** [h, w] of the layer, for edits of a region. */
  readonly size?: readonly [height: number, width: number];
  /** Of the layer's tensor; 4 unless said. */
  readonly rank?: number;
  /** The tensor's axis that the C units lie on, 1 unless said; `scale` and `shift` are given as if it were 1. */
  readonly channelAxis?: 1 | 3;
}

/** Element i of the weight belongs to channel ⌊i / inner⌋ mod C, and becomes scale · w + shift of that channel. */
export interface WeightRewrite {
  readonly tensor: string;
  readonly inner: number;
  /** [C] */
  readonly scale: Float64Array;
  readonly shift: Float64Array;
}

/** Opens a file of weights by its location relative to the model's folder: the `.onnx` itself, or a `.data`. */
export type WeightSource = (location: string) => ByteSource;
