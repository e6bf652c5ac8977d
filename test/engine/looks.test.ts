/** Looks over a real engine process: jobs that are cancelled and kept for the next window, and the pictures answers name. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { modelStamp } from '../../src/engine/open/modelFile.ts';
import { Jobs } from '../../src/host/process/jobs.ts';
import { lookMemory } from '../../src/host/studies/lookMemory.ts';
import { Looks } from '../../src/host/studies/looks.ts';
import { LOOK_ANSWERS } from '../../src/shared/checks/lookGuards.ts';
import type { LookKind, LookQuestion } from '../../src/shared/checks/lookRequests.ts';
import type { PageNotifications } from '../../src/shared/pageProtocol.ts';
import { SCORE_DEFAULTS } from '../../src/shared/scores/scores.ts';
import { collector, DEMO, startEngine, temporaryFolder, until } from './support/engine.ts';
import { memento } from './support/memento.ts';
import { colours, EXTRACTOR, REFERENCE } from './support/scoring.ts';

type Change = PageNotifications['looksChanged'];

const KEY = 'file:///g';
const { seed, source, classes, quantisation } = SCORE_DEFAULTS;
const drawn = { seed, source, classes, quantisation };
const compared = { ...drawn, samples: 48, referenceSamples: 60 };
const QUESTIONS: readonly LookQuestion[] = [
  { kind: 'neighbours', settings: { ...compared, k: 2, shown: 3 } },
  { kind: 'duplicates', settings: { ...drawn, batch: 12, batches: 4, threshold: null } },
  { kind: 'modes', settings: { ...compared, k: 4, shown: 2 } },
  { kind: 'artifacts', settings: { ...compared, layer: 'l16', top: 6, worst: 2, random: 1 } },
];
/** Hours, if nobody stops it. */
const LONG: LookQuestion = { kind: 'modes', settings: { ...compared, samples: 1_000_000, k: 4, shown: 2 } };

function openWindow(state = memento(), folder: string | null = temporaryFolder(), cache = temporaryFolder()) {
  const { client } = startEngine({ name: 'jobs', hardCancelMs: 10_000 });
  const jobs = new Jobs();
  const looks = new Looks({ jobs: client }, jobs);
  const warnings: string[] = [];
  const log = { warn: (message: string) => void warnings.push(message) };
  const memory = lookMemory({ state, model: KEY, folder, log });
  const changes: Change[] = [];
  looks.subscribe((model, change) => {
    if (model === KEY) changes.push(change);
  });
  const start = (question: LookQuestion) =>
    looks.start({
      ...{ key: KEY, title: 'Look', question, model: { path: DEMO }, stamp: modelStamp({ path: DEMO }) },
      ...{ extractor: { path: EXTRACTOR }, reference: REFERENCE, cache, memory },
    });
  return { client, jobs, looks, memory, changes, start, warnings, state, folder, cache };
}

