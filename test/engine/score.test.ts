/** Scores through the engine: what is kept, what a cancel and a full disk cost, edits, trials. */
import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { score } from '../../src/engine/scores/score.ts';
import { scoreTrial } from '../../src/engine/scores/scoreTrial.ts';
import type { Edit } from '../../src/shared/edits/edits.ts';
import { SCORE_DEFAULTS, type ScoreParams, type ScoreProgress } from '../../src/shared/scores/scores.ts';
import { DEMO, startEngine, temporaryFolder, until } from './support/engine.ts';
import { context, settings, testModels } from './support/scoring.ts';

function params(cache: string | null, more: Partial<ScoreParams['settings']> = {}): ScoreParams {
  return { model: { path: DEMO }, settings: settings(more), cache };
}

function rowsFile(cache: string, bytes = 0): string {
  const folder = path.join(cache, 'features');
  const files = fs.readdirSync(folder).map((name) => path.join(folder, name));
  return files.find((file) => fs.statSync(file).size === bytes) ?? (files[0] as string);
}

it('makes every picture once: another score on the same samples costs no forward pass', async () => {
  const cache = temporaryFolder();
  const models = testModels();
  const first = await score(params(cache), context(models));
  expect(first.forwardPasses).toBe(96);
  const again = await score(params(cache, { scores: ['kid', 'fid'] }), context(models));
  expect(again.forwardPasses).toBe(0);
  expect(again.scores.at(-1)?.value).toBe(first.scores[0]?.value);
  // More samples are only added to those there are, and are what they would have been alone.
  const more = await score(params(cache, { samples: 40 }), context(models));
  expect(more.forwardPasses).toBe(8);
  const alone = await score(params(null, { samples: 40 }), context(models));
  expect(more.scores[0]?.value).toBeCloseTo(alone.scores[0]?.value ?? 0, 3);
  expect(alone.forwardPasses).toBe(104);
});

it('is made anew for other seeds, bytes, edits and extractor layers', async () => {
  const cache = temporaryFolder();
  const models = testModels();
  await score(params(cache), context(models));
  const edits: Edit[] = [ablation([1, 2])];
  const others: ScoreParams[] = [
    params(cache, { seed: 9 }),
    params(cache, { quantisation: 'floor' }),
    { ...params(cache), edits },
  ];
  for (const other of others) expect((await score(other, context(models))).forwardPasses).toBeGreaterThan(31);
});

function ablation(units: readonly number[], strength = 1): Edit {
  return {
    ...{ id: 'e', name: 'off', layer: 'l16', tensor: 'l16', intent: { kind: 'ablate', to: 'zero' } },
    ...{ units: units.map((unit) => ({ unit, scale: 0, shift: 0 })), strength, region: null },
    ...{ samples: null, muted: false },
  };
}

it('compares an edit with the same latents without it, with an interval of the difference', async () => {
  const cache = temporaryFolder();
  const models = testModels();
  const wish = { ...params(cache, { samples: 60 }), compare: true };
  const run = await score(
    { ...wish, edits: [ablation(Array.from({ length: 60 }, (_, i) => i))] },
    context(models),
  );
  const [after, before, difference] = [run.scores[0], run.edited?.before[0], run.edited?.difference[0]];
  expect(difference?.value).toBeCloseTo((after?.value ?? 0) - (before?.value ?? 0), 9);
  const width = (value: typeof after) =>
    value?.interval ? value.interval[1] - value.interval[0] : Number.NaN;
  expect(width(difference)).toBeGreaterThan(0);
  const plain = await score(params(cache, { samples: 60 }), context(models));
  expect(plain.forwardPasses).toBe(0);
  expect(before?.value).toBe(plain.scores[0]?.value);
});

it('an edit that changes nothing differs by nothing', async () => {
  const models = testModels();
  const change = { ...ablation([]), units: [{ unit: 0, scale: 1, shift: 0 }] };
  const run = await score(
    { ...params(null, { samples: 64 }), edits: [change], compare: true },
    context(models),
  );
  expect(run.edited?.difference[0]?.value).toBeCloseTo(0, 6);
});

it('goes on after a cancel where it stopped, to the same value', async () => {
  const cache = temporaryFolder();
  const models = testModels();
  const controller = new AbortController();
  const seen: ScoreProgress[] = [];
  const report = (progress: ScoreProgress) => {
    seen.push(progress);
    if (progress.phase === 'samples' && progress.done >= 16) controller.abort();
  };
  const wish = params(cache, { samples: 80 });
  await expect(score(wish, { ...context(models, controller.signal), report })).rejects.toMatchObject({
    code: 'request.cancelled',
  });
  const stopped = seen.at(-1)?.done ?? 0;
  expect(stopped).toBeLessThan(80);
  const after = await score(wish, context(models));
  expect(after.forwardPasses).toBe(80 - stopped);
  const whole = await score(params(null, { samples: 80 }), context(models));
  expect(after.scores[0]?.value).toBeCloseTo(whole.scores[0]?.value ?? 0, 3);
});

