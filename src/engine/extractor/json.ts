/** JSON files of an extractor's folder. */
import fs from 'node:fs';
import path from 'node:path';
import { GenscopeError } from '../../shared/errors.ts';

export type Json = Readonly<Record<string, unknown>>;

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws GenscopeError `extractor.missing` without the file, `extractor.invalid` for what is no JSON object */
export function parseJson(file: string): Json {
  const name = path.basename(file);
  let text: string;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch (thrown) {
    throw new GenscopeError(
      'extractor.missing',
      `${path.dirname(file)} has no ${name}.`,
      'Choose an .onnx file, or a folder with preprocessor_config.json and onnx/model.onnx.',
      { detail: String(thrown) },
    );
  }
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
