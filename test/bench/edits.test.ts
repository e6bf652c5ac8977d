/**
 * A slider against its limit: the suffix alone, as a bare `session.run` on the same feature maps, in the same run, in turn,
 * so that a machine that drifts drifts for both. Nothing is asserted: timings are measured, not tested.
 */
import path from 'node:path';
import { it } from 'vitest';
import { planLatents } from '../../src/algorithms/latent/plan.ts';
import { CutGenerator } from '../../src/engine/edits/cutGenerator.ts';
import { editedSample } from '../../src/engine/edits/editedSample.ts';
import { editable } from '../../src/engine/edits/open.ts';
import { editedLayers } from '../../src/engine/edits/stack.ts';
import { Models } from '../../src/engine/models/models.ts';
import { tensorShapes } from '../../src/engine/open/shapes.ts';
import { requestOf } from '../../src/engine/samples/sampling.ts';
import { intervene } from '../../src/onnx/surgery/intervene.ts';
import { split } from '../../src/onnx/surgery/split/split.ts';
import type { Edit, EditRegion } from '../../src/shared/edits/edits.ts';
import type { LayerDescription } from '../../src/shared/generator/model.ts';
import { collector, DEMO, seeds, startEngine } from '../engine/support/engine.ts';
import { type Figure, figure, print } from './support/report.ts';

const SAMPLES = 16;
const ROUNDS = 200;
const WARM = 20;
const plan = seeds(SAMPLES);
const model = { path: DEMO };

function editOf(
  { name, tensor, units }: LayerDescription,
  strength: number,
  region: EditRegion | null,
): Edit {
  return {
    ...{ id: 'e', name, layer: name, tensor, strength, region, samples: null, muted: false },
    intent: { kind: 'ablate', to: 'zero' },
    units: Array.from({ length: Math.min(20, units) }, (_, unit) => ({ unit, scale: 0, shift: 0 })),
  };
}

function painted({ resolution: [height, width] }: LayerDescription): EditRegion {
  return { height, width, weights: Array.from({ length: height * width }, (_, i) => (i % 3) / 2) };
}

/** The suffix's own session and all it is fed with, made once. */
async function bareSuffix(models: Models, layer: LayerDescription, region: EditRegion | null) {
  const { generator, layers } = await editable(models, model);
  const shapes = await tensorShapes({ ...generator.oneSample(), folder: path.dirname(DEMO) });
  const request = requestOf(
    planLatents(plan, generator.latentSize, generator.classes),
    plan,
    0,
    SAMPLES,
    'random',
  );
  const cut = await CutGenerator.open(generator, layer.tensor, [layer.tensor], shapes, 1);
  const crossing = await cut.crossing(request, [], 1);
  const options = { shapes, outputs: [generator.imageName] };
  const { suffix } = split(generator.graphAt(1).model, layer.tensor, options);
  const { model: edited, interventions } = intervene(suffix, [layer.tensor]);
  const session = await generator.open(edited);
  const [site] = interventions;
  const [stack] = editedLayers([editOf(layer, 0.5, region)], layers, []);
  if (!site || !stack) throw new Error('nothing is edited');
  const { shape, scale, shift } = stack.affine;
  const added = new Set([site.scale, site.shift, ...Object.keys(crossing)]);
  const feeds = {
    ...generator.feedsOf(
      session.inputs.filter(({ name }) => !added.has(name)),
      request,
    ),
    ...crossing,
    [site.scale]: { dtype: 'float32', shape, data: scale },
    [site.shift]: { dtype: 'float32', shape, data: shift },
  };
  return { run: () => session.run(feeds), release: () => session.release() };
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

function p95(name: string, values: readonly number[], goal?: { text: string; most: number }): Figure {
  const value = percentile(values, 0.95);
  const base = {
    name,
    unit: 'ms',
    value,
    runs: values.length,
    low: Math.min(...values),
    high: Math.max(...values),
  };
  return goal ? { ...base, goal: goal.text, met: value <= goal.most } : base;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

it.each([
  ['l8b', 'everywhere'],
  ['l8b', 'painted'],
  ['l16', 'everywhere'],
  ['l32', 'everywhere'],
] as const)('a slider at %s, %s', { timeout: 600_000 }, async (name, where) => {
  const models = new Models({ threads: 0 });
  const { layers } = await editable(models, model);
  const layer = layers.find((one) => one.name === name) as LayerDescription;
  const region = where === 'painted' ? painted(layer) : null;
  const bare = await bareSuffix(models, layer, region);
  const { client } = startEngine();
  const at = (round: number) => [editOf(layer, 0.1 + (0.8 * (round % 97)) / 97, region)];
  const asked = (round: number) =>
    ({ model, plan, edits: at(round), maxSide: 64, encoding: 'rgba' }) as const;
  const inProcess = (round: number) => {
    const context = { models, signal: new AbortController().signal, report: () => undefined };
    return editedSample(asked(round), context);
  };
  const throughEngine = (round: number) => client.request('editedSample', asked(round), collector());
  const first = await timed(() => throughEngine(0));
  const second = await timed(() => throughEngine(1));
  for (let round = 0; round < WARM; round++) {
    await bare.run();
    await inProcess(round);
    await throughEngine(round);
  }
  const times = { bare: [] as number[], task: [] as number[], engine: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    times.bare.push(await timed(bare.run));
    times.task.push(await timed(() => inProcess(round)));
    times.engine.push(await timed(() => throughEngine(round)));
  }
  const ratios = times.task.map((ms, i) => ms / (times.bare[i] as number));
  print(`a slider at ${name}, ${where} (demo, ${SAMPLES} samples, 20 units)`, [
    figure('bare session.run of the suffix', 'ms', times.bare),
    figure('an edit in the engine, to pixels', 'ms', times.task),
    figure('edit ÷ bare suffix', '×', ratios, { text: '≤ 1.2', holds: (value) => value <= 1.2 }),
    figure('an edit over process IPC, p50', 'ms', times.engine, {
      text: '≤ 30',
      holds: (value) => value <= 30,
    }),
    p95('an edit over process IPC, p95', times.engine, { text: '≤ 60', most: 60 }),
    figure('first edit of a new engine: load, cut, prefix', 'ms', [first]),
    figure('second edit', 'ms', [second]),
  ]);
  await bare.release();
  await models.releaseAll();
});
