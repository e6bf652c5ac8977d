/** What units do, before anybody names them: against the network run with its layer exposed, and sums written down anew. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { planLatents } from '../../src/algorithms/latent/plan.ts';
import type { Models } from '../../src/engine/models/models.ts';
import { Session, type TensorValue } from '../../src/engine/runtime/session.ts';
import { samplePictures } from '../../src/engine/samples/sampling.ts';
import { TASKS } from '../../src/engine/tasks.ts';
import { memorySource, openModel, serialize } from '../../src/onnx/open.ts';
import { expose } from '../../src/onnx/surgery/expose.ts';
import type { EngineMethod, EngineParams, EngineResult } from '../../src/shared/protocol.ts';
import type { LatentPlan } from '../../src/shared/samples/latents.ts';
import { DISSECT_DEFAULTS } from '../../src/shared/units/dissection.ts';
import { SEGMENTER, withModels, ZOO } from './support/dissection.ts';
import { DEMO, seeds } from './support/engine.ts';

const TENSOR = '/l8b/Relu_output_0';
const UNITS = 128;
const SIDE = 8;
const CELLS = SIDE * SIDE;
const model = { path: DEMO };

function ask<M extends EngineMethod>(
  method: M,
  params: EngineParams<M>,
  models: Models,
  run: { signal?: AbortSignal; report?: (progress: unknown) => void } = {},
): Promise<EngineResult<M>> {
  const context = {
    models,
    signal: run.signal ?? new AbortController().signal,
    report: run.report ?? (() => {}),
  };
  return (TASKS[method] as (params: unknown, context: unknown) => Promise<EngineResult<M>>)(params, context);
}

/** The same samples through a session of its own, one at a time: maps and pictures. */
async function byHand(plan: LatentPlan): Promise<{ maps: Float32Array[]; images: TensorValue[] }> {
  const opened = openModel(memorySource(new Uint8Array(readFileSync(DEMO))), 'generator.onnx');
  const session = await Session.fromBytes(serialize(expose(opened.model, [TENSOR])), path.dirname(DEMO), {
    threads: 1,
    optimize: 'all',
  });
  const latents = planLatents(plan, 96, 7);
  const maps: Float32Array[] = [];
  const images: TensorValue[] = [];
  for (let i = 0; i < latents.count; i++) {
    const outputs = await session.run({
      z: { dtype: 'float32', shape: [1, 96], data: latents.rows(i, 1) },
      category: { dtype: 'float32', shape: [1, 7], data: latents.classWeights(i, 1) },
    });
    maps.push(Float32Array.from((outputs[TENSOR] as TensorValue).data as Float32Array));
    images.push(outputs.image as TensorValue);
  }
  await session.release();
  return { maps, images };
}

const near = (a: number, b: number) => Math.abs(a - b) <= 1e-4 * Math.max(1, Math.abs(b));

/** PyTorch's interpolate(…, mode='bilinear', align_corners=False) at one pixel. */
function bilinearAt(map: Float32Array, x: number, y: number, size: number): number {
  const place = (pixel: number) => {
    const at = Math.max(0, ((pixel + 0.5) * SIDE) / size - 0.5);
    const low = Math.floor(at);
    return { low, high: Math.min(low + 1, SIDE - 1), share: at - low };
  };
  const [h, v] = [place(x), place(y)];
  const row = (r: number) =>
    (map[r * SIDE + h.low] as number) * (1 - h.share) + (map[r * SIDE + h.high] as number) * h.share;
  return row(v.low) * (1 - v.share) + row(v.high) * v.share;
}

