/**
 * Features of samples against their limit: a loop of bare `session.run` calls, generator then extractor, on floats that
 * never become bytes; in the same run, in turn. Nothing is asserted: timings are measured, not tested.
 */
import { it } from 'vitest';
import { planLatents } from '../../src/algorithms/latent/plan.ts';
import { runFeatures } from '../../src/engine/features/featuresPass.ts';
import {
  type GeneratorSourceOptions,
  openGeneratorSource,
} from '../../src/engine/features/generatorSource.ts';
import { Models } from '../../src/engine/models/models.ts';
import { Session } from '../../src/engine/runtime/session.ts';
import { SCORE_DEFAULTS } from '../../src/shared/scores/scores.ts';
import { DEMO, temporaryFolder } from '../engine/support/engine.ts';
import { EXTRACTOR } from '../engine/support/scoring.ts';
import { figure, print } from './support/report.ts';

const N = 512;
const ROUNDS = 7;
const BATCH = 32;

it('features of samples', { timeout: 600_000 }, async () => {
  const models = new Models({ threads: 0 });
  const generator = await models.generator({ path: DEMO });
  const extractor = await models.extractor({ path: EXTRACTOR });
  const bareExtractor = await Session.fromFile(EXTRACTOR, { threads: 0, optimize: 'all' });
  const signal = new AbortController().signal;
  const plan: GeneratorSourceOptions['plan'] = {
    ...{ kind: 'seeds', source: SCORE_DEFAULTS.source, seed: 1, count: N, classes: 'all' },
  };
  const planned = planLatents(plan, generator.latentSize, generator.classes);
  const [latents, classes] = [planned.rows(0, N), planned.classWeights(0, N)];
  const bare = async () => {
    const started = performance.now();
    for (let at = 0; at < N; at += BATCH) {
      const z = latents.subarray(at * 96, (at + BATCH) * 96);
      const category = classes.subarray(at * 7, (at + BATCH) * 7);
      const { [generator.imageName]: image } = await generator.session.run({
        z: { dtype: 'float32', shape: [BATCH, 96], data: z },
        category: { dtype: 'float32', shape: [BATCH, 7], data: category },
      });
      if (image) await bareExtractor.run({ image });
    }
    return performance.now() - started;
  };
  const options = { models, model: { path: DEMO }, plan, quantisation: 'round', edits: [], signal } as const;
  const pass = async (cache: string | null) => {
    const source = await openGeneratorSource(options);
    const started = performance.now();
    await runFeatures({ source, extractor, cache, phase: 'samples', signal, report: () => {} });
    return performance.now() - started;
  };
  const kept = temporaryFolder();
  await bare();
  await pass(null);
  await pass(kept);
  const times = { bare: [] as number[], pass: [] as number[], keeping: [] as number[], kept: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    times.bare.push(await bare());
    times.pass.push(await pass(null));
    times.keeping.push(await pass(temporaryFolder()));
    times.kept.push(await pass(kept));
  }
  const ratio = (other: readonly number[]) => times.bare.map((ms, i) => ms / (other[i] as number));
  const goal = { text: '≥ 0.95', holds: (value: number) => value >= 0.95 };
  const rate = (list: readonly number[]) => list.map((ms) => (1000 * N) / ms);
  print(`features of samples (demo, ${N} samples)`, [
    figure(`bare session.run loop, batches of ${BATCH}`, 'img/s', rate(times.bare)),
    figure('features pass, nothing kept', 'img/s', rate(times.pass)),
    figure('features pass, kept on disk as it goes', 'img/s', rate(times.keeping)),
    figure('read back from disk', 'img/s', rate(times.kept)),
    figure('ratio to the bare loop, nothing kept', '', ratio(times.pass), goal),
    figure('ratio to the bare loop, kept', '', ratio(times.keeping), goal),
  ]);
  await bareExtractor.release();
  await models.releaseAll();
});
