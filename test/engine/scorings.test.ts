/** Scores over a real engine process: jobs that are cancelled, taken up again, kept in the history, and compared under edits. */
import { describe, expect, it } from 'vitest';
import { modelStamp } from '../../src/engine/open/modelFile.ts';
import { Jobs } from '../../src/host/process/jobs.ts';
import { ScoreHistory } from '../../src/host/studies/history.ts';
import { idOf, ScoringMemory } from '../../src/host/studies/memory.ts';
import { type ScoringSpec, Scorings } from '../../src/host/studies/scorings.ts';
import type { Edit } from '../../src/shared/edits/edits.ts';
import type { PageNotifications } from '../../src/shared/pageProtocol.ts';
import { SCORE_DEFAULTS } from '../../src/shared/scores/scores.ts';
import type { ScoreWish } from '../../src/shared/scores/scoring.ts';
import { DEMO, startEngine, temporaryFolder, until } from './support/engine.ts';
import { memento } from './support/memento.ts';
import { EXTRACTOR, REFERENCE } from './support/scoring.ts';

type Change = PageNotifications['scoresChanged'];

const KEY = 'file:///g';
const WISH: ScoreWish = { ...SCORE_DEFAULTS, scores: ['fid', 'is'], samples: 48, referenceSamples: 64 };
/** Hours, if nobody stops it. */
const LONG: ScoreWish = { ...WISH, samples: 1_000_000 };
const NOTHING = { extractor: null, reference: null };

function openWindow(state = memento(), folder: string | null = temporaryFolder(), cache = temporaryFolder()) {
  const { client } = startEngine({ name: 'jobs', hardCancelMs: 10_000 });
  const jobs = new Jobs();
  const scorings = new Scorings({ jobs: client }, jobs);
  const memory = new ScoringMemory(state, KEY, NOTHING);
  const history = new ScoreHistory(folder);
  const changes: Change[] = [];
  scorings.subscribe((model, change) => {
    if (model === KEY) changes.push(change);
  });
  const start = (wish: ScoreWish, more: Partial<ScoringSpec> = {}) =>
    scorings.start({
      ...{
        key: KEY,
        title: 'Score',
        model: { path: DEMO },
        stamp: modelStamp({ path: DEMO }),
        edits: [],
        wish,
        cache,
        memory,
        history,
      },
      settings: {
        ...wish,
        extractor: { path: EXTRACTOR },
        reference: { kind: 'path', path: REFERENCE },
      },
      ...more,
    });
  return { jobs, scorings, memory, history, changes, start, state, folder, cache };
}

