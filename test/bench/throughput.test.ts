/**
 * Sampling against its limit: a loop of bare `session.run` calls on the same model, in the same run, in turn, so that a
 * machine that drifts drifts for both. Nothing is asserted: timings are measured, not tested.
 */
import { it } from 'vitest';
import { planLatents } from '../../src/algorithms/latent/plan.ts';
import { Models } from '../../src/engine/models/models.ts';
import { samplePictures } from '../../src/engine/samples/sampling.ts';
import { collector, DEMO, seeds, startEngine } from '../engine/support/engine.ts';
import { figure, median, print } from './support/report.ts';

const N = 512;
const ROUNDS = 9;
const BATCH = 32;

it('sampling throughput', { timeout: 300_000 }, async () => {
  const models = new Models({ threads: 0 });
  const generator = await models.generator({ path: DEMO });
  const planned = planLatents(seeds(N), generator.latentSize, generator.classes);
  const latents = planned.rows(0, N);
  const classes = planned.classWeights(0, N);
  const bare = async () => {
    const started = performance.now();
    for (let at = 0; at < N; at += BATCH) {
      await generator.session.run({
        z: { dtype: 'float32', shape: [BATCH, 96], data: latents.subarray(at * 96, (at + BATCH) * 96) },
        category: { dtype: 'float32', shape: [BATCH, 7], data: classes.subarray(at * 7, (at + BATCH) * 7) },
      });
    }
    return performance.now() - started;
  };
  const inProcess = async () => {
    const started = performance.now();
    for await (const _ of samplePictures(generator, seeds(N), { signal: new AbortController().signal }));
    return performance.now() - started;
  };
  const { client } = startEngine();
  const throughEngine = async () => {
    const got = collector();
    const started = performance.now();
    await client.request(
      'sample',
      { model: { path: DEMO }, plan: seeds(N), maxSide: 64, encoding: 'rgba' },
      { onProgress: got.onProgress },
    );
    return performance.now() - started;
  };
  for (const warmUp of [bare, inProcess, throughEngine]) await warmUp();
  const times = { bare: [] as number[], inProcess: [] as number[], engine: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    times.bare.push(await bare());
    times.inProcess.push(await inProcess());
    times.engine.push(await throughEngine());
  }
  const ratio = (other: readonly number[]) => times.bare.map((ms, i) => ms / (other[i] as number));
  const goal = { text: '≥ 0.95', holds: (value: number) => value >= 0.95 };
  print('sampling throughput (demo, 512 samples)', [
    figure(
      'bare session.run loop, batches of 32',
      'img/s',
      times.bare.map((ms) => (1000 * N) / ms),
    ),
    figure(
      'sampling to RGBA, same process',
      'img/s',
      times.inProcess.map((ms) => (1000 * N) / ms),
    ),
    figure(
      'sampling to RGBA, engine process to host',
      'img/s',
      times.engine.map((ms) => (1000 * N) / ms),
    ),
    figure('ratio to the bare loop, same process', '', ratio(times.inProcess), goal),
    figure('ratio to the bare loop, engine process to host', '', ratio(times.engine), goal),
    figure('share of engine time outside the runtime', '', [1 - median(ratio(times.inProcess))]),
  ]);
  await models.releaseAll();
});
