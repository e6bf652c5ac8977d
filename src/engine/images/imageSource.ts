/** Real pictures, wherever they lie: a folder or a zip archive, as a numbered list with classes where those are known. */
import { GenscopeError } from '../../shared/errors.ts';

export interface ImageSource {
  readonly kind: 'folder' | 'zip';
  /** The last part of its path. */
  readonly name: string;
  /** Relative to the folder or within the archive, in order. */
  readonly names: readonly string[];
  /** One a picture; null where nobody says. */
  readonly labels: Int32Array | null;
  readonly warnings: readonly string[];
  /** SHA-256 of what the pictures are made of, in hex. */
  sha256(signal: AbortSignal): Promise<string>;
  /** The bytes of a picture's file. @throws GenscopeError `input.invalid` */
  read(i: number): Promise<Uint8Array>;
  close(): void;
}

/** A picture that is left out, and why. */
export interface Skipped {
  readonly file: string;
  readonly reason: string;
}

export function noPictures(where: string): GenscopeError {
  return new GenscopeError(
    'reference.invalid',
    `There are no pictures in ${where}.`,
    'Choose a folder or a zip archive of PNG, JPEG, WebP, TIFF, GIF or AVIF files.',
  );
}
