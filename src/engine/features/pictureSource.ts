/** What features are made of: a numbered list of pictures that any stretch can be asked of. */
import type { Skipped } from '../pictures/imageSource.ts';
import type { PictureStack } from '../runtime/imageCodec.ts';

/** A row that has no class, and one whose picture could not be decoded. */
export const NO_LABEL = -1;
export const SKIPPED = -2;

export interface PictureBatch {
  /** In order, as stacks of one size each; skipped rows are in none. */
  readonly stacks: readonly PictureStack[];
  /** Of every row asked for: a class, NO_LABEL or SKIPPED. */
  readonly labels: Int32Array;
}

export interface PictureSource {
  /** Everything that decides the pictures, JSON-able, for the key of the cache. */
  readonly key: unknown;
  readonly count: number;
  /** How many of them one run makes; infinity where any number does. */
  readonly rowsPerRun: number;
  /** What a row is called: a file, a sample. */
  nameOf(row: number): string;
  /** Rows `first` … `first + count − 1`. @param ahead how many rows are likely to be asked for next */
  read(first: number, count: number, ahead: number): Promise<PictureBatch>;
  /** Why a row is skipped. */
  reasonOf(row: number): Promise<string>;
  /** Of the first picture, where it can be read. */
  size(): Promise<{ readonly width: number; readonly height: number } | null>;
  readonly warnings: readonly string[];
  /** Files that look like pictures, and are no rows. */
  readonly leftOut: readonly Skipped[];
  close(): void;
}