describe('activity', () => {
  it('is what sums over the exposed layer give', async () => {
    const plan = seeds(37, { seed: 5 });
    const { maps } = await byHand(plan);
    const reports: unknown[] = [];
    const found = await ask('activity', { model, tensor: TENSOR, plan, k: 4 }, withModels(), {
      report: (progress) => reports.push(progress),
    });
    expect(found).toMatchObject({ layer: TENSOR, samples: 37, k: 4 });
    expect([found.mean.length, found.peak.length, found.active.length]).toEqual([UNITS, UNITS, UNITS]);
    for (let unit = 0; unit < UNITS; unit++) {
      const own = maps.map((map) => Array.from(map.subarray(unit * CELLS, (unit + 1) * CELLS)));
      const all = own.flat();
      const peaks = own.map((cells) => Math.max(...cells));
      const top = peaks.map((peak, i) => ({ peak, i })).toSorted((a, b) => b.peak - a.peak || a.i - b.i);
      expect(near(found.mean[unit] as number, all.reduce((a, b) => a + b) / all.length)).toBe(true);
      expect(near(found.peak[unit] as number, Math.max(...peaks))).toBe(true);
      // A cell within rounding of 0 may be counted either way.
      expect(
        Math.abs((found.active[unit] as number) - all.filter((v) => v > 0).length / all.length),
      ).toBeLessThan(1e-3);
      for (let k = 0; k < 4; k++) {
        expect(near(found.topValues[unit * 4 + k] as number, top[k]?.peak as number)).toBe(true);
        const place = found.top[unit * 4 + k] as number;
        expect(near(peaks[place] as number, top[k]?.peak as number)).toBe(true);
      }
    }
    expect(reports.at(-1)).toMatchObject({ done: 37, total: 37 });
  });

  it('of samples made one at a time is found as well', async () => {
    const loop = { path: path.join(ZOO, 'stylegan2.ts.op11.b1.onnx') };
    const models = withModels();
    const described = await ask('describe', { model: loop, depth: 'full' }, models);
    const layer = described.layers?.find(({ name }) => name === 'synthesis.b16.conv0');
    const params = { model: loop, tensor: layer?.tensor ?? '', k: 3 };
    const all = await ask('activity', { ...params, plan: seeds(9) }, models);
    const alone = await ask('activity', { ...params, plan: seeds(1, { seed: 4 }) }, models);
    expect(all.mean).toHaveLength(8);
    // Seed 4 is the fifth sample: what tops a unit there has the value that it has alone.
    for (let unit = 0; unit < 8; unit++) {
      const at = Array.from(all.top.subarray(unit * 3, unit * 3 + 3)).indexOf(4);
      if (at >= 0)
        expect(near(all.topValues[unit * 3 + at] as number, alone.peak[unit] as number)).toBe(true);
      expect(all.peak[unit]).toBeGreaterThanOrEqual((alone.peak[unit] as number) - 1e-5);
    }
    expect(Array.from(all.top)).toContain(4);
  });

  it('is called off between batches', async () => {
    const controller = new AbortController();
    const report = () => controller.abort();
    const asked = ask('activity', { model, tensor: TENSOR, plan: seeds(5000), k: 1 }, withModels(), {
      ...{ signal: controller.signal, report },
    });
    await expect(asked).rejects.toMatchObject({ code: 'request.cancelled' });
  });
});

describe('pictures of units', () => {
  it('are the samples, and the map of one unit each', async () => {
    const plan: LatentPlan = {
      ...{ kind: 'picks', source: DISSECT_DEFAULTS.source, seed: 1, count: 100, classes: 'all' },
      indices: [70, 3, 3, 99],
    };
    const { maps } = await byHand(plan);
    const units = [0, 127, 64, 11];
    const models = withModels();
    const found = await ask('unitPictures', { model, tensor: TENSOR, plan, units, maxSide: 64 }, models);
    expect(found).toMatchObject({ height: SIDE, width: SIDE, frames: { count: 4, width: 64, height: 64 } });
    units.forEach((unit, i) => {
      const there = found.maps.subarray(i * CELLS, (i + 1) * CELLS);
      const wanted = (maps[i] as Float32Array).subarray(unit * CELLS, (unit + 1) * CELLS);
      expect(there.every((value, at) => near(value, wanted[at] as number))).toBe(true);
    });
    const generator = await models.generator(model);
    const pixels: Uint8Array[] = [];
    for await (const { pictures } of samplePictures(generator, plan, {
      signal: new AbortController().signal,
    }))
      pixels.push(pictures.data);
    const off = Buffer.concat(pixels).map((byte, i) => Math.abs(byte - (found.frames?.data[i] as number)));
    expect(Math.max(...off.subarray(0, 64 * 64 * 4 * 4))).toBeLessThanOrEqual(1);
  });

  it('come small, or not at all', async () => {
    const models = withModels();
    const asked = { model, tensor: TENSOR, plan: seeds(2), units: [1, 2] };
    const small = await ask('unitPictures', { ...asked, maxSide: 20 }, models);
    expect(small.frames).toMatchObject({ count: 2, width: 20, height: 20 });
    const none = await ask('unitPictures', { ...asked, maxSide: 0 }, models);
    expect(none.frames).toBe(null);
    expect(none.maps.every((value, i) => near(value, small.maps[i] as number))).toBe(true);
  });

  it.each([
    [[0, 128], 'no unit 128'],
    [[0, -1], 'no unit -1'],
    [[0], 'no unit undefined'],
  ])('of the units %j are refused', async (units, says) => {
    const asked = ask(
      'unitPictures',
      { model, tensor: TENSOR, plan: seeds(2), units, maxSide: 0 },
      withModels(),
    );
    await expect(asked).rejects.toMatchObject({
      code: 'input.invalid',
      message: expect.stringContaining(says),
    });
  });
});

