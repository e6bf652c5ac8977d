/** Which files are pictures: by their endings in a listing, by their first bytes before any decoder sees them. */
import path from 'node:path';

/** Endings of what can be read here. PIL knows the same formats by these names. */
const READABLE = new Set([
  ...['.png', '.apng', '.jpg', '.jpeg', '.jpe', '.jfif', '.webp', '.gif', '.tif', '.tiff', '.avif', '.avifs'],
  ...['.bmp', '.dib', '.ppm', '.pgm', '.pbm', '.pnm', '.tga', '.icb', '.vda', '.vst'],
  // clean-fid keeps resized pictures as arrays of bytes.
  '.npy',
]);

/** Pictures to others: named where they lie, since they are left out. */
const OTHERS: Readonly<Record<string, string>> = {
  ...named('JPEG 2000', ['.jp2', '.j2k', '.j2c', '.jpc', '.jpf', '.jpx', '.jph']),
  ...named('JPEG XL', ['.jxl']),
  ...named('HEIC', ['.heic', '.heif', '.hif']),
  ...named('SVG', ['.svg', '.svgz']),
  ...named('raw camera', ['.dng', '.cr2', '.cr3', '.nef', '.arw', '.orf', '.raf', '.rw2']),
  ...named('HDR', ['.exr', '.hdr', '.pfm', '.pic']),
  ...named('PAM', ['.pam']),
  ...named('icon', ['.ico', '.icns', '.cur']),
  ...named('Photoshop', ['.psd']),
  ...named('PCX', ['.pcx']),
  ...named('DDS', ['.dds']),
  ...named('SGI', ['.sgi', '.rgb', '.rgba', '.bw']),
  ...named('Sun raster', ['.ras']),
  ...named('QOI', ['.qoi']),
  ...named('X11', ['.xbm', '.xpm']),
  ...named('FITS', ['.fits', '.fit']),
  ...named('PDF and PostScript', ['.pdf', '.eps', '.ps']),
};

function named(format: string, endings: readonly string[]): Record<string, string> {
  return Object.fromEntries(endings.map((ending) => [ending, format]));
}

/** Whether a name ends like that of a picture that can be read. */
export function isPicture(name: string): boolean {
  return READABLE.has(path.posix.extname(name).toLowerCase());
}

/** Why a file with the ending of a picture is left out; null for one that can be read, or is no picture. */
export function unreadableFormat(name: string): string | null {
  const ending = path.posix.extname(name).toLowerCase();
  const format = Object.hasOwn(OTHERS, ending) ? OTHERS[ending] : undefined;
  return format === undefined ? null : `${format} pictures cannot be read here; save it as PNG.`;
}

export const HIDDEN = 'It is hidden: its name, or that of its folder, begins with a dot.';

/** What macOS puts beside each file of an archive, or of a disk of another kind, ends in .png too, and is no picture. */
export function isResourceFork(name: string): boolean {
  const parts = name.split('/');
  return parts.includes('__MACOSX') || (parts.at(-1)?.startsWith('._') ?? false);
}

/** Whether a path within a folder or an archive is hidden; `.` is the folder itself. */
export function isHidden(name: string): boolean {
  return name.split('/').some((part) => part.startsWith('.') && part !== '.');
}

export type PictureFormat = 'png' | 'jpeg' | 'webp' | 'gif' | 'tiff' | 'avif' | 'bmp' | 'pnm' | 'tga' | 'npy';

/**
 * By the content alone, since a name may say anything. Null for what no decoder here may see: SVG reads other files and
 * takes any memory, whatever its name says.
 */
export function formatOf(bytes: Uint8Array): PictureFormat | null {
  const text = (from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));
  if (text(0, 8) === '\x89PNG\r\n\x1a\n') return 'png';
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'jpeg';
  if (text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP') return 'webp';
  if (['GIF87a', 'GIF89a'].includes(text(0, 6))) return 'gif';
  if (['II*\0', 'MM\0*', 'II+\0', 'MM\0+'].includes(text(0, 4))) return 'tiff';
  if (text(4, 8) === 'ftyp') return isAvif(text(8, 64)) ? 'avif' : null;
  if (text(0, 2) === 'BM') return 'bmp';
  if (/^P[1-6][\s#]/.test(text(0, 3))) return 'pnm';
  if (text(0, 6) === '\x93NUMPY') return 'npy';
  return isTga(bytes) ? 'tga' : null;
}

/** Brands in fours: the major one, a version, the compatible ones. */
function isAvif(brands: string): boolean {
  return (brands.match(/.{4}/gs) ?? []).some((brand) => brand === 'avif' || brand === 'avis');
}

/** TGA has no magic: its header must be one that makes sense, in every byte that has few values. */
function isTga(bytes: Uint8Array): boolean {
  if (bytes.length < 18) return false;
  const [, mapped = 0, type = 0] = bytes;
  const depth = bytes[16] as number;
  const indexed = type === 1 || type === 9;
  if (![1, 2, 3, 9, 10, 11].includes(type) || mapped > 1 || (indexed && mapped !== 1)) return false;
  const depths = indexed ? [8] : type === 3 || type === 11 ? [8, 16] : [15, 16, 24, 32];
  const [width, height] = [word(bytes, 12), word(bytes, 14)];
  return depths.includes(depth) && width > 0 && height > 0 && ((bytes[17] as number) & 0xc0) === 0;
}

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
}
