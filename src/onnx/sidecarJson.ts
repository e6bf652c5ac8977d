/** The sidecar as JSON: nothing in it is trusted, and every complaint names its place. */

import type { ImageRole, PictureSize, Sidecar } from '../shared/generator/roles.ts';
import { GenscopeError } from '../shared/kernel/errors.ts';
import { isInnerPath } from '../shared/kernel/paths.ts';

type PartialInput = NonNullable<Sidecar['inputs']>[string];
type PartialOutput = NonNullable<Sidecar['outputs']>[string];
type Json = Readonly<Record<string, unknown>>;

/** @throws GenscopeError `sidecar.invalid`, naming the place in the JSON that is wrong */
export function parseSidecar(text: string): Sidecar {
  let json: unknown;
  try {
    // Editors on Windows may put a byte order mark in front.
    json = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw invalidSidecar('$', 'is not JSON', error instanceof Error ? error.message : undefined);
  }
  return checkSidecar(json);
}

/** The same for JSON that is already parsed, such as answers from the page. */
export function checkSidecar(json: unknown): Sidecar {
  const root = object(json, '$');
  if (root.schema !== 1) throw invalidSidecar('$.schema', 'must be 1');
  const sidecar: { -readonly [K in keyof Sidecar]: Sidecar[K] } = { schema: 1 };
  if (root.inputs !== undefined) sidecar.inputs = record(root.inputs, '$.inputs', inputRole);
  if (root.outputs !== undefined) sidecar.outputs = record(root.outputs, '$.outputs', outputRole);
  if (root.classNames !== undefined) sidecar.classNames = strings(root.classNames, '$.classNames');
  return sidecar;
}

const INPUT_ROLES = [
  'latent',
  'class',
  'truncation',
  'noise',
  'embedding',
  'codes',
  'image',
  'labelMap',
  'mask',
  'constant',
  'other',
] as const;

function inputRole(json: unknown, path: string): PartialInput {
  const entry = object(json, path);
  const role = oneOf(entry.role, INPUT_ROLES, `${path}.role`);
  if (role === 'class') {
    return {
      role,
      ...(entry.encoding !== undefined && {
        encoding: oneOf(entry.encoding, ['onehot', 'index'] as const, `${path}.encoding`),
      }),
      ...(entry.classes !== undefined && { classes: count(entry.classes, `${path}.classes`, MOST_CLASSES) }),
    };
  }
  if (role === 'latent' && entry.space !== undefined)
    return { role, space: oneOf(entry.space, ['z', 'w', 'w+'] as const, `${path}.space`) };
  if (role === 'embedding' && entry.file !== undefined)
    return { role, file: fileName(entry.file, `${path}.file`) };
  if (role === 'codes' && entry.entries !== undefined)
    return { role, entries: count(entry.entries, `${path}.entries`, MOST_ENTRIES) };
  if (role === 'image' || role === 'mask') return { role, ...imageParts(entry, path) };
  if (role === 'labelMap')
    return {
      role,
      ...(entry.layout !== undefined && {
        layout: oneOf(entry.layout, ['NCHW', 'NHWC'] as const, `${path}.layout`),
      }),
      ...(entry.classes !== undefined && { classes: count(entry.classes, `${path}.classes`, MOST_CLASSES) }),
    };
  if (role === 'constant' && entry.value !== undefined)
    return { role, value: finite(entry.value, `${path}.value`) };
  return { role };
}

function outputRole(json: unknown, path: string): PartialOutput {
  const entry = object(json, path);
  const role = oneOf(entry.role, ['image', 'other'] as const, `${path}.role`);
  return role === 'other' ? { role } : { role, ...imageParts(entry, path) };
}

function imageParts(entry: Json, path: string): Partial<Omit<ImageRole, 'role'>> {
  return {
    ...(entry.layout !== undefined && {
      layout: oneOf(entry.layout, ['NCHW', 'NHWC'] as const, `${path}.layout`),
    }),
    ...(entry.range !== undefined && { range: range(entry.range, `${path}.range`) }),
    ...(entry.size !== undefined && { size: size(entry.size, `${path}.size`) }),
  };
}

function size(json: unknown, path: string): PictureSize {
  const { width, height } = object(json, path);
  return {
    width: count(width, `${path}.width`, MOST_SIDE),
    height: count(height, `${path}.height`, MOST_SIDE),
  };
}

/** A sidecar comes with the model, from anywhere: it may only name what lies in its own folder, or below. */
function fileName(value: unknown, path: string): string {
  if (!isInnerPath(value))
    throw invalidSidecar(path, 'must be the name of a .npy file in the folder of the model');
  return value;
}

function object(json: unknown, path: string): Json {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw invalidSidecar(path, 'must be an object');
  return json as Json;
}

function record<T>(
  json: unknown,
  path: string,
  check: (value: unknown, path: string) => T,
): Record<string, T> {
  return Object.fromEntries(
    Object.entries(object(json, path)).map(([key, value]) => [key, check(value, `${path}.${key}`)]),
  );
}

function oneOf<T extends string>(value: unknown, allowed: readonly T[], path: string): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined)
    throw invalidSidecar(path, `must be one of ${allowed.map((name) => `"${name}"`).join(', ')}`);
  return found;
}

function finite(value: unknown, path: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw invalidSidecar(path, 'must be a number');
  return value;
}

/** Above these no network is: each class and pixel takes memory for every sample. */
const MOST_CLASSES = 2 ** 20;
const MOST_ENTRIES = 2 ** 24;
const MOST_SIDE = 2 ** 15;

function count(value: unknown, path: string, most: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1)
    throw invalidSidecar(path, 'must be a whole number above 0');
  if (value > most) throw invalidSidecar(path, `must be at most ${most}`);
  return value;
}

function range(value: unknown, path: string): [number, number] {
  if (!Array.isArray(value) || value.length !== 2)
    throw invalidSidecar(path, 'must be two numbers, black and white');
  const [low, high] = [finite(value[0], `${path}[0]`), finite(value[1], `${path}[1]`)];
  if (low === high) throw invalidSidecar(path, 'must be two different numbers');
  return [low, high];
}

function strings(value: unknown, path: string): string[] {
  if (!Array.isArray(value)) throw invalidSidecar(path, 'must be a list of names');
  return value.map((item: unknown, i) => {
    if (typeof item !== 'string') throw invalidSidecar(`${path}[${i}]`, 'must be a name in quotes');
    return item;
  });
}

/** The error for a sidecar, with the JSON path of what is wrong. */
export function invalidSidecar(path: string, problem: string, detail?: string): GenscopeError {
  return new GenscopeError(
    'sidecar.invalid',
    `The sidecar cannot be used: ${path} ${problem}.`,
    'Correct it, or delete the .genscope.json file and answer the questions again.',
    { next: ['answerRoles'], ...(detail !== undefined && { detail }) },
  );
}