describe('looks as jobs', () => {
  it('each kind ends in an answer that the next window reads again, and knows what it was asked', async () => {
    const first = openWindow();
    for (const question of QUESTIONS) {
      const { jobs, looks, changes, start } = first;
      const job = start(question);
      expect(looks.runningOf(KEY)).toEqual({ kind: question.kind, job, progress: null });
      expect(() => start(question)).toThrow(expect.objectContaining({ code: 'engine.busy' }));
      expect(await jobs.finished(job)).toMatchObject({ kind: 'look', state: 'done' });
      await until(() => changes.at(-1)?.ended === true);
      expect(changes.at(-1)).toEqual({ kind: question.kind, progress: null, ended: true });
      expect(looks.runningOf(KEY)).toBeNull();
    }
    const { memory, warnings } = openWindow(first.state, first.folder);
    for (const { kind, settings } of QUESTIONS) {
      const answer = await memory.read(kind);
      expect(answer?.settings).toMatchObject(settings);
      expect(answer?.settings.extractor).toEqual({ path: EXTRACTOR });
      expect(LOOK_ANSWERS[kind](answer)).toBe(true);
    }
    expect(warnings).toEqual([]);
    expect((await memory.read('neighbours'))?.rows).toHaveLength(3);
    expect((await memory.read('duplicates'))?.pairs).toHaveLength(4);
    expect((await memory.read('artifacts'))?.ablated?.random).toHaveLength(1);
  });

  it('called off, it says so, and leaves the last answer', async () => {
    const { jobs, looks, memory, changes, start } = openWindow();
    const job = start(LONG);
    await until(() => (looks.runningOf(KEY)?.progress?.phase ?? '') === 'samples', 30_000);
    jobs.cancel(job);
    expect(await jobs.finished(job)).toMatchObject({ state: 'cancelled' });
    await until(() => changes.at(-1)?.ended === true);
    expect(changes.at(-1)).toEqual({ kind: 'modes', progress: null, ended: true, cancelled: true });
    expect(memory.kept('modes')).toBeNull();
    expect(await memory.read('modes')).toBeNull();
  });

  it('an answer that was damaged on disk is none, and the log says which file', async () => {
    const { jobs, memory, start, warnings } = openWindow();
    await jobs.finished(start(QUESTIONS[1] as LookQuestion));
    const file = memory.kept('duplicates')?.file ?? '';
    const answer = JSON.parse(fs.readFileSync(file, 'utf8'));
    for (const broken of [
      { ...answer, pairs: [{ batch: 'one' }] },
      { ...answer, settings: { ...answer.settings, batch: -1 } },
      { ...answer, extractor: null },
      { schema: 2 },
      null,
    ]) {
      fs.writeFileSync(file, JSON.stringify(broken));
      expect(await memory.read('duplicates')).toBeNull();
    }
    expect(warnings).toHaveLength(5);
    expect(warnings[0]).toContain(path.basename(file));
  });

  it('an answer that JSON cannot hold is an error when it is kept, and none that vanishes', async () => {
    const { jobs, memory, start } = openWindow();
    await jobs.finished(start(QUESTIONS[1] as LookQuestion));
    const answer = await memory.read('duplicates');
    if (answer === null) throw new Error('Nothing was kept.');
    const broken = { ...answer, pairs: [{ batch: 0, places: [0, 1] as const, distance: Number.NaN }] };
    await expect(memory.keep('duplicates', broken, 'stamp')).rejects.toMatchObject({ code: 'internal' });
    expect(await memory.read('duplicates')).toEqual(answer);
  });

  it('a folder that nothing can be kept in is an error, and names the command line', async () => {
    const { jobs, start } = openWindow(memento(), null);
    expect(await jobs.finished(start(QUESTIONS[1] as LookQuestion))).toMatchObject({
      ...{ state: 'failed', error: { code: 'output.notWritable' } },
    });
  });
});

describe('pictures of a reference', () => {
  const asked = { most: 0, seed: 1, maxSide: 64, encoding: 'rgba' } as const;

  it('come by their places, in the order asked for, made smaller but never larger', async () => {
    const { client } = startEngine();
    const folder = await colours(path.join(temporaryFolder(), 'real'), 12, 8);
    const { frames, onProgress, pixels } = collector();
    const rows = [7, 0, 11];
    const params = { ...asked, path: folder, count: 12, rows };
    expect(await client.request('referencePictures', params, { onProgress })).toEqual({ count: 3 });
    expect(frames.map(({ offset, width }) => [offset, width])).toEqual([
      [0, 8],
      [1, 8],
      [2, 8],
    ]);
    const block = pixels();
    for (const [i, row] of rows.entries())
      expect([...block.subarray(i * 256, i * 256 + 4)]).toEqual([row, 2 * row, 255 - row, 255]);
    const small = collector();
    await client.request('referencePictures', { ...params, maxSide: 4 }, small);
    expect(small.frames[0]).toMatchObject({ width: 4, height: 4 });
  });

  it('of some that were drawn are the same ones that were compared', async () => {
    const { client, jobs, memory, start } = openWindow();
    await jobs.finished(start({ kind: 'modes', settings: { ...compared, k: 3, shown: 2 } } as LookQuestion));
    const found = await memory.read('modes');
    const rows = found?.modes.flatMap(({ realPlaces }) => realPlaces) ?? [];
    const { frames, onProgress } = collector();
    const params = { ...asked, path: REFERENCE, most: 60, count: found?.reference.count ?? 0, rows };
    await client.request('referencePictures', params, { onProgress });
    expect(found?.reference.count).toBe(60);
    expect(frames).toHaveLength(rows.length);
  });

  it('of a reference that has other images now are an error that says to look again', async () => {
    const { client } = startEngine();
    const folder = await colours(path.join(temporaryFolder(), 'real'), 5);
    const params = { ...asked, path: folder, count: 6, rows: [0] };
    const wrong = (more: object) => client.request('referencePictures', { ...params, ...more });
    await expect(wrong({})).rejects.toMatchObject({ code: 'reference.invalid', advice: 'Look again.' });
    await expect(wrong({ count: 5, rows: [5] })).rejects.toMatchObject({ code: 'reference.invalid' });
    await expect(wrong({ path: path.join(folder, 'gone') })).rejects.toMatchObject({
      code: 'reference.missing',
    });
  });
});

it('guards of answers refuse anything else', () => {
  for (const kind of Object.keys(LOOK_ANSWERS) as LookKind[])
    for (const other of [undefined, 3, [], {}, { schema: 1, settings: {} }])
      expect(LOOK_ANSWERS[kind](other)).toBe(false);
});
