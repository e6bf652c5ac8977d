/** Translations as data: what is on show, in which columns, on which page. Pure. */
import type { ModelDescription } from '../../src/shared/generator/model.ts';
import type { TranslationSetup, TranslationState, TranslationWay } from '../../src/shared/pageProtocol.ts';
import type { TranslatedColumn } from '../../src/shared/protocol.ts';
import type { Size } from './layout.ts';

export const ROW_COUNTS = [1, 2, 4, 6, 8, 12, 16, 24, 32] as const;
/** σ of the Gaussian, in pixels of the picture. */
export const MAX_BLUR = 4;

export const DEFAULT_TRANSLATION: TranslationState = { way: 'forth', first: 0, count: 8, blur: 0 };

/** What stands side by side: there, or there and back; what went back is shown only where it was blurred. */
export function columnsOf(setup: TranslationSetup | null, blur: number): readonly TranslatedColumn[] {
  if (!setup?.second) return ['input', 'translation'];
  if (blur > 0) return ['input', 'translation', 'sentBack', 'reconstruction'];
  return ['input', 'translation', 'reconstruction'];
}

/** Places of the rows on show among `found` pictures. */
export function placesOnShow({ first, count }: TranslationState, found: number): number[] {
  return Array.from({ length: Math.max(0, Math.min(count, found - first)) }, (_, i) => first + i);
}

/** The page that lies `step` pages on; the first and the last are the ends. */
export function turned({ first, count }: TranslationState, found: number, step: number): number {
  const last = Math.max(0, Math.ceil(found / count) - 1) * count;
  return Math.min(Math.max(0, first + step * count), last);
}

/** Without a way back there is no other way and nothing to blur. */
export function fitToSetup(state: TranslationState, setup: TranslationSetup): TranslationState {
  const way = setup.second === null ? 'forth' : state.way;
  const found = setup.inputs[way]?.pictures ?? 0;
  const first = state.first < found ? state.first : 0;
  return { ...state, way, first, blur: setup.second === null ? 0 : state.blur };
}

/** The pixels a picture has where the model says so; null where every picture has its own. */
export function nativeSize({ imageInput, image }: ModelDescription): Size | null {
  if (!imageInput?.size) return null;
  return image.width > imageInput.size.width ? image : imageInput.size;
}

/** "summer_to_winter → winter_to_summer", in the order the pictures go. */
export function wayWords(file: string, second: string, way: TranslationWay): string {
  const [a, b] = way === 'forth' ? [file, second] : [second, file];
  return `${stem(a)} → ${stem(b)}`;
}

/** The name of a file, whatever separates its folders. */
export function baseName(file: string): string {
  return file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
}

function stem(file: string): string {
  return file.replace(/\.onnx$/i, '');
}
