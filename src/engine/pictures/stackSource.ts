/**
 * Pictures in an array: .npy or .npz of uint8 [N, h, w, C], as samplers of diffusion models write them. Read row by row
 * from where they lie; only what is packed is unpacked into memory.
 */
import fs from 'node:fs';
import path from 'node:path';
import { openRegular, reasonOf } from '../../shared/files/readSmall.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import { npyHeader } from '../files/npy.ts';
import { elements, type NpyHeader, type PictureAxes, pictureAxes, reserve } from '../files/npyArray.ts';
import { readNpyHeader } from '../files/npyReader.ts';
import { NpzArchive } from '../files/npz.ts';
import { CLASSES, FEATURES, PICTURES, STATISTICS } from './arrayNames.ts';
import { readClasses } from './classArrays.ts';
import { hashFile } from './hashFile.ts';
import type { ImageSource, Skipped } from './imageSource.ts';

/** Whether the pictures of a file are what it is read for. What is wrong with a file is said by who reads it. */
export async function holdsPictures(file: string): Promise<boolean> {
  try {
    return (await lookInto(file)) !== null;
  } catch (thrown) {
    if (thrown instanceof GenscopeError && thrown.code === 'reference.invalid') return false;
    throw thrown;
  }
}

interface Stack extends PictureAxes {
  readonly header: NpyHeader;
  /** '' for an .npy. */
  readonly array: string;
  /** Other arrays of pictures in the file. */
  readonly others: readonly Skipped[];
}

async function lookInto(file: string): Promise<Stack | null> {
  return asReference(file, async () => {
    if (isNpy(file)) {
      const header = readNpyHeader(file);
      const axes = pictureAxes(header);
      return axes && { ...axes, header, array: '', others: [] };
    }
    const npz = await NpzArchive.open(file);
    try {
      return await lookIntoArchive(npz);
    } finally {
      npz.close();
    }
  });
}

async function lookIntoArchive(npz: NpzArchive): Promise<Stack | null> {
  // What is made already is what its maker meant to be compared.
  if (STATISTICS.every((name) => npz.names.includes(name))) return null;
  if (FEATURES.some((name) => npz.names.includes(name))) return null;
  const found = await pictureArrays(npz);
  const [name, others] = chosenOf(Object.keys(found));
  const stack = found[name];
  return stack === undefined
    ? null
    : {
        ...stack,
        array: name,
        others: others.map((other) => ({
          file: other,
          reason: `It is another array of ${(found[other] as PictureAxes).count.toLocaleString('en')} pictures; those of ${name} are used.`,
        })),
      };
}

/** By name; arrays that cannot be read are none. */
export async function pictureArrays(
  npz: NpzArchive,
): Promise<Record<string, PictureAxes & { readonly header: NpyHeader }>> {
  const found: Record<string, PictureAxes & { readonly header: NpyHeader }> = {};
  for (const name of npz.names) {
    const header = await npz.header(name).catch((thrown: unknown) => {
      if (thrown instanceof GenscopeError && thrown.code === 'input.invalid') return null;
      throw thrown;
    });
    const axes = header && pictureAxes(header);
    if (header !== null && axes !== null) found[name] = { ...axes, header };
  }
  return found;
}

function chosenOf(names: readonly string[]): [string, readonly string[]] {
  const name = PICTURES.find((usual) => names.includes(usual)) ?? names[0] ?? '';
  return [name, names.filter((other) => other !== name)];
}

