/** Edits as JSON: what a person saved or wrote by hand. Nothing in it is trusted, and every complaint names its place. */

import { GenscopeError } from '../kernel/errors.ts';
import type { LatentKey } from '../samples/latents.ts';
import { isEditIntent } from './editGuards.ts';
import type { Edit, EditFile, EditIntent, EditRegion, UnitChange } from './edits.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * `{"edits": [{"layer": "l8", "units": [3, 5]}]}` is enough: units as numbers take the edit's `scale` (0) and `shift` (0).
 * @throws GenscopeError `input.invalid`, naming the place that is wrong
 */
export function parseEditFile(text: string): EditFile {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (thrown) {
    throw wrong('$', `is not JSON (${thrown instanceof Error ? thrown.message : String(thrown)})`);
  }
  const root = object(json, '$');
  if (root.schema !== undefined && root.schema !== 1) throw wrong('$.schema', 'must be 1');
  const edits = list(root.edits, '$.edits').map((entry, i) => edit(entry, `$.edits[${i}]`, i));
  return { schema: 1, name: typeof root.name === 'string' ? root.name : 'edit', edits };
}

function edit(json: unknown, path: string, index: number): Edit {
  const entry = object(json, path);
  const layer = text(entry.layer, `${path}.layer`);
  const scale = number(entry.scale ?? 0, `${path}.scale`);
  const shift = number(entry.shift ?? 0, `${path}.shift`);
  return {
    id: typeof entry.id === 'string' ? entry.id : `edit${index + 1}`,
    name: typeof entry.name === 'string' ? entry.name : `Edit ${index + 1}`,
    layer,
    tensor: entry.tensor === undefined ? layer : text(entry.tensor, `${path}.tensor`),
    intent: intentOf(entry.intent, scale),
    units: list(entry.units, `${path}.units`).map((unit, i) =>
      change(unit, `${path}.units[${i}]`, scale, shift),
    ),
    strength: number(entry.strength ?? 1, `${path}.strength`),
    region: entry.region == null ? null : region(entry.region, `${path}.region`),
    samples:
      entry.samples == null
        ? null
        : list(entry.samples, `${path}.samples`).map((key, i) => latentKey(key, `${path}.samples[${i}]`)),
    muted: entry.muted === true,
  };
}

function change(json: unknown, path: string, scale: number, shift: number): UnitChange {
  if (typeof json === 'number') return { unit: whole(json, path), scale, shift };
  const entry = object(json, path);
  return {
    unit: whole(entry.unit, `${path}.unit`),
    scale: number(entry.scale ?? scale, `${path}.scale`),
    shift: number(entry.shift ?? shift, `${path}.shift`),
  };
}

/** Only the panel's sliders need it: what is not one of ours, whole, is a scale. */
function intentOf(json: unknown, factor: number): EditIntent {
  if (isEditIntent(json)) return json;
  return factor === 0 ? { kind: 'ablate', to: 'zero' } : { kind: 'scale', factor };
}

function region(json: unknown, path: string): EditRegion {
  const entry = object(json, path);
  const height = whole(entry.height, `${path}.height`);
  const width = whole(entry.width, `${path}.width`);
  const weights = list(entry.weights, `${path}.weights`).map((weight, i) =>
    number(weight, `${path}.weights[${i}]`),
  );
  if (weights.length !== height * width)
    throw wrong(`${path}.weights`, `must have ${height} × ${width} numbers`);
  if (weights.some((weight) => weight < 0 || weight > 1)) throw wrong(`${path}.weights`, 'must lie in 0…1');
  return { height, width, weights };
}

function latentKey(json: unknown, path: string): LatentKey {
  const entry = object(json, path);
  return {
    seed: whole(entry.seed, `${path}.seed`),
    classIndex: entry.classIndex == null ? null : whole(entry.classIndex, `${path}.classIndex`),
  };
}

function object(json: unknown, path: string): Json {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw wrong(path, 'must be an object');
  return json as Json;
}

function list(json: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(json)) throw wrong(path, 'must be a list');
  return json;
}

function text(json: unknown, path: string): string {
  if (typeof json !== 'string' || json === '') throw wrong(path, 'must be a name in quotes');
  return json;
}

function number(json: unknown, path: string): number {
  if (typeof json !== 'number' || !Number.isFinite(json)) throw wrong(path, 'must be a number');
  return json;
}

function whole(json: unknown, path: string): number {
  if (typeof json !== 'number' || !Number.isInteger(json) || json < 0)
    throw wrong(path, 'must be a whole number from 0');
  return json;
}

function wrong(path: string, problem: string): GenscopeError {
  return new GenscopeError(
    'input.invalid',
    `The edit cannot be used: ${path} ${problem}.`,
    'Correct the file.',
  );
}
