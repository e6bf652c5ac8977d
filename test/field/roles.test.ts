/** Generators whose inputs and outputs are not what most have: labels as floats, a baked batch, no channels, no inputs. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { genscope, readNpy } from '../engine/support/cli.ts';
import { ROOT, temporaryFolder } from '../engine/support/engine.ts';

const FIELD = path.join(ROOT, 'test', 'fixtures', 'field');
const model = (kind: string, file: string) => path.join(FIELD, kind, file);

/** A model alone in a folder, so that no sidecar and no earlier answer counts. */
function alone(kind: string, file: string): string {
  const folder = temporaryFolder();
  fs.copyFileSync(model(kind, file), path.join(folder, file));
  return path.join(folder, file);
}

/** uint8 pictures of `genscope sample --npy`. */
function sampled(file: string, ...args: string[]) {
  const npy = path.join(temporaryFolder(), 'images.npy');
  const { status, stderr } = genscope('sample', file, '--npy', npy, ...args);
  if (status !== 0) throw new Error(stderr);
  const { header, data } = readNpy(npy);
  const shape = (/\(([\d, ]+)\)/.exec(header)?.[1] ?? '').split(',').map(Number);
  const size = shape.slice(1).reduce((a, b) => a * b, 1);
  const pictures = Array.from({ length: shape[0] ?? 0 }, (_, i) => data.subarray(i * size, (i + 1) * size));
  return { shape, pictures, stderr };
}

function described(file: string) {
  const { status, stdout, stderr } = genscope('describe', file, '--json');
  return { status, stderr, ...JSON.parse(stdout) };
}

describe('a label as a float', () => {
  it('is the index of a class, and each class makes its own picture', () => {
    const file = model('float-label', 'cgan.onnx');
    const { inputs, classes } = described(file);
    expect(inputs[1]).toMatchObject({ role: 'class', encoding: 'index', classes: 10, certainty: 'sure' });
    expect(classes).toBe(10);
    const ofClass = (k: number) => sampled(file, '--count', '1', '--class', String(k)).pictures[0];
    expect(new Set([0, 1, 9].map((k) => ofClass(k)?.toString('hex'))).size).toBe(3);
  });
});
