/** How pictures come to an extractor, as data: `extractor.json`, written by us, or what a Hugging Face folder says. */
import path from 'node:path';
import type { ResizeMode } from '../../shared/scores/scores.ts';
import type { Processor } from '../segmenter/processor.ts';
import { invalid, isJson, type Json, parseJson } from './json.ts';

export const SETTINGS = 'extractor.json';

/** value = byte · scale + offset, for red, green and blue. */
export interface Affine {
  readonly scale: readonly [number, number, number];
  readonly offset: readonly [number, number, number];
}

export interface OwnSettings {
  readonly name: string;
  readonly size: readonly [number, number];
  readonly resize: ResizeMode;
  readonly values: (resize: ResizeMode) => Affine;
  readonly features: string | null;
  readonly logits: string | null;
  readonly classNames: readonly string[];
}

/** `extractor.json` as it is written. */
export interface SettingsJson {
  readonly schema: 1;
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** The default; any of the others can be asked for. */
  readonly resize: 'tf1' | 'torch' | 'clean';
  /** byte · scale + offset, by way of resizing: the originals differ. */
  readonly values: Readonly<Record<'tf1' | 'torch' | 'clean', { scale: number; offset: number }>>;
  readonly features: string;
  readonly logits?: string;
  readonly classNames?: readonly string[];
  /** Where the weights came from; for people. */
  readonly source?: Readonly<Record<string, string>>;
}

/** @throws GenscopeError `extractor.missing`, `extractor.invalid` */
export function readOwnSettings(folder: string): OwnSettings {
  const json = parseJson(path.join(folder, SETTINGS));
  const { schema, name, width, height, resize, values, features, logits, classNames } = json;
  if (schema !== 1) throw invalid(`${SETTINGS} has the schema ${String(schema)}, which is not known here`);
  if (!isSide(width) || !isSide(height)) throw invalid(`${SETTINGS} gives no width and height`);
  if (resize !== 'tf1' && resize !== 'torch' && resize !== 'clean')
    throw invalid(`“resize” in ${SETTINGS} is ${JSON.stringify(resize)}, not tf1, torch or clean`);
  const byMode = isJson(values) ? values : {};
  return {
    name: typeof name === 'string' ? name : path.basename(folder),
    size: [height, width],
    resize,
    values: (mode) => affineOf(byMode[mode] ?? byMode[resize], `values.${mode}`),
    features: typeof features === 'string' ? features : null,
    logits: typeof logits === 'string' ? logits : null,
    classNames: Array.isArray(classNames) ? classNames.map(String) : [],
  };
}

function isSide(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= 4096;
}

function affineOf(json: unknown, where: string): Affine {
  const { scale, offset }: Json = isJson(json) ? json : {};
  if (typeof scale !== 'number' || typeof offset !== 'number')
    throw invalid(`“${where}” in ${SETTINGS} has no scale and offset`);
  return { scale: [scale, scale, scale], offset: [offset, offset, offset] };
}

/** Black is `low`, white `high`. */
export function ofRange([low, high]: readonly [number, number]): Affine {
  const scale = (high - low) / 255;
  return { scale: [scale, scale, scale], offset: [low, low, low] };
}

/** The steps of an image processor after its resizing, as one. */
export function ofProcessor({ values }: Processor): Affine {
  const { scale, offset, normal } = values;
  const per = (channel: number) => {
    const mean = normal?.mean[channel] ?? 0;
    const std = normal?.std[channel] ?? 1;
    return { scale: (scale ?? 1) / std, offset: ((offset ? -1 : 0) - mean) / std };
  };
  const [red, green, blue] = [per(0), per(1), per(2)];
  return {
    scale: [red.scale, green.scale, blue.scale],
    offset: [red.offset, green.offset, blue.offset],
  };
}
