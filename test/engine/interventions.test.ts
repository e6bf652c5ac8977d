/** Requests about edits over a real engine process: pictures under edits, values of units, files. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { Newest } from '../../src/host/process/newest.ts';
import { parseEditFile } from '../../src/shared/edits/editFile.ts';
import type { Edit } from '../../src/shared/edits/edits.ts';
import { DEFAULT_SOURCE } from '../../src/shared/samples/latents.ts';
import { collector, DEMO, ROOT, seeds, startEngine, temporaryFolder } from './support/engine.ts';

const SEGMENTER = path.join(ROOT, 'media', 'demo', 'segmenter');
const model = { path: DEMO };
const plan = seeds(5);

async function layer(client: ReturnType<typeof startEngine>['client'], name: string) {
  const { layers } = await client.request('describe', { model, depth: 'full' });
  const found = layers?.find((one) => one.name === name);
  if (!found) throw new Error(`no layer ${name}`);
  return found;
}

function edit(tensor: string, more: Partial<Edit> = {}): Edit {
  return {
    ...{
      id: 'e',
      name: 'edit',
      layer: tensor,
      tensor,
      strength: 1,
      muted: false,
      region: null,
      samples: null,
    },
    intent: { kind: 'ablate', to: 'zero' },
    units: Array.from({ length: 40 }, (_, unit) => ({ unit, scale: 0, shift: 0 })),
    ...more,
  };
}

async function pixels(client: ReturnType<typeof startEngine>['client'], edits: readonly Edit[]) {
  const frames = collector();
  const params = { model, plan, edits, maxSide: 64, encoding: 'rgba' as const };
  const { count } = await client.request('editedSample', params, frames);
  expect(count).toBe(5);
  return frames.pixels();
}

describe('editedSample', () => {
  it('without effect is the sample itself, to the last bit; with one it is not', async () => {
    const { client } = startEngine();
    const frames = collector();
    await client.request('sample', { model, plan, maxSide: 64, encoding: 'rgba' }, frames);
    const plain = Buffer.from(frames.pixels());
    const { tensor } = await layer(client, 'l8b');
    const ablated = await pixels(client, [edit(tensor)]);
    expect(plain.equals(ablated)).toBe(false);
    for (const nothing of [
      [],
      [edit(tensor, { muted: true })],
      [edit(tensor, { strength: 0 })],
      [edit(tensor, { units: [] })],
      [edit(tensor, { samples: [{ seed: 77, classIndex: null }] })],
    ])
      expect(plain.equals(await pixels(client, nothing))).toBe(true);
    // In chosen samples only: the others are what they were, to the last bit.
    const two = await pixels(client, [edit(tensor, { samples: [{ seed: 1, classIndex: 1 }] })]);
    const size = plain.length / 5;
    const furthest = (i: number, other: Uint8Array) =>
      two
        .subarray(i * size, (i + 1) * size)
        .reduce((most, value, at) => Math.max(most, Math.abs(value - (other[i * size + at] as number))), 0);
    expect([0, 2, 3, 4].map((i) => furthest(i, plain))).toEqual([0, 0, 0, 0]);
    expect(furthest(1, plain)).toBeGreaterThan(10);
    expect(furthest(1, ablated)).toBeLessThanOrEqual(1);
  });

  it('is refused for another file than the page shows, and for edits that do not fit', async () => {
    const { client } = startEngine();
    const ask = (more: object) =>
      client.request('editedSample', { model, plan, edits: [], maxSide: 64, encoding: 'rgba', ...more });
    await expect(ask({ stamp: 'other' })).rejects.toMatchObject({ code: 'model.changed' });
    await expect(ask({ edits: [edit('nowhere')] })).rejects.toMatchObject({ code: 'input.invalid' });
  });

  it('200 events of a slider in 2 s leave no backlog, and the last value counts', async () => {
    const { client } = startEngine();
    const { tensor } = await layer(client, 'l8b');
    const at = (strength: number) => [edit(tensor, { strength })];
    await pixels(client, at(0.5));
    const newest = new Newest();
    const answers: Promise<Buffer | null>[] = [];
    for (let event = 1; event <= 200; event++) {
      answers.push(
        newest
          .run(new AbortController().signal, async (signal) => {
            const frames = collector();
            const params = { model, plan, edits: at(event / 200), maxSide: 64, encoding: 'rgba' as const };
            await client.request('editedSample', params, { signal, onProgress: frames.onProgress });
            return Buffer.from(frames.pixels());
          })
          .catch((thrown: unknown) => {
            expect(thrown).toMatchObject({ code: 'request.cancelled' });
            return null;
          }),
      );
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    // All but those under way are answered by now.
    const settled = await Promise.race([
      Promise.all(answers.slice(0, 190)).then(() => true),
      new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 1000)),
    ]);
    expect(settled).toBe(true);
    const last = await answers.at(-1);
    expect(last?.equals(await pixels(client, at(1)))).toBe(true);
    expect(client.busy).toBe(false);
  });
});

describe('unitValues', () => {
  const about = { model, source: DEFAULT_SOURCE, seed: 3, samples: 24, quantile: 0.01 };

  it('tells what units do, everywhere and where a concept is', async () => {
    const { client } = startEngine();
    const { tensor, units } = await layer(client, 'l8b');
    const { segmenter } = await client.request('describeSegmenter', { folder: SEGMENTER });
    const tree = segmenter.concepts.indexOf('tree');
    const values = await client.request('unitValues', {
      ...about,
      tensor,
      segmenter: SEGMENTER,
      concepts: [tree],
    });
    expect(values).toMatchObject({ samples: 24, seed: 3 });
    expect(values.present).toBeGreaterThan(0.2);
    const { minimum, mean, quantile, conceptMean, topMean } = values;
    for (let unit = 0; unit < units; unit++) {
      expect(mean[unit]).toBeGreaterThanOrEqual(minimum[unit] as number);
      expect(quantile[unit]).toBeGreaterThanOrEqual(mean[unit] as number);
      expect(topMean?.[unit]).toBeGreaterThanOrEqual((conceptMean?.[unit] as number) - 1e-6);
    }
    expect(conceptMean?.length).toBe(units);
    const without = await client.request('unitValues', { ...about, tensor, segmenter: null, concepts: [] });
    expect(without).toMatchObject({ present: 0, conceptMean: null, topMean: null });
    expect([...without.mean].every((value, unit) => Math.abs(value - (mean[unit] as number)) < 1e-5)).toBe(
      true,
    );
  });

  it('refuses layers and concepts that are not there', async () => {
    const { client } = startEngine();
    const { tensor } = await layer(client, 'l8b');
    const ask = (more: object) =>
      client.request('unitValues', { ...about, tensor, segmenter: SEGMENTER, concepts: [0], ...more });
    await expect(ask({ tensor: 'nowhere' })).rejects.toMatchObject({ code: 'input.invalid' });
    await expect(ask({ concepts: [13] })).rejects.toMatchObject({ code: 'input.invalid' });
  });
});

describe('exports', () => {
  it('pairs: every sample twice, with the edits that `genscope edit` takes', async () => {
    const { client } = startEngine();
    const { tensor } = await layer(client, 'l8b');
    const folder = path.join(temporaryFolder(), 'pairs');
    const edits = [edit(tensor)];
    const progress: number[] = [];
    const result = await client.request(
      'exportPairs',
      { model, plan, edits, folder },
      { onProgress: ({ done }) => void progress.push(done) },
    );
    expect(result).toMatchObject({ folder, files: 11 });
    expect(progress.at(-1)).toBe(10);
    const names = fs.readdirSync(folder);
    expect(names).toHaveLength(11);
    expect(
      parseEditFile(fs.readFileSync(path.join(folder, 'edit.genscope-edit.json'), 'utf8')).edits,
    ).toEqual(edits);
    const png = (name: string) => fs.readFileSync(path.join(folder, name));
    expect(png('sample-000004-before.png').equals(png('sample-000004-after.png'))).toBe(false);
  });

  it('a sweep goes there and back', async () => {
    const { client } = startEngine();
    const { tensor } = await layer(client, 'l8b');
    const sweep = { from: -1, to: 2, steps: 4, columns: 3, framesPerSecond: 10, minSide: 1 };
    const file = await client.request('encodeSweep', {
      ...{ model, plan, edits: [edit(tensor)], swept: ['e'], format: 'gif', ...sweep },
    });
    expect(file).toMatchObject({ mime: 'image/gif', extension: 'gif' });
    const bytes = Buffer.from(file.bytes);
    expect([bytes.toString('latin1', 0, 6), bytes.readUInt16LE(6), bytes.readUInt16LE(8)]).toEqual([
      'GIF89a',
      192,
      128,
    ]);
    const { default: sharp } = await import('sharp');
    // The frame at either end is shown twice; an encoder may show one for twice as long instead.
    expect((await sharp(bytes, { animated: true }).metadata()).pages).toBeGreaterThanOrEqual(6);
  });

  it('bakes beside the generator, never over it', async () => {
    const { client } = startEngine();
    const { tensor } = await layer(client, 'l8b');
    const target = path.join(temporaryFolder(), 'edited.onnx');
    const edits = [edit(tensor), edit(tensor, { id: 'f', muted: true })];
    const result = await client.request('bake', { model, edits, target });
    expect(result).toEqual({ files: [target], folded: [tensor], inserted: [] });
    const frames = collector();
    await client.request('sample', { model: { path: target }, plan, maxSide: 64, encoding: 'rgba' }, frames);
    const live = await pixels(client, edits);
    expect(
      frames.pixels().reduce((most, value, i) => Math.max(most, Math.abs(value - (live[i] as number))), 0),
    ).toBeLessThanOrEqual(1);
    await expect(client.request('bake', { model, edits, target: DEMO })).rejects.toMatchObject({
      code: 'input.invalid',
    });
  });
});
