/** JSON files of an extractor's folder. */
import path from 'node:path';
import { MOST_JSON_BYTES, readSmallText } from '../../shared/files/readSmall.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';

export type Json = Readonly<Record<string, unknown>>;

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws GenscopeError `extractor.missing` without the file, `extractor.invalid` for what is no JSON object */
export function parseJson(file: string): Json {
  const name = path.basename(file);
  const text = readSmallText(file, {
    most: MOST_JSON_BYTES,
    what: 'The extractor’s',
    code: 'extractor.invalid',
    advice: 'Copy the extractor’s folder again, or set it up again.',
  });
  if (text === null)
    throw new GenscopeError(
      'extractor.missing',
      `${path.dirname(file)} has no ${name}.`,
      'Choose an .onnx file, or a folder with preprocessor_config.json and onnx/model.onnx.',
    );
  try {
    const value: unknown = JSON.parse(text);
    if (isJson(value)) return value;
  } catch {
    // Said below: a list is no more use than a broken file.
  }
  throw invalid(`${name} of the extractor is no JSON object`);
}

export function invalid(says: string): GenscopeError {
  return new GenscopeError(
    'extractor.invalid',
    `${says}.`,
    'Copy the extractor’s folder again, or set it up again.',
  );
}
