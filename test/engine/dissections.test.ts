/** Dissections over a real engine process: paused, killed and taken up again they find what an undisturbed one finds. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { Jobs } from '../../src/host/process/jobs.ts';
import { DissectionMemory } from '../../src/host/studies/dissectionMemory.ts';
import { Dissections } from '../../src/host/studies/dissections.ts';
import type { PageNotifications } from '../../src/shared/pageProtocol.ts';
import {
  DISSECT_DEFAULTS,
  type Dissection,
  type DissectSettings,
} from '../../src/shared/units/dissection.ts';
import { isDissection } from '../../src/shared/units/dissectionGuards.ts';
import { DEMO, ROOT, startEngine, temporaryFolder, until } from './support/engine.ts';

type Change = PageNotifications['dissectionChanged'];

const SEGMENTER = path.join(ROOT, 'media', 'demo', 'segmenter');
const SETTINGS: DissectSettings = { ...DISSECT_DEFAULTS, layers: ['l8b'], samples: 96, resolution: 64 };
/** Enough for a few states on disk and several reports before it is done. */
const LONG: DissectSettings = { ...SETTINGS, samples: 1500 };

/** What a window has: jobs, an engine for them, and the workspace's memory. */
function openWindow(cache = temporaryFolder()) {
  const { client } = startEngine({ name: 'jobs', hardCancelMs: 10_000 });
  const jobs = new Jobs();
  const dissections = new Dissections({ jobs: client }, jobs);
  const kept = new Map<string, unknown>();
  const state = {
    keys: () => [...kept.keys()],
    get: (key: string) => kept.get(key),
    update: async (key: string, value: unknown) => void kept.set(key, JSON.parse(JSON.stringify(value))),
  };
  const memory = new DissectionMemory(
    state as ConstructorParameters<typeof DissectionMemory>[0],
    'file:///g',
  );
  const changes: Change[] = [];
  dissections.subscribe((model, change) => {
    if (model === 'file:///g') changes.push(change);
  });
  const start = (settings: DissectSettings, more: { model?: string; segmenter?: string } = {}) =>
    dissections.start({
      model: more.model ?? 'file:///g',
      title: 'Dissect',
      params: { model: { path: DEMO }, segmenter: more.segmenter ?? SEGMENTER, settings, cache },
      begun: { settings, segmenter: { kind: 'demo' }, stamp: 'stamp' },
      memory,
    });
  return { client, jobs, dissections, memory, changes, start, cache };
}

type Window = ReturnType<typeof openWindow>;

/** What was found, without what differs from run to run. */
function foundBy({ memory }: Window): Pick<Dissection, 'layers' | 'conceptShare' | 'maps'> {
  const file = memory.read().finished?.file ?? '';
  const { layers, conceptShare, maps } = JSON.parse(fs.readFileSync(file, 'utf8')) as Dissection;
  return { layers, conceptShare, maps };
}

const inAgreement = ({ changes }: Window) => changes.some(({ progress }) => progress?.phase === 'agreement');

