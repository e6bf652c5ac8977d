/**
 * The one door to sharp. Loaded on first use: raw frames to a local window never need it, and on some desktops its
 * libraries clash with Electron's, which must not take sampling down with it.
 */
import { firstLine, GenscopeError } from '../../shared/kernel/errors.ts';
import { readBmp } from '../files/bmp.ts';
import { formatOf, type PictureFormat } from '../files/formats.ts';
import { readGif } from '../files/gif.ts';
import { readPictureArray } from '../files/npyArray.ts';
import { readPnm } from '../files/pnm.ts';
import { MOST_PIXELS, type Pixels } from '../files/rawPixels.ts';
import { readTga } from '../files/tga.ts';
import { unlikePil } from '../files/unlikePil.ts';

type Sharp = typeof import('sharp')['default'];

/** Pictures of equal size stacked top to bottom: RGBA bytes [count·height, width, 4]. */
export interface PictureStack {
  readonly count: number;
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

let loaded: Promise<Sharp> | undefined;

async function loadSharp(): Promise<Sharp> {
  loaded ??= import('sharp')
    .then((module) => module.default)
    .catch((thrown: unknown) => {
      loaded = undefined;
      throw new GenscopeError(
        'runtime.failed',
        'The picture encoder (sharp) could not be loaded on this machine.',
        'Samples on screen still work; to save files, set “genscope.engine.nodePath” to a plain Node.js 20 or later.',
        { next: ['showLog'], detail: String(thrown) },
      );
    });
  return loaded;
}

/**
 * The bytes as a plain Uint8Array: a Buffer has a `toJSON`, by which it would reach a webview as an object of numbers.
 */
function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

function rawInput(stack: PictureStack) {
  // sharp's own limit is there for strangers' files; these pixels are ours, and a grid of 256 × 1024² is beyond it.
  return {
    raw: { width: stack.width, height: stack.height * stack.count, channels: 4 as const },
    limitInputPixels: false,
  };
}

/** A stack as one PNG (each picture on top of the next; a grid is a stack of one). */
export async function encodePng(stack: PictureStack): Promise<Uint8Array> {
  const sharp = await loadSharp();
  // Generators make opaque pictures; an alpha channel in the file would only confuse other tools.
  return plain(await sharp(stack.data, rawInput(stack)).removeAlpha().png().toBuffer());
}

/** A PNG of at most 256 colours, about a third of the size: for thumbnails in a document, not for measuring. */
export async function encodeSmallPng(stack: PictureStack): Promise<Uint8Array> {
  const sharp = await loadSharp();
  const coloured = sharp(stack.data, rawInput(stack)).removeAlpha();
  return plain(await coloured.png({ palette: true, effort: 1, dither: 0.5 }).toBuffer());
}

/** Lossless, so that the pixels in a remote window are the generator's own. Effort 0: 10 ms for 512². */
export async function encodeWebp(stack: PictureStack): Promise<Uint8Array> {
  const sharp = await loadSharp();
  return plain(
    await sharp(stack.data, rawInput(stack)).removeAlpha().webp({ lossless: true, effort: 0 }).toBuffer(),
  );
}

/** The stack played top to bottom, for ever. */
export async function encodeAnimation(
  stack: PictureStack,
  format: 'gif' | 'webp',
  delayMs: number,
): Promise<Uint8Array> {
  const sharp = await loadSharp();
  const input = sharp(stack.data, {
    limitInputPixels: false,
    raw: { width: stack.width, height: stack.height * stack.count, channels: 4, pageHeight: stack.height },
  });
  const delay = new Array<number>(stack.count).fill(Math.round(delayMs));
  const encoded =
    format === 'gif'
      ? input.gif({ delay, loop: 0, dither: 0.6, effort: 7 })
      : input.webp({ delay, loop: 0, lossless: true, effort: 4 });
  return plain(await encoded.toBuffer());
}

/** Each picture of the stack made smaller to fit `maxSide`, with Lanczos; never larger. */
export async function shrink(stack: PictureStack, maxSide: number): Promise<PictureStack> {
  const scale = maxSide / Math.max(stack.width, stack.height);
  if (scale >= 1) return stack;
  const sharp = await loadSharp();
  const width = Math.max(1, Math.round(stack.width * scale));
  const height = Math.max(1, Math.round(stack.height * scale));
  const bytes = stack.width * stack.height * 4;
  const data = new Uint8Array(stack.count * width * height * 4);
  // One by one: resizing the stack as a whole would bleed each picture into its neighbours.
  for (let i = 0; i < stack.count; i++) {
    const small = await sharp(stack.data.subarray(i * bytes, (i + 1) * bytes), {
      raw: { width: stack.width, height: stack.height, channels: 4 },
    })
      .resize(width, height, { fit: 'fill', kernel: 'lanczos3' })
      .raw()
      .toBuffer();
    data.set(small, i * width * height * 4);
  }
  return { count: stack.count, width, height, data };
}

/** Whole-number enlargement by repeating pixels. */
export function enlarge(stack: PictureStack, zoom: number): PictureStack {
  if (zoom <= 1) return stack;
  const width = stack.width * zoom;
  const rows = stack.height * stack.count;
  const source = new Uint32Array(stack.data.buffer, stack.data.byteOffset, stack.width * rows);
  const target = new Uint32Array(width * rows * zoom);
  for (let y = 0; y < rows; y++) {
    const first = y * zoom * width;
    for (let x = 0; x < width; x++)
      target[first + x] = source[y * stack.width + Math.floor(x / zoom)] as number;
    for (let copy = 1; copy < zoom; copy++) target.copyWithin(first + copy * width, first, first + width);
  }
  return { count: stack.count, width, height: stack.height * zoom, data: new Uint8Array(target.buffer) };
}

/** What sharp does not read. */
const READERS: Partial<Record<PictureFormat, (bytes: Uint8Array) => Pixels>> = {
  bmp: readBmp,
  pnm: readPnm,
  tga: readTga,
  npy: readPictureArray,
};

/**
 * The format of a picture's bytes, before any decoder sees them.
 * @throws GenscopeError `input.invalid` for anything that is no picture of a kind that is read here (SVG among them)
 */
function requireFormat(bytes: Uint8Array): PictureFormat {
  const format = formatOf(bytes);
  if (format !== null) return format;
  throw new GenscopeError('input.invalid', UNKNOWN, 'Save it again as PNG.');
}

const UNKNOWN = 'It is no picture of a kind that can be read here.';

/**
 * The first frame of an image file as RGBA in sRGB, turned the way its camera was held. Unless alpha is kept, what is
 * transparent lies on white.
 * @throws GenscopeError `input.invalid` with the reason when the bytes are no picture, are cut off, or are too large
 */
export async function decodePicture(bytes: Uint8Array, alpha: 'keep' | 'onWhite'): Promise<PictureStack> {
  const own = READERS[requireFormat(bytes)];
  if (own !== undefined) return { count: 1, ...own(bytes) };
  const sharp = await loadSharp();
  try {
    const turned = sharp(bytes, { limitInputPixels: MOST_PIXELS, failOn: 'error' }).autoOrient();
    const flat = alpha === 'keep' ? turned : turned.flatten({ background: '#ffffff' });
    const colour = flat.toColourspace('srgb').ensureAlpha();
    const { data, info } = await colour.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    return { count: 1, width: info.width, height: info.height, data: plain(data) };
  } catch (thrown) {
    throw undecodable(thrown);
  }
}

/**
 * The first frame of an image file as PIL's `Image.open(file).convert('RGB')` gives it, which is what the Python scores
 * see: not turned by EXIF, no colour profile applied, transparency simply dropped, CMYK by the plain formula. Two things
 * differ: of 16-bit grey the upper byte is taken, where PIL clips all above 255 to white, and AVIF rounds otherwise, by one
 * level at most.
 * @throws GenscopeError `input.invalid` with the reason when the bytes are no picture, are cut off, or are too large
 */
export async function decodeLikePil(bytes: Uint8Array): Promise<PictureStack> {
  const format = requireFormat(bytes);
  const own = format === 'gif' ? readGif : READERS[format];
  if (own !== undefined) return { count: 1, ...own(bytes) };
  const unlike = unlikePil(format, bytes);
  if (unlike !== null)
    throw new GenscopeError('input.invalid', `It is ${unlike}.`, 'Save it again as PNG, with PIL.');
  const sharp = await loadSharp();
  const options = { limitInputPixels: MOST_PIXELS, failOn: 'error', ignoreIcc: true } as const;
  try {
    const image = sharp(bytes, options);
    const isCmyk = (await image.metadata()).space === 'cmyk';
    const pixels = isCmyk
      ? image.pipelineColourspace('cmyk').toColourspace('cmyk')
      : image.toColourspace('srgb').ensureAlpha();
    const { data, info } = await pixels.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    const rgba = plain(data);
    if (isCmyk) inkToLight(rgba);
    return { count: 1, width: info.width, height: info.height, data: rgba };
  } catch (thrown) {
    throw undecodable(thrown);
  }
}

/** Pillow's src/libImaging/Convert.c, `cmyk2rgb`: in place, the fourth byte opaque. */
function inkToLight(pixels: Uint8Array): void {
  for (let at = 0; at < pixels.length; at += 4) {
    const light = 255 - (pixels[at + 3] as number);
    for (let c = at; c < at + 3; c++) {
      const product = (pixels[c] as number) * light + 128;
      pixels[c] = light - (((product >> 8) + product) >> 8);
    }
    pixels[at + 3] = 255;
  }
}

function undecodable(thrown: unknown): GenscopeError {
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  const reason = /unsupported image format|missing or empty|Empty/i.test(detail)
    ? UNKNOWN
    : /exceeds pixel limit/i.test(detail)
      ? `It has more than ${MOST_PIXELS / 1e6} million pixels.`
      : `It could not be decoded: ${firstLine(detail).replace(/[.:\s]+$/, '')}.`;
  return new GenscopeError('input.invalid', reason, 'Save it again as PNG.', { detail });
}

/** One picture scaled to cover a size and cut to it about its centre; as it is where it has that size. */
export async function cover(
  picture: PictureStack,
  width: number,
  height: number,
  kernel: 'lanczos3' | 'nearest' = 'lanczos3',
): Promise<PictureStack> {
  if (picture.width === width && picture.height === height) return picture;
  const sharp = await loadSharp();
  const resized = sharp(picture.data, rawInput(picture)).resize(width, height, {
    fit: 'cover',
    position: 'centre',
    kernel,
  });
  return { count: 1, width, height, data: plain(await resized.raw().toBuffer()) };
}
