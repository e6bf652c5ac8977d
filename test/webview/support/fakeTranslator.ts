/** What the fake host makes of pictures: translations row by row, and WebP. */
import { cancelled } from '../../../src/shared/kernel/errors.ts';
import type {
  PageParams,
  PageProgress,
  PageResult,
  TranslationSetup,
} from '../../../src/shared/pageProtocol.ts';
import { record } from './record.ts';
import { differenceOf, translationOf } from './scenes.ts';

interface Translator {
  readonly setup: TranslationSetup;
  readonly side: number;
  readonly rowDelay: number;
  readonly unreadable: readonly number[];
  readonly malformed: boolean;
  readonly warnings: readonly string[];
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export async function translate(
  host: Translator,
  { way, first, count, blur, maxSide }: PageParams<'translate'>,
  signal: AbortSignal,
  report: (row: PageProgress<'translate'>) => void,
): Promise<PageResult<'translate'>> {
  const since = performance.now();
  const side = Math.min(host.side, maxSide);
  const found = host.setup.inputs[way]?.pictures ?? 0;
  const there = ['input', 'translation'] as const;
  const columns =
    host.setup.second === null
      ? there
      : blur > 0
        ? ([...there, 'sentBack', 'reconstruction'] as const)
        : ([...there, 'reconstruction'] as const);
  const errors: number[] = [];
  const skipped: { file: string; reason: string }[] = [];
  for (let index = first; index < Math.min(found, first + count); index++) {
    if (host.rowDelay > 0) await wait(host.rowDelay);
    if (signal.aborted) {
      record.cancelled++;
      throw cancelled();
    }
    const file = `/pictures/${way === 'forth' ? 'summer' : 'winter'}/scene-${String(index).padStart(4, '0')}.png`;
    if (host.unreadable.includes(index)) {
      skipped.push({ file, reason: 'It is no picture.' });
      continue;
    }
    const pictures = columns.map((column) => translationOf(index, way, column, blur, side));
    const data = new Uint8Array(pictures.length * side * side * 4);
    pictures.forEach((picture, i) => {
      data.set(picture, i * side * side * 4);
    });
    const [input, last] = [pictures[0], pictures.at(-1)];
    const cycleError = host.setup.second !== null && input && last ? differenceOf(input, last) : null;
    if (cycleError !== null) errors.push(cycleError);
    const frames = {
      offset: 0,
      count: pictures.length,
      width: side,
      height: side,
      encoding: 'rgba',
    } as const;
    report({ index, file, frames: { ...frames, data: host.malformed ? data.slice(4) : data }, cycleError });
  }
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  return {
    columns,
    found,
    skipped,
    cycle: errors.length > 0 ? { mean, interval: [mean * 0.9, mean * 1.1], n: errors.length } : null,
    ms: performance.now() - since,
    warnings: host.warnings,
  };
}

/** The browser's lossless WebP is near enough to the engine's: quality 1 is lossless in Chromium. */
export async function encodeWebp(block: Uint8Array, width: number, height: number): Promise<Uint8Array> {
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext('2d')?.putImageData(new ImageData(new Uint8ClampedArray(block), width, height), 0, 0);
  const blob = await canvas.convertToBlob({ type: 'image/webp', quality: 1 });
  return new Uint8Array(await blob.arrayBuffer());
}
