/** Real pictures, wherever they lie: a folder, a zip archive or an array, as a numbered list with classes where those are known. */
import { GenscopeError } from '../../shared/kernel/errors.ts';

export interface ImageSource {
  /** `stack`: an array of pictures in an .npy or .npz. */
  readonly kind: 'folder' | 'zip' | 'stack';
  /** The last part of its path. */
  readonly name: string;
  /** Relative to the folder or within the archive, in order. */
  readonly names: readonly string[];
  /** Pictures that lie there and are not among `names`: links that lead out, formats that are not read here … */
  readonly leftOut: readonly Skipped[];
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

/** How many are left out, and for each reason one of them; the list names all. */
export function leftOutInWords(leftOut: readonly Skipped[]): string {
  const byReason = new Map<string, string[]>();
  for (const { file, reason } of leftOut) {
    const files = byReason.get(reason);
    if (files === undefined) byReason.set(reason, [file]);
    else files.push(file);
  }
  const groups = [...byReason].slice(0, 5).map(([reason, files]) => {
    const more = files.length > 1 ? `, and ${(files.length - 1).toLocaleString('en')} more` : '';
    return `${files[0]} (${reason})${more}`;
  });
  const count =
    leftOut.length === 1 ? 'One picture is' : `${leftOut.length.toLocaleString('en')} pictures are`;
  return `${count} left out: ${groups.join('; ')}${byReason.size > groups.length ? ' …' : ''}`;
}

export function noPictures(where: string, leftOut: readonly Skipped[] = []): GenscopeError {
  const found = leftOut.length === 0 ? '' : ` ${leftOutInWords(leftOut)}`;
  return new GenscopeError(
    'reference.invalid',
    `There are no pictures in ${where}.${found}`,
    'Choose a folder or a zip archive of PNG, JPEG, WebP, TIFF, GIF, AVIF, BMP, PPM or TGA files, or an array of pictures (.npy, .npz).',
  );
}
