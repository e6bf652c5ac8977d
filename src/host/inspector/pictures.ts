/** How many pictures lie in a folder, by their names alone: the engine opens them, a page's worth at a time. */
import * as vscode from 'vscode';

export const PICTURE_EXTENSIONS = [
  'png',
  'jpg',
  'jpeg',
  'jfif',
  'webp',
  'gif',
  'tif',
  'tiff',
  'bmp',
  'avif',
  'ppm',
  'pgm',
  'pbm',
  'pnm',
  'tga',
  'npy',
] as const;

/** Counting goes no further; the engine, which has to list them all, tells the true number. */
const MOST = 200_000;

/**
 * Files chosen one by one count whatever their names; folders are read through, but for what is hidden, and links to
 * folders, which may lead round in a circle.
 * @throws vscode.FileSystemError when one of them is gone or may not be read
 */
export async function countPictures(uris: readonly vscode.Uri[]): Promise<number> {
  let count = 0;
  const folders: vscode.Uri[] = [];
  for (const uri of uris) {
    const { type } = await vscode.workspace.fs.stat(uri);
    if (type & vscode.FileType.Directory) folders.push(uri);
    else count++;
  }
  for (let folder = folders.pop(); folder && count < MOST; folder = folders.pop()) {
    for (const [name, type] of await vscode.workspace.fs.readDirectory(folder)) {
      if (name.startsWith('.')) continue;
      if (type === vscode.FileType.Directory) folders.push(vscode.Uri.joinPath(folder, name));
      else if (type & vscode.FileType.File && isPicture(name)) count++;
    }
  }
  return count;
}

function isPicture(name: string): boolean {
  const ending = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  return name.includes('.') && PICTURE_EXTENSIONS.some((extension) => extension === ending);
}