describe('units at a place', () => {
  it.each([
    [0, 0],
    [0.5, 0.25],
    [1, 1],
    [0.93, 0.4],
  ])('are what enlarging each map gives at (%d, %d)', async (x, y) => {
    const plan = seeds(1, { seed: 12 });
    const { maps } = await byHand(plan);
    const { values } = await ask('unitsAt', { model, tensor: TENSOR, plan, x, y }, withModels());
    const pixel = (at: number) => Math.min(63, Math.floor(at * 64));
    expect(values).toHaveLength(UNITS);
    values.forEach((value, unit) => {
      const map = (maps[0] as Float32Array).subarray(unit * CELLS, (unit + 1) * CELLS);
      expect(near(value, bilinearAt(map, pixel(x), pixel(y), 64))).toBe(true);
    });
  });
});

describe('a segmentation', () => {
  it('is the segmenter’s word on the samples', async () => {
    const models = withModels();
    const plan = seeds(20, { seed: 3 });
    const reports: unknown[] = [];
    const asked = { model, segmenter: SEGMENTER, plan, resolution: 64 };
    const found = await ask('segmentation', asked, models, { report: (progress) => reports.push(progress) });
    expect(found).toMatchObject({ height: 64, width: 64, concepts: expect.arrayContaining(['sky', 'tree']) });
    expect(found.labels).toHaveLength(20 * 64 * 64);
    const generator = await models.generator(model);
    const segmenter = await models.segmenter(SEGMENTER);
    let different = 0;
    for await (const { offset, pictures } of samplePictures(generator, plan, {
      signal: new AbortController().signal,
    }))
      for (const [i, map] of (await segmenter.segment(pictures, [64, 64])).entries())
        map.planes[0]?.forEach((label, at) => {
          if (label !== found.labels[(offset + i) * 4096 + at]) different++;
        });
    expect(different).toBe(0);
    expect(reports.at(-1)).toMatchObject({ done: 20, total: 20 });
    const small = await ask('segmentation', { ...asked, resolution: 16 }, models);
    expect([small.height, small.width, small.labels.length]).toEqual([16, 16, 20 * 256]);
  });

  it('is called off between batches', async () => {
    const controller = new AbortController();
    const asked = { model, segmenter: SEGMENTER, plan: seeds(5000), resolution: 64 };
    const run = { signal: controller.signal, report: () => controller.abort() };
    await expect(ask('segmentation', asked, withModels(), run)).rejects.toMatchObject({
      code: 'request.cancelled',
    });
  });
});

it('requests about another file than is there now are refused', async () => {
  const models = withModels();
  const stamp = 'of yesterday';
  const plan = seeds(1);
  const refused = [
    ask('activity', { model, stamp, tensor: TENSOR, plan, k: 1 }, models),
    ask('unitPictures', { model, stamp, tensor: TENSOR, plan, units: [0], maxSide: 0 }, models),
    ask('unitsAt', { model, stamp, tensor: TENSOR, plan, x: 0, y: 0 }, models),
    ask('segmentation', { model, stamp, segmenter: SEGMENTER, plan, resolution: 64 }, models),
  ];
  for (const answer of await Promise.allSettled(refused))
    expect(answer).toMatchObject({ status: 'rejected', reason: { code: 'model.changed' } });
});

it('a layer that the model has not is refused by name', async () => {
  const asked = ask('activity', { model, tensor: '/l9/Relu_output_0', plan: seeds(1), k: 1 }, withModels());
  await expect(asked).rejects.toMatchObject({ message: expect.stringContaining('/l9/Relu_output_0') });
});
