/** What requests of every kind are made of. */
import type { Sidecar } from './roles.ts';

/** Where a model lies on the engine's machine, and the roles to read it with (sidecar or answers). */
export interface ModelRef {
  readonly path: string;
  readonly sidecar?: Sidecar;
}

/** How frames travel: raw RGBA inside one machine, lossless WebP where a network lies between. */
export type FrameEncoding = 'rgba' | 'webp';

/** `count` pictures of width × height, stacked top to bottom in one RGBA block of [count·height, width, 4] bytes. */
export interface Frames {
  readonly offset: number;
  readonly count: number;
  readonly width: number;
  readonly height: number;
  readonly encoding: FrameEncoding;
  readonly data: Uint8Array;
}

/** Progress of long work. `eta` is in milliseconds. */
export interface WorkProgress {
  readonly done: number;
  readonly total: number;
  readonly eta?: number;
  readonly message?: string;
}