/** @throws GenscopeError `reference.invalid` for a file without pictures, in Fortran's order, or cut off */
export async function openStackSource(file: string): Promise<ImageSource> {
  const stack = await lookInto(file);
  if (stack === null) throw invalid(`${path.basename(file)} holds no pictures: uint8 [N, h, w, 3]`);
  const name = path.basename(file);
  if (stack.header.fortran)
    throw invalid(`The pictures in ${name} lie in Fortran’s order; save them with numpy.ascontiguousarray`);
  return asReference(file, async () => {
    const warnings = stack.others.length > 0 || stack.channelsFirst ? [usedWarning(name, stack)] : [];
    const labels = stack.array === '' ? null : await labelsOf(file, stack, warnings);
    const rows = await openRows(file, stack);
    const { count, height, width, channels, channelsFirst } = stack;
    const head = npyHeader('|u1', channelsFirst ? [1, channels, height, width] : [height, width, channels]);
    const digits = String(count - 1).length;
    return {
      kind: 'stack',
      name,
      names: Array.from(
        { length: count },
        (_, i) => `${stack.array === '' ? name : stack.array}[${String(i).padStart(digits, '0')}]`,
      ),
      leftOut: stack.others,
      labels,
      warnings,
      sha256: (signal) => hashFile(file, signal),
      // Each picture as a file of its own, of a format that the decoder knows.
      read: async (i) => Buffer.concat([head, rows.read(i)]),
      close: rows.close,
    };
  });
}

async function labelsOf(file: string, { count }: Stack, warnings: string[]): Promise<Int32Array | null> {
  const npz = await NpzArchive.open(file);
  try {
    return await readClasses(npz, CLASSES, count, warnings);
  } finally {
    npz.close();
  }
}

interface Rows {
  read(i: number): Uint8Array;
  close(): void;
}

async function openRows(file: string, stack: Stack): Promise<Rows> {
  const size = stack.height * stack.width * stack.channels;
  const place = await placeOf(file, stack);
  if (place === null) {
    const all = await unpacked(file, stack);
    return { read: (i) => all.subarray(i * size, (i + 1) * size), close() {} };
  }
  const { descriptor } = openRegular(file);
  return {
    read(i) {
      const row = new Uint8Array(size);
      let at = 0;
      try {
        for (let got = 1; got > 0 && at < size; at += got)
          got = fs.readSync(descriptor, row, at, size - at, place + i * size + at);
      } catch (thrown) {
        throw new GenscopeError(
          'input.invalid',
          `It could not be read: ${reasonOf(thrown)}.`,
          'Check the file.',
        );
      }
      if (at < size) throw new GenscopeError('input.invalid', 'The file ends before it.', 'Copy it again.');
      return row;
    },
    close: () => fs.closeSync(descriptor),
  };
}

/** Where the first picture lies; null where it is packed. @throws GenscopeError `input.invalid` for one that is cut off */
async function placeOf(file: string, { array, header }: Stack): Promise<number | null> {
  if (array !== '') {
    const npz = await NpzArchive.open(file);
    try {
      npz.requireSize(array, header.dataAt + elements(header.shape));
      return await npz.place(array);
    } finally {
      npz.close();
    }
  }
  const { size } = readNpyHeader(file);
  const wanted = header.dataAt + elements(header.shape);
  if (size === wanted) return header.dataAt;
  throw invalid(`${path.basename(file)} is ${size} bytes long, and ${wanted} with all its pictures`);
}

async function unpacked(file: string, { array, header }: Stack): Promise<Uint8Array> {
  const count = elements(header.shape);
  const all = reserve(count, 1, array, (length) => new Uint8Array(length));
  const npz = await NpzArchive.open(file);
  try {
    let at = 0;
    for await (const piece of npz.data(array)) {
      all.set(piece, at);
      at += piece.length;
    }
    return all;
  } finally {
    npz.close();
  }
}

function usedWarning(name: string, { array, count, width, height, channelsFirst }: Stack): string {
  const which = array === '' ? name : `${array} in ${name}`;
  const order = channelsFirst ? ', read as [N, C, h, w]' : '';
  return `${which} is taken: ${count.toLocaleString('en')} pictures of ${width}×${height}${order}.`;
}

function isNpy(file: string): boolean {
  return file.toLowerCase().endsWith('.npy');
}

async function asReference<T>(file: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (thrown) {
    if (!(thrown instanceof GenscopeError) || thrown.code !== 'input.invalid') throw thrown;
    throw new GenscopeError('reference.invalid', thrown.message, thrown.advice, {
      detail: `${path.basename(file)}: ${thrown.detail ?? thrown.message}`,
    });
  }
}

function invalid(says: string): GenscopeError {
  return new GenscopeError(
    'reference.invalid',
    `${says}.`,
    'Save the pictures with numpy.save(file, pictures), uint8 [N, h, w, 3].',
  );
}