it('goes on after its process was killed, and loses at most what was not kept yet', async () => {
  const cache = temporaryFolder();
  const { client } = startEngine({ name: 'jobs', hardCancelMs: 0 });
  const wish = params(cache, { samples: 4000 });
  const controller = new AbortController();
  const { signal } = controller;
  const running = client
    .request('score', wish, { signal, onProgress: () => {} })
    .catch((thrown: unknown) => thrown);
  const kept = () => {
    const folder = path.join(cache, 'features');
    const sizes = fs.existsSync(folder)
      ? fs.readdirSync(folder).map((f) => fs.statSync(path.join(folder, f)).size)
      : [];
    return sizes.length === 2 && Math.min(...sizes) > 0;
  };
  await until(kept, 60_000);
  client.dispose();
  controller.abort();
  expect(await running).toBeInstanceOf(Error);
  const trial = await scoreTrial(wish, context(testModels()));
  expect(trial.missingReference).toBe(0);
  expect(trial.missing).toBeLessThan(4000);
});

it('a row that was cut off, or is of another run, is made again', async () => {
  const cache = temporaryFolder();
  const models = testModels();
  const first = await score(params(cache), context(models));
  const bytes = (128 + 7 + 3) * 4;
  const samples = rowsFile(cache, 32 * bytes);
  fs.truncateSync(samples, 24 * bytes + 13);
  const cut = await score(params(cache), context(models));
  expect(cut.forwardPasses).toBe(8);
  const file = fs.openSync(samples, 'r+');
  fs.writeSync(file, new Uint8Array(bytes), 0, bytes, 20 * bytes);
  fs.closeSync(file);
  const torn = await score(params(cache), context(models));
  expect(torn.forwardPasses).toBe(12);
  expect(torn.scores[0]?.value).toBeCloseTo(first.scores[0]?.value ?? 0, 4);
});

it.runIf(process.platform === 'linux')('a full disk costs the keeping, not the score', async () => {
  const cache = temporaryFolder();
  const models = testModels();
  const wanted = await score(params(cache), context(models));
  for (const name of fs.readdirSync(path.join(cache, 'features'))) {
    const file = path.join(cache, 'features', name);
    fs.rmSync(file);
    fs.symlinkSync('/dev/full', file);
  }
  const run = await score(params(cache), context(models));
  expect(run.scores[0]?.value).toBeCloseTo(wanted.scores[0]?.value ?? 0, 4);
  expect(run.warnings).toContainEqual(expect.stringMatching(/not kept for another time: .*the disk is full/));
});

it('a checkpoint is a reference too, sampled with a seed of its own', async () => {
  const models = testModels();
  const reference = { kind: 'model', model: { path: DEMO }, seed: 2 } as const;
  const run = await score(params(null, { samples: 60, reference, referenceSamples: 60 }), context(models));
  expect(run.reference).toMatchObject({ kind: 'model', name: 'generator.onnx', count: 60 });
  const same = { ...reference, seed: 1 };
  const self = await score(
    params(null, { samples: 60, reference: same, referenceSamples: 60 }),
    context(models),
  );
  expect(self.scores[0]?.value).toBeCloseTo(0, 4);
  expect(run.scores[0]?.value).toBeGreaterThan(0.1);
});

it('says before any work what cannot be computed', async () => {
  const models = testModels();
  const before = performance.now();
  for (const [more, says] of [
    [{ scores: ['fud'] }, 'fud'],
    [{ reference: null, scores: ['fid'] }, 'compares with a reference'],
  ] as const)
    await expect(score(params(null, { samples: 1_000_000, ...more }), context(models))).rejects.toMatchObject(
      {
        code: 'input.invalid',
        message: expect.stringContaining(says),
      },
    );
  // A hang guard: a million samples take hours.
  expect(performance.now() - before).toBeLessThan(30_000);
});

it('a trial tells how long it takes, and what is there already', async () => {
  const cache = temporaryFolder();
  const models = testModels();
  const wish = params(cache, { samples: 64 });
  const trial = await scoreTrial(wish, context(models));
  expect(trial).toMatchObject({ images: 32, missing: 64, missingReference: 64 });
  expect(trial.eta).toBeCloseTo((1000 * 64) / trial.rate + (1000 * 64) / (trial.rateReference ?? 0), 3);
  await score(wish, context(models));
  expect(await scoreTrial(wish, context(models))).toMatchObject({ missing: 0, missingReference: 0, eta: 0 });
});

it('reports phases, images a second and partial scores', async () => {
  const seen: ScoreProgress[] = [];
  const wish = params(null, { scores: ['fid', 'kid'] });
  await score(wish, { ...context(testModels()), report: (progress) => seen.push(progress) });
  expect([...new Set(seen.map(({ phase }) => phase))]).toEqual(['reference', 'samples', 'scores']);
  expect(seen.some(({ rate }) => (rate ?? 0) > 0)).toBe(true);
  expect(
    seen.some(({ phase, done, partial }) => phase === 'scores' && done === 1 && partial?.length === 1),
  ).toBe(true);
  expect(SCORE_DEFAULTS.scores).toContain('fid');
});
