/** Dissection through its task: the same whatever the batches, the threads, and the interruptions; kept by content. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { layersIn } from '../../src/engine/open/layers.ts';
import { DISSECT_DEFAULTS, type DissectProgress } from '../../src/shared/units/dissection.ts';
import reference from '../parity/dissection/reference.json' with { type: 'json' };
import {
  copyFolder,
  dissected,
  editJson,
  interrupted,
  iouDifference,
  lasting,
  SEGMENTER,
  withModels,
  writeTinyGenerator,
  writeTinySegmenter,
  ZOO,
} from './support/dissection.ts';
import { DEMO, temporaryFolder } from './support/engine.ts';

const IQR = { level: { mode: 'iqr' } } as const;
const MODES = [
  { name: 'quantile', mode: {} },
  { name: 'iqr', mode: IQR },
] as const;

describe.each(MODES)('a dissection ($name)', ({ mode }) => {
  it('run twice is the same to the last digit', async () => {
    const first = await dissected({ models: withModels(), settings: mode });
    const second = await dissected({ models: withModels(), settings: mode });
    expect(first).toMatchObject({ cached: false, file: null });
    expect(JSON.stringify(lasting(second.dissection))).toBe(JSON.stringify(lasting(first.dissection)));
    const { layers, conceptShare, maps } = first.dissection;
    expect(maps).toEqual([64, 64]);
    expect(layers.map(({ layer, units }) => [layer, units.length])).toEqual([['l8b', 128]]);
    expect(layers[0]?.interpretable).toBeGreaterThan(40);
    expect(conceptShare.reduce((a, b) => a + b)).toBeCloseTo(1, 9);
  });

  it('in other batches, on more threads, moves no IoU by more than 1e-4', async () => {
    const models = withModels();
    const [sixteen, five, one] = [
      await dissected({ models, settings: mode }),
      await dissected({ models, settings: mode, batch: 5 }),
      await dissected({ models, settings: mode, batch: 1 }),
    ];
    const threads = await dissected({ models: withModels(2), settings: mode });
    for (const other of [five, one, threads])
      expect(iouDifference(other.dissection, sixteen.dissection)).toBeLessThanOrEqual(1e-4);
  });

  const phases =
    mode === IQR ? (['levels', 'choosing', 'agreement'] as const) : (['levels', 'agreement'] as const);
  it.each(phases)(
    'called off in the pass “%s” and taken up again is what it would have been',
    async (phase) => {
      const models = withModels();
      const whole = await dissected({ models, settings: mode });
      const cache = temporaryFolder();
      const asked = { models, cache, settings: mode };
      expect(await interrupted(asked, phase, 2)).toMatchObject({ code: 'request.cancelled' });
      const reports: DissectProgress[] = [];
      const resumed = await dissected({ ...asked, onProgress: (progress) => reports.push(progress) });
      expect(reports[0]).toMatchObject({ phase, done: 32, total: 64 });
      expect(resumed.cached).toBe(false);
      expect(lasting(resumed.dissection)).toEqual(lasting(whole.dissection));
    },
  );

  it('called off again and again gets there', async () => {
    const models = withModels();
    const whole = await dissected({ models, settings: mode });
    const asked = { models, cache: temporaryFolder(), settings: mode };
    for (const phase of phases)
      for (let i = 0; i < 3; i++)
        expect(await interrupted(asked, phase, 1)).toMatchObject({ code: 'request.cancelled' });
    expect(lasting((await dissected(asked)).dissection)).toEqual(lasting(whole.dissection));
  });

  it('of several layers is that of each', async () => {
    const models = withModels();
    const layers = ['l16', 'bn4/relu', 'l64'];
    const together = await dissected({ models, settings: { ...mode, layers } });
    expect(together.dissection.layers.map(({ layer }) => layer)).toEqual(layers);
    for (const [i, layer] of layers.entries()) {
      const { dissection } = await dissected({ models, settings: { ...mode, layers: [layer] } });
      const [alone] = dissection.layers;
      const there = together.dissection.layers[i];
      // Two graphs cut at different places may differ in a last bit.
      expect(iouDifference({ ...dissection, layers: there ? [there] : [] }, dissection)).toBeLessThan(1e-4);
      expect(there?.units.map(({ concept }) => concept)).toEqual(alone?.units.map(({ concept }) => concept));
    }
  });

  it('says how far it is', async () => {
    const reports: DissectProgress[] = [];
    await dissected({
      ...{ models: withModels(), batch: 20, settings: mode },
      onProgress: (progress) => reports.push(progress),
    });
    const pass = [0, 20, 40, 60, 64];
    expect(reports.map(({ phase, done }) => `${phase} ${done}`)).toEqual(
      phases.flatMap((phase) => pass.map((done) => `${phase} ${done}`)),
    );
    expect(new Set(reports.map(({ total }) => total))).toEqual(new Set([64]));
    const last = reports.filter(({ done }) => done === 60);
    expect(last.every(({ eta = -1 }) => eta > 0)).toBe(true);
  });
});

describe('kept dissections', () => {
  it('are there at once, and say so', async () => {
    const models = withModels();
    const cache = temporaryFolder();
    const first = await dissected({ models, cache });
    expect(first.cached).toBe(false);
    const { checksum, ...kept } = JSON.parse(fs.readFileSync(first.file ?? '', 'utf8'));
    expect([checksum.length, kept]).toEqual([64, first.dissection]);
    expect(fs.readdirSync(path.dirname(first.file ?? ''))).toEqual(['dissection.json']);
    const reports: DissectProgress[] = [];
    const again = await dissected({ models, cache, onProgress: (progress) => reports.push(progress) });
    expect(again).toEqual({ ...first, cached: true });
    expect(reports).toEqual([]);
  });

  it('are the same for the same question, however it is put', async () => {
    const models = withModels();
    const cache = temporaryFolder();
    const first = await dissected({ models, cache });
    const { samples, source, ...rest } = DISSECT_DEFAULTS;
    const reordered = { ...rest, source: { ...source }, samples: Math.min(samples, 64) };
    const folder = temporaryFolder();
    fs.copyFileSync(DEMO, path.join(folder, 'other name.onnx'));
    fs.copyFileSync(`${DEMO.slice(0, -5)}.genscope.json`, path.join(folder, 'other name.genscope.json'));
    const same = [
      await dissected({ models, cache, settings: { ...reordered, layers: ['/l8b/Relu_output_0'] } }),
      await dissected({ models, cache, settings: { layers: ['l8b', 'l8b'] } }),
      await dissected({ models: withModels(2), cache, batch: 3 }),
      await dissected({ models, cache, model: { path: path.join(folder, 'other name.onnx') } }),
    ];
    expect(same.map(({ cached, file }) => [cached, file])).toEqual(same.map(() => [true, first.file]));
  });

  it('are others for another model, sidecar, segmenter or setting', async () => {
    const models = withModels();
    const cache = temporaryFolder();
    const folder = temporaryFolder();
    const model = path.join(folder, 'g.onnx');
    const sidecar = path.join(folder, 'g.genscope.json');
    fs.copyFileSync(DEMO, model);
    fs.copyFileSync(`${DEMO.slice(0, -5)}.genscope.json`, sidecar);
    editJson(sidecar, (json) => {
      const text = JSON.stringify(json);
      expect(text).toContain('[-1,1]');
      return JSON.parse(text.replace('[-1,1]', '[-2,2]'));
    });
    const segmenter = copyFolder(SEGMENTER, path.join(folder, 'segmenter'), (to) =>
      editJson(path.join(to, 'config.json'), (json) => ({ ...json, note: 'another' })),
    );
    const checkpoint = path.join(path.dirname(DEMO), 'checkpoints', 'step-002829.onnx');
    const few = { samples: 16 };
    const files = [
      await dissected({ models, cache, settings: few }),
      await dissected({ models, cache, settings: few, model: { path: model } }),
      await dissected({ models, cache, settings: few, model: { path: checkpoint } }),
      await dissected({ models, cache, settings: few, segmenter }),
      await dissected({ models, cache, settings: { samples: 17 } }),
      await dissected({ models, cache, settings: { ...few, seed: 3 } }),
      await dissected({ models, cache, settings: { ...few, levelSeed: 3 } }),
      await dissected({ models, cache, settings: { ...few, classes: 2 } }),
      await dissected({ models, cache, settings: { ...few, level: { mode: 'quantile', quantile: 0.02 } } }),
      await dissected({ models, cache, settings: { ...few, ...IQR } }),
      await dissected({ models, cache, settings: { ...few, leastIou: 0.05 } }),
      await dissected({ models, cache, settings: { ...few, resolution: 32 } }),
      await dissected({ models, cache, settings: { ...few, layers: ['l8b', 'l16'] } }),
      await dissected({ models, cache, settings: { ...few, layers: ['l16', 'l8b'] } }),
    ];
    expect(files.map(({ cached }) => cached)).toEqual(files.map(() => false));
    expect(new Set(files.map(({ file }) => file)).size).toBe(files.length);
  });

  it('that are cut off or of another kind are made again, and that is said', async () => {
    const models = withModels();
    const cache = temporaryFolder();
    const asked = { models, cache, settings: { samples: 32 } };
    const { file, dissection } = await dissected(asked);
    const stateFile = path.join(path.dirname(file ?? ''), 'state.bin');
    for (const text of ['{"schema":1,', '{}', '']) {
      fs.writeFileSync(file ?? '', text);
      fs.writeFileSync(stateFile, 'no state');
      const again = await dissected(asked);
      expect(again.cached).toBe(false);
      const [kept, state, ...others] = again.dissection.warnings;
      expect([kept, state]).toEqual([
        expect.stringContaining('kept from before was damaged'),
        expect.stringContaining('What an earlier run had kept of this dissection was damaged'),
      ]);
      expect(lasting({ ...again.dissection, warnings: others })).toEqual(lasting(dissection));
    }
  });
});

describe('what is found', () => {
  const [demo] = reference.cases;
  const [layer] = demo?.layers ?? [];
  const f8 = (text = '') => new Float64Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer);

  it('is what NumPy finds: tails, areas, labels, means and peaks', async () => {
    const samples = demo?.samples ?? 0;
    const { levelSeed, seed, tail } = reference;
    const models = withModels();
    // Levels judged on the sample they were chosen on show their tails.
    const seen = await dissected({ models, settings: { samples, seed: levelSeed, levelSeed } });
    const learned = seen.dissection.layers[0]?.units ?? [];
    expect(learned).toHaveLength(128);
    const exact = f8(layer?.exact);
    const [means, peaks] = [f8(layer?.mean), f8(layer?.peak)];
    for (const { unit, maskShare, level, mean, peak } of learned) {
      const wanted = exact[unit] as number;
      expect(Math.abs(maskShare - tail)).toBeLessThan(1e-4);
      expect(Math.abs(level - wanted)).toBeLessThan(0.005 * wanted);
      expect(Math.abs(mean - (means[unit] as number))).toBeLessThan(1e-5);
      expect(Math.abs(peak / (peaks[unit] as number) - 1)).toBeLessThan(1e-5);
    }
    const { dissection } = await dissected({ models, settings: { samples, seed, levelSeed } });
    f8(demo?.area).forEach((area, c) => {
      expect(Math.abs((dissection.conceptShare[c] as number) - area)).toBeLessThan(1e-4);
    });
    const [theirs, labels, second] = [f8(layer?.iou), f8(layer?.label), f8(layer?.second)];
    const clear = (dissection.layers[0]?.units ?? []).filter(({ unit, iou, concept }) => {
      // Their levels lie up to 200 of 8,600 values beside ours: IoUs are near, and labels the same wherever they are clear.
      expect(Math.abs(iou - (theirs[unit * 13 + concept] as number))).toBeLessThan(0.006);
      return iou - (second[unit] as number) > 0.012;
    });
    expect(clear.length).toBeGreaterThan(100);
    for (const { unit, concept } of clear) expect(concept).toBe(labels[unit]);
  });

  it('is held out: the levels of one seed, the agreement of another', async () => {
    const models = withModels();
    const own = { samples: 210, seed: 1, levelSeed: 2 };
    const [held, other] = [
      await dissected({ models, settings: own }),
      await dissected({ models, settings: { ...own, levelSeed: 1 } }),
    ];
    const shares = (held.dissection.layers[0]?.units ?? []).map(({ maskShare }) =>
      Math.abs(maskShare - 0.01),
    );
    // On other samples a level leaves about 1 % above it; on its own exactly that.
    expect(Math.max(...shares)).toBeGreaterThan(1e-3);
    expect(Math.max(...shares)).toBeLessThan(0.02);
    expect(iouDifference(held.dissection, other.dissection)).toBeGreaterThan(1e-4);
  });

  it('keeps every interval around its IoU, every bar above its null, and names what is above both', async () => {
    const { dissection } = await dissected({ models: withModels(), settings: { samples: 210 } });
    for (const unit of dissection.layers[0]?.units ?? []) {
      const [low, high] = unit.interval;
      expect([low <= unit.iou, unit.iou <= high, unit.bar >= unit.nullIou]).toEqual([true, true, true]);
      expect(unit.interpretable).toBe(unit.iou > 0.04 && unit.iou > unit.bar);
      const row = dissection.layers[0]?.iou[unit.unit] ?? [];
      expect(Math.max(...row)).toBe(unit.iou);
      expect(row.indexOf(unit.iou)).toBe(unit.concept);
      expect(unit.top).toHaveLength(10);
      expect(unit.top[0]?.value).toBe(unit.peak);
      expect(unit.top.map(({ value }) => value)).toEqual(
        unit.top.map(({ value }) => value).toSorted((a, b) => b - a),
      );
    }
  });

  it('is nothing for a unit that knows nothing of the picture', async () => {
    // The checkpoint before training: its layers see the latent, but its pictures show nothing.
    const untrained = path.join(path.dirname(DEMO), 'checkpoints', 'step-000000.onnx');
    const { dissection } = await dissected({
      ...{ models: withModels(), model: { path: untrained } },
      settings: { samples: 210 },
    });
    expect(dissection.layers[0]?.interpretable).toBeLessThanOrEqual(2);
  });
});

describe('generators of every kind', () => {
  it.each([
    ['a batch of one, and noise inside', 'stylegan2.ts.op11.b1.onnx', 'synthesis.b16.conv0'],
    ['two samples in one run fail', 'stylegan2.ts.op13.onnx', 'synthesis.b8.conv1'],
    ['half precision', 'dcgan.ts.op13.fp16.onnx', 'main.8'],
    ['half precision, noise inside', 'stylegan2-unfused.ts.op13.fp16.onnx', 'synthesis.b32.conv0'],
    ['the decoder of a VAE', 'vae.ts.op11.onnx', 'up.1.1'],
  ])('%s', async (_, file, layer) => {
    const asked = {
      model: { path: path.join(ZOO, file) },
      settings: { layers: [layer], samples: 12 },
    };
    const first = await dissected({ ...asked, models: withModels() });
    const second = await dissected({ ...asked, models: withModels(), batch: 5 });
    const [found] = first.dissection.layers;
    expect(found?.units.length).toBeGreaterThan(0);
    expect(found?.units.every(({ peak, level }) => Number.isFinite(peak) && Number.isFinite(level))).toBe(
      true,
    );
    // Other pictures for other samples: not one and the same twelve times.
    expect(new Set(found?.units[0]?.top.map(({ value }) => value)).size).toBeGreaterThan(1);
    expect(iouDifference(first.dissection, second.dissection)).toBeLessThan(
      file.includes('fp16') ? 5e-3 : 1e-4,
    );
  });

  it('a class alone', async () => {
    const models = withModels();
    const { dissection } = await dissected({ models, settings: { classes: 3, samples: 32 } });
    const { dissection: all } = await dissected({ models, settings: { samples: 32 } });
    expect(dissection.conceptShare).not.toEqual(all.conceptShare);
  });

  it('layers of one unit', async () => {
    const folder = temporaryFolder();
    const model = { path: writeTinyGenerator(folder, 'one.onnx', { units: 1, side: 8 }) };
    const segmenter = writeTinySegmenter(path.join(folder, 'tiny'));
    const models = withModels();
    const [layer] = (await layersIn(await models.generator(model))).all;
    const { dissection } = await dissected({
      ...{ models, model, segmenter },
      settings: { layers: [layer?.name ?? ''], samples: 100 },
    });
    const [unit] = dissection.layers[0]?.units ?? [];
    expect(dissection.layers[0]?.units).toHaveLength(1);
    expect(Math.abs((unit?.maskShare ?? 0) - 0.01)).toBeLessThan(0.005);
    expect(dissection.maps).toEqual([8, 8]);
  });

  it('a concept that never occurs has a share of 0, an IoU of 0, and is nobody’s', async () => {
    const segmenter = writeTinySegmenter(path.join(temporaryFolder(), 'tiny'));
    for (const { mode } of MODES) {
      const { dissection } = await dissected({ models: withModels(), segmenter, settings: mode });
      expect(dissection.conceptShare[2]).toBe(0);
      const [found] = dissection.layers;
      expect(found?.iou.map((row) => row[2])).toEqual(found?.iou.map(() => 0));
      expect(found?.units.some(({ concept }) => concept === 2)).toBe(false);
      expect(JSON.stringify(dissection)).not.toMatch(/null,|:null|NaN/);
    }
  });

  it('a unit that never fires', async () => {
    const folder = temporaryFolder();
    const model = { path: writeTinyGenerator(folder, 'dead.onnx', { units: 4, side: 8, gain: 0 }) };
    const segmenter = writeTinySegmenter(path.join(folder, 'tiny'));
    const models = withModels();
    const [layer] = (await layersIn(await models.generator(model))).all;
    for (const { mode } of MODES) {
      const { dissection } = await dissected({
        ...{ models, model, segmenter },
        settings: { ...mode, layers: [layer?.name ?? ''] },
      });
      expect(dissection.layers[0]).toMatchObject({ interpretable: 0, null99: 0 });
      expect(dissection.layers[0]?.units[0]).toMatchObject({ iou: 0, maskShare: 0, peak: 0, level: 0 });
      expect(JSON.stringify(dissection)).not.toMatch(/null,|:null|NaN/);
    }
  });
});