describe('scores as jobs', () => {
  it('report img/s, end, and are in the history of the next window', async () => {
    const { jobs, scorings, history, memory, changes, start, folder } = openWindow();
    const job = start(WISH);
    expect(scorings.runningOf(KEY)).toEqual({ job, progress: null });
    expect(() => start(WISH)).toThrow(expect.objectContaining({ code: 'engine.busy' }));
    expect(await jobs.finished(job)).toMatchObject({ kind: 'score', state: 'done', result: history.file });
    await until(() => changes.at(-1)?.ended === true);
    expect(changes.at(-1)).toEqual({ progress: null, ended: true });
    expect(scorings.runningOf(KEY)).toBeNull();
    const phases = new Set(changes.flatMap(({ progress }) => progress?.phase ?? []));
    expect([...phases]).toEqual(['reference', 'samples', 'scores']);
    const { records } = await new ScoreHistory(folder).read();
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({
      model: KEY,
      run: { settings: { samples: 48, scores: ['fid', 'is'] }, forwardPasses: 112, edited: null },
    });
    expect(memory.read().interrupted).toBeNull();
  });

  it('called off in the middle: what was made is kept, the next run goes on from it and says the same', async () => {
    const { jobs, scorings, history, memory, start, state, folder, cache } = openWindow();
    const job = start(LONG);
    await until(() => (scorings.runningOf(KEY)?.progress?.phase ?? '') === 'samples');
    await until(() => (scorings.runningOf(KEY)?.progress?.done ?? 0) >= 48);
    jobs.cancel(job);
    expect(await jobs.finished(job)).toMatchObject({ state: 'cancelled' });
    const { interrupted } = memory.read();
    expect(interrupted).toMatchObject({ wish: { samples: LONG.samples }, total: LONG.samples });
    expect(interrupted?.done).toBeGreaterThanOrEqual(48);
    expect((await history.read()).records).toEqual([]);

    const next = openWindow(state, folder, cache);
    await next.jobs.finished(next.start(WISH));
    const untouched = openWindow();
    await untouched.jobs.finished(untouched.start(WISH));
    const [[resumed], [fresh]] = [
      (await next.history.read()).records,
      (await untouched.history.read()).records,
    ];
    expect(resumed?.run.forwardPasses).toBe(0);
    expect(fresh?.run.forwardPasses).toBe(112);
    expect(resumed?.run.scores).toEqual(fresh?.run.scores);
    expect(next.memory.read().interrupted).toBeNull();
  });

  it('under edits: before, after and the difference on the same latents; an edit of chosen samples is said to do nothing', async () => {
    const { jobs, history, start } = openWindow();
    const edit = (name: string, samples: Edit['samples']): Edit => ({
      ...{
        id: name,
        name,
        layer: 'l8b',
        tensor: '/l8b/Relu_output_0',
        strength: 1,
        region: null,
        muted: false,
      },
      ...{ samples, intent: { kind: 'ablate', to: 'zero' } },
      units: Array.from({ length: 20 }, (_, unit) => ({ unit, scale: 0, shift: 0 })),
    });
    const edits = [edit('everywhere', null), edit('only one', [{ seed: 3, classIndex: 3 }])];
    expect(await jobs.finished(start({ ...WISH, scores: ['fid'], samples: 64 }, { edits }))).toMatchObject({
      state: 'done',
    });
    const [record] = (await history.read()).records;
    const { scores, edited, warnings } = record?.run ?? {};
    const [after, before, difference] = [scores?.[0], edited?.before[0], edited?.difference[0]];
    expect(difference?.value).toBeCloseTo((after?.value ?? 0) - (before?.value ?? 0), 9);
    expect(difference?.interval).not.toBeNull();
    expect(warnings?.filter((text) => text.includes('“only one”'))).toHaveLength(1);
    expect(warnings?.some((text) => text.includes('“everywhere”'))).toBe(false);
  });

  it('a run whose history cannot be written is told as failed, and is there until the window closes', async () => {
    const { jobs, history, start, changes } = openWindow(memento(), null);
    expect(await jobs.finished(start(WISH))).toMatchObject({
      state: 'failed',
      error: { code: 'output.notWritable' },
    });
    await until(() => changes.at(-1)?.ended === true);
    expect(changes.at(-1)?.error).toMatchObject({ code: 'output.notWritable' });
    expect((await history.read()).records).toHaveLength(1);
  });
});

describe('what was chosen for scores', () => {
  it('is kept by generator, and offered again in the workspace, the last first', async () => {
    const state = memento();
    const [one, two] = [new ScoringMemory(state, 'a', NOTHING), new ScoringMemory(state, 'b', NOTHING)];
    await one.update({ extractor: { kind: 'path', path: '/x.onnx' }, wish: WISH });
    await two.update({ extractor: { kind: 'demo' }, reference: { kind: 'model', uri: 'file:///g' } });
    await two.update({ extractor: { kind: 'path', path: '/x.onnx' } });
    expect(one.read()).toMatchObject({ wish: WISH, reference: null, interrupted: null });
    expect(two.read().wish).toBeNull();
    expect(one.recent().extractors.map(idOf)).toEqual(['/x.onnx', 'demo']);
    expect(one.recent().references.map(idOf)).toEqual(['file:///g']);
  });

  it('of another form, as a later version may keep it, is left out', async () => {
    const state = memento();
    await state.update('scoring:a', { wish: { samples: 'many' }, interrupted: { wish: 3 }, extractor: null });
    await state.update('scoring.recent', 'none');
    const memory = new ScoringMemory(state, 'a', NOTHING);
    expect(memory.read()).toMatchObject({ wish: null, interrupted: null });
    expect(memory.recent()).toEqual({ extractors: [], references: [] });
  });
});
