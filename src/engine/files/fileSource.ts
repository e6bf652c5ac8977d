/** Random access to a model file, read as it is needed: weights stay on disk. */
import fs from 'node:fs';
import { openRegular, reasonOf } from '../../shared/files/readSmall.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';

export interface FileSource {
  readonly size: number;
  /** Up to `length` bytes from `offset`; fewer at the end of the file. */
  read(offset: number, length: number): Uint8Array;
  close(): void;
}

/** @throws GenscopeError `model.missing` or `model.unreadable` */
export function openFileSource(file: string): FileSource {
  try {
    const { descriptor, size } = openRegular(file);
    return {
      size,
      read(offset, length) {
        const buffer = Buffer.allocUnsafeSlow(Math.max(0, Math.min(length, size - offset)));
        const got = fs.readSync(descriptor, buffer, 0, buffer.length, offset);
        return buffer.subarray(0, got);
      },
      close: () => fs.closeSync(descriptor),
    };
  } catch (thrown) {
    throw fileError(file, thrown);
  }
}

/** A file-system error in our words. */
export function fileError(file: string, thrown: unknown): GenscopeError {
  if (thrown instanceof GenscopeError) return thrown;
  const code = (thrown as NodeJS.ErrnoException).code;
  const detail = String(thrown);
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new GenscopeError(
      'model.missing',
      `There is no file at ${file}.`,
      'It may have been moved or deleted; open it from where it is now.',
      {
        detail,
      },
    );
  }
  if (code === 'EISDIR') {
    return new GenscopeError(
      'model.unreadable',
      `${file} is a folder, not a model.`,
      'Choose an .onnx file.',
      { detail },
    );
  }
  return new GenscopeError(
    'model.unreadable',
    `${file} could not be read: ${reasonOf(thrown)}.`,
    'Check that you may read it.',
    {
      next: ['retry'],
      detail,
    },
  );
}
