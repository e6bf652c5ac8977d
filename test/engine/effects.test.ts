/** Effects over a real engine process: measured as jobs, one a model, kept on disk and found again after a reload. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { Jobs } from '../../src/host/process/jobs.ts';
import { effectMemory } from '../../src/host/studies/effectMemory.ts';
import { Effects } from '../../src/host/studies/effects.ts';
import {
  EFFECT_DEFAULTS,
  type EffectQuestion,
  PLACEMENT_DEFAULTS,
} from '../../src/shared/effects/effects.ts';
import type { PageNotifications } from '../../src/shared/pageProtocol.ts';
import { DEMO, ROOT, startEngine, temporaryFolder, until } from './support/engine.ts';
import { memento } from './support/memento.ts';

type Change = PageNotifications['effectsChanged'];

const SEGMENTER = path.join(ROOT, 'media', 'demo', 'segmenter');
const few = { samples: 8, trainingSamples: 8, resolution: 64, layer: 'l8b', concept: ['tree'] };
const EFFECT: EffectQuestion = {
  kind: 'effect',
  settings: { ...EFFECT_DEFAULTS, ...few, random: 2, curve: 2, choice: { kind: 'given', units: [11, 31] } },
};
const PLACEMENT: EffectQuestion = {
  kind: 'placement',
  settings: { ...PLACEMENT_DEFAULTS, ...few, units: [11, 31], patch: 4 },
};
/** Hours, if nobody stops it. */
const LONG: EffectQuestion = {
  kind: 'effect',
  settings: { ...EFFECT_DEFAULTS, ...few, samples: 100_000, choice: { kind: 'given', units: [11] } },
};

function openWindow(state = memento(), folder: string | null = temporaryFolder()) {
  const { client } = startEngine({ name: 'jobs', hardCancelMs: 10_000 });
  const jobs = new Jobs();
  const effects = new Effects({ jobs: client }, jobs);
  const warnings: string[] = [];
  const log = { warn: (message: string) => void warnings.push(message) };
  const memory = effectMemory({ state, model: 'file:///g', folder, log });
  const changes: Change[] = [];
  effects.subscribe((model, change) => {
    if (model === 'file:///g') changes.push(change);
  });
  const start = (question: EffectQuestion, more: { key?: string; segmenter?: string } = {}) =>
    effects.start({
      ...{ key: 'file:///g', title: 'Measure', question, model: { path: DEMO }, segmenter: SEGMENTER },
      ...{ cache: null, stamp: 'stamp', memory },
      ...more,
    });
  return { jobs, effects, memory, changes, start, warnings, state, folder };
}

describe('effects as jobs', () => {
  it('report, end, and are there again in the next window', async () => {
    const { jobs, effects, memory, changes, start, state, folder } = openWindow();
    const job = start(EFFECT);
    expect(effects.runningOf('file:///g')).toEqual({ kind: 'effect', job, progress: null });
    const ended = await jobs.finished(job);
    expect(ended).toMatchObject({ kind: 'effect', state: 'done' });
    await until(() => changes.at(-1)?.ended === true);
    expect(changes.at(-1)).toEqual({ kind: 'effect', progress: null, ended: true });
    expect(effects.runningOf('file:///g')).toBeNull();
    const phases = new Set(changes.flatMap(({ progress }) => progress?.phase ?? []));
    expect([...phases]).toEqual(['values', 'measuring']);
    const found = await memory.read('effect');
    expect(found).toMatchObject({ layer: 'l8b', units: [11, 31], settings: EFFECT.settings });
    expect(found?.random.removed).toHaveLength(2);
    expect(memory.kept('effect')).toMatchObject({ stamp: 'stamp', sha256: found?.model.sha256 });
    expect(await memory.read('placement')).toBeNull();

    await jobs.finished(start(PLACEMENT));
    const next = openWindow(state, folder);
    expect(await next.memory.read('effect')).toEqual(found);
    expect((await next.memory.read('placement'))?.map).toMatchObject({ height: 8, width: 8 });
    expect(
      fs.readdirSync(path.join(folder ?? '', 'effects')).filter((name) => name.endsWith('.part')),
    ).toEqual([]);
  });

  it('one a model, and cancelled they leave the last answer as it is', async () => {
    const { jobs, effects, memory, changes, start } = openWindow();
    await jobs.finished(start(EFFECT));
    const before = await memory.read('effect');
    const job = start(LONG);
    expect(() => start(PLACEMENT)).toThrow(expect.objectContaining({ code: 'engine.busy' }));
    await until(() =>
      changes.some(({ progress }) => progress?.phase === 'measuring' && progress.total > 1e6),
    );
    await until(() => (effects.runningOf('file:///g')?.progress?.eta ?? 0) > 0);
    jobs.cancel(job);
    expect(await jobs.finished(job)).toMatchObject({ state: 'cancelled' });
    await until(() => changes.at(-1)?.ended === true);
    // No failure: the person wanted it so.
    expect(changes.at(-1)?.error).toBeUndefined();
    expect(await memory.read('effect')).toEqual(before);
    expect(await jobs.finished(start(PLACEMENT))).toMatchObject({ state: 'done' });
  });

  it('that fail say why', async () => {
    const { jobs, changes, start } = openWindow();
    const wrong = { ...EFFECT, settings: { ...EFFECT.settings, concept: ['dog'] } } as EffectQuestion;
    await jobs.finished(start(wrong));
    await until(() => changes.at(-1)?.ended === true);
    expect(changes.at(-1)?.error).toMatchObject({ code: 'input.invalid' });
    const homeless = openWindow(memento(), null);
    const ended = await homeless.jobs.finished(homeless.start(EFFECT));
    expect(ended).toMatchObject({ state: 'failed', error: { code: 'output.notWritable' } });
  });

  it('whose file is gone or cut off are not there any more', async () => {
    const { jobs, memory, start, warnings } = openWindow();
    await jobs.finished(start(EFFECT));
    const { file } = memory.kept('effect') ?? { file: '' };
    fs.truncateSync(file, 100);
    expect(await memory.read('effect')).toBeNull();
    fs.writeFileSync(file, '{"schema": 1}');
    expect(await memory.read('effect')).toBeNull();
    // Both were set aside, so that nothing is there now.
    expect(fs.existsSync(file)).toBe(false);
    expect(await memory.read('effect')).toBeNull();
    expect(warnings).toHaveLength(3);
  });
});
