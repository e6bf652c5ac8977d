/** The mask beside each picture, for models that take one (inpainting): found by its name, never by guessing. */
import fs from 'node:fs';
import path from 'node:path';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import { isPicture } from '../files/formats.ts';

/** Folders of masks lie in the folder of the pictures, or beside it. */
const FOLDERS = ['masks', 'mask'];

/** `name_mask`, `name-mask`, `name.mask` and `mask_name`; null for what is not called a mask. */
function pictureOfMask(stem: string): string | null {
  return /^(.+)[._-]mask$/i.exec(stem)?.[1] ?? /^mask[._-](.+)$/i.exec(stem)?.[1] ?? null;
}

function stemOf(file: string): string {
  return path.basename(file, path.extname(file));
}

/** Those of the files that are pictures of their own: no mask of another of them, and none from a folder of masks. */
export function withoutMasks(files: readonly string[]): readonly string[] {
  const stems = new Set(files.map((file) => path.join(path.dirname(file), stemOf(file))));
  return files.filter((file) => {
    const folder = path.dirname(file);
    if (FOLDERS.includes(path.basename(folder).toLowerCase())) return false;
    const picture = pictureOfMask(stemOf(file));
    return picture === null || !stems.has(path.join(folder, picture));
  });
}

/**
 * The mask of one picture.
 * @throws GenscopeError `input.invalid` where there is none, or more than one
 */
export function maskOf(picture: string): string {
  const folder = path.dirname(picture);
  const stem = stemOf(picture);
  const beside = picturesIn(folder).filter(
    (name) => name !== path.basename(picture) && pictureOfMask(stemOf(name)) === stem,
  );
  const inFolders = [folder, path.dirname(folder)].flatMap((place) =>
    FOLDERS.map((name) => path.join(place, name)).flatMap((masks) =>
      picturesIn(masks)
        .filter((name) => stemOf(name) === stem || pictureOfMask(stemOf(name)) === stem)
        .map((name) => path.join(masks, name)),
    ),
  );
  const found = [...beside.map((name) => path.join(folder, name)), ...inFolders];
  const [mask, second] = found;
  if (mask === undefined)
    throw new GenscopeError(
      'input.invalid',
      `It has no mask: neither ${stem}_mask.png beside it nor masks/${path.basename(picture)}.`,
      'Put a mask there, white where the model is to fill in.',
    );
  if (second !== undefined)
    throw new GenscopeError(
      'input.invalid',
      `It has ${found.length} masks: ${found.map((name) => path.relative(folder, name)).join(', ')}.`,
      'Leave one.',
    );
  return mask;
}

function picturesIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder).filter(isPicture).sort();
  } catch {
    // A folder of masks that is not there, or may not be read, holds none.
    return [];
  }
}