describe('a dissection as a job', () => {
  it('reports, ends, and is remembered by its file', async () => {
    const window = openWindow();
    const { jobs, dissections, memory, changes, start } = window;
    const job = start(SETTINGS);
    expect(dissections.jobOf('file:///g')).toBe(job);
    expect(await jobs.finished(job)).toMatchObject({ state: 'done', progress: { done: 192, total: 192 } });
    await until(() => changes.at(-1)?.ended === true);
    expect(dissections.jobOf('file:///g')).toBeNull();
    const { finished, unfinished, settings } = memory.read();
    expect({ unfinished, settings }).toEqual({ unfinished: null, settings: SETTINGS });
    expect(finished).toMatchObject({ segmenter: { kind: 'demo' }, stamp: 'stamp' });
    expect(finished?.file.startsWith(path.join(window.cache, 'dissections'))).toBe(true);
    const dissection: unknown = JSON.parse(fs.readFileSync(finished?.file ?? '', 'utf8'));
    expect(isDissection(dissection)).toBe(true);
    expect(foundBy(window).layers[0]?.units).toHaveLength(128);
    const phases = new Set(changes.flatMap(({ progress }) => (progress ? [progress.phase] : [])));
    expect([...phases]).toEqual(['levels', 'agreement']);
    for (const progress of changes.flatMap((change) => change.progress ?? []))
      expect(progress.done).toBeLessThanOrEqual(96);
  });

  it('one a model: a second is refused, another model’s is not', async () => {
    const { jobs, start } = openWindow();
    const first = start(LONG);
    expect(() => start(SETTINGS)).toThrow(expect.objectContaining({ code: 'engine.busy' }));
    const other = start(SETTINGS, { model: 'file:///other' });
    jobs.cancel(first);
    expect(await jobs.finished(first)).toMatchObject({ state: 'cancelled' });
    expect(await jobs.finished(other)).toMatchObject({ state: 'done' });
    expect(await jobs.finished(start(SETTINGS))).toMatchObject({ state: 'done' });
  });

  it('tells at most five times a second, but always what has been found', async () => {
    const window = openWindow();
    const began = performance.now();
    await window.jobs.finished(window.start(LONG));
    const seconds = (performance.now() - began) / 1000;
    const partial = window.changes.filter(({ progress }) => progress?.partial);
    const plain = window.changes.length - partial.length;
    expect(plain).toBeGreaterThan(2);
    // Two more: the end, and the change of phase.
    expect(plain).toBeLessThanOrEqual(5 * seconds + 3);
    expect(partial.length).toBeGreaterThan(0);
    expect(partial[0]?.progress?.partial?.[0]?.units).toHaveLength(128);
  });

  it('that found no room for its file stays as long as the window, and can be gone on with in the next', async () => {
    const { jobs, dissections, memory, start } = openWindow();
    await jobs.finished(start(SETTINGS));
    const { finished } = memory.read();
    const file = finished?.file ?? '';
    const kept = JSON.parse(fs.readFileSync(file, 'utf8')) as Dissection;
    fs.rmSync(file);
    fs.mkdirSync(path.join(file, 'in the way'), { recursive: true });
    expect(await jobs.finished(start(SETTINGS))).toMatchObject({ state: 'done' });
    const unkept = dissections.unkeptOf('file:///g');
    expect(unkept?.dissection.layers).toEqual(kept.layers);
    expect(unkept?.dissection.warnings).toEqual([expect.stringContaining('not kept for another time')]);
    expect(unkept?.about).toEqual({ segmenter: { kind: 'demo' }, stamp: 'stamp', sha256: kept.model.sha256 });
    expect(memory.read()).toMatchObject({ finished, unfinished: { settings: SETTINGS } });
    fs.rmSync(file, { recursive: true });
    expect(await jobs.finished(start(SETTINGS))).toMatchObject({ state: 'done' });
    expect(dissections.unkeptOf('file:///g')).toBeNull();
    expect(memory.read()).toMatchObject({ finished, unfinished: null });
  });

  it('that cannot be is not offered again', async () => {
    const { jobs, memory, start } = openWindow();
    const ended = await jobs.finished(start({ ...SETTINGS, layers: ['l8z'] }));
    expect(ended).toMatchObject({ state: 'failed', error: { code: 'input.invalid' } });
    expect(memory.read()).toMatchObject({ unfinished: null, finished: null });
    const missing = await jobs.finished(start(SETTINGS, { segmenter: temporaryFolder() }));
    expect(missing?.error?.code).toMatch(/^segmenter\./);
    expect(memory.read().unfinished).toBeNull();
  });
});

describe('a dissection interrupted', () => {
  it.each([
    ['paused', ({ jobs }: Window, job: string) => jobs.cancel(job), 'cancelled'],
    ['killed', ({ client }: Window) => process.kill(client.pid ?? 0, 'SIGKILL'), 'failed'],
  ] as const)('%s can be taken up again, and finds the same', async (_how, interrupt, state) => {
    const undisturbed = openWindow();
    const whole = undisturbed.jobs.finished(undisturbed.start(LONG));

    const window = openWindow();
    const first = window.start(LONG);
    await until(() => inAgreement(window), 30_000);
    // By then a state has been written: the levels, and whatever was counted since.
    await until(() =>
      fs.readdirSync(window.cache, { recursive: true }).some((name) => /state/.test(`${name}`)),
    );
    interrupt(window, first);
    expect(await window.jobs.finished(first)).toMatchObject({ state });
    expect(window.memory.read()).toMatchObject({
      unfinished: { settings: LONG, segmenter: { kind: 'demo' }, stamp: 'stamp' },
      finished: null,
    });
    window.changes.length = 0;
    const second = await window.jobs.finished(window.start(LONG));
    expect(second).toMatchObject({ state: 'done' });
    // The levels were known: it went on, it did not begin anew.
    expect(window.changes.some(({ progress }) => progress?.phase === 'levels')).toBe(false);
    expect(window.memory.read().unfinished).toBeNull();
    await whole;
    expect(foundBy(window)).toEqual(foundBy(undisturbed));
  });
});
