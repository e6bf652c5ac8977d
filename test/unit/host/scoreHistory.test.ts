/** The history of scores: only ever added to, whatever happens in between. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ScoreHistory } from '../../../src/host/studies/history.ts';
import { MOST_RECORDS } from '../../../src/shared/scores/scoring.ts';
import { run } from './scoreRuns.ts';

function folder(): string {
  const made = fs.mkdtempSync(path.join(os.tmpdir(), 'genscope-history-'));
  onTestFinished(() => fs.rmSync(made, { recursive: true, force: true }));
  return made;
}

const files = async (history: ScoreHistory) =>
  (await history.read()).records.map(({ run: { model } }) => model.file);

describe('the history of scores', () => {
  it('is empty before the first run, and lists the newest first', async () => {
    const place = path.join(folder(), 'not', 'there', 'yet');
    const history = new ScoreHistory(place);
    expect(await history.read()).toEqual({ records: [], unreadable: 0 });
    const first = await history.add('file:///a.onnx', run('a'));
    await history.add('file:///b.onnx', run('b'));
    const { records } = await new ScoreHistory(place).read();
    expect(records.map(({ model }) => model)).toEqual(['file:///b.onnx', 'file:///a.onnx']);
    expect(records[1]).toEqual({ id: first, model: 'file:///a.onnx', run: run('a') });
  });

  it('adds, forgets and reads as a list would, also for a second window', async () => {
    const step = fc.oneof(
      fc.record({ add: fc.string({ maxLength: 8 }) }),
      fc.record({ forget: fc.array(fc.nat(12), { maxLength: 4 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
        const place = fs.mkdtempSync(path.join(os.tmpdir(), 'genscope-history-'));
        try {
          const windows = [new ScoreHistory(place), new ScoreHistory(place)];
          let wanted: { id: string; file: string }[] = [];
          const ids: string[] = [];
          for (const [i, one] of steps.entries()) {
            const history = windows[i % 2] as ScoreHistory;
            if ('add' in one) {
              const id = await history.add('file:///g', run(one.add));
              ids.push(id);
              wanted = [{ id, file: one.add }, ...wanted];
            } else {
              const gone = one.forget.flatMap((k) => ids[k] ?? []);
              await history.forget(gone);
              wanted = wanted.filter(({ id }) => !gone.includes(id));
            }
          }
          for (const history of windows) {
            const { records, unreadable } = await history.read();
            expect(unreadable).toBe(0);
            expect(records.map(({ id, run: { model } }) => ({ id, file: model.file }))).toEqual(wanted);
          }
        } finally {
          fs.rmSync(place, { recursive: true, force: true });
        }
      }),
      { numRuns: 40 },
    );
  });

  it('a line cut off by a crash, and lines of something else, cost nothing but themselves', async () => {
    const place = folder();
    const history = new ScoreHistory(place);
    await history.add('file:///g', run('before'));
    const file = path.join(place, 'scores.jsonl');
    fs.appendFileSync(file, `\n{"id":"x","model":"file:///g","run":{"schema":1,"model":{"fi`);
    await history.add('file:///g', run('after'));
    fs.appendFileSync(file, 'null\n[1]\n{"id":1}\n{"id":"y","model":"m","run":{"schema":2}}\n');
    expect(await files(history)).toEqual(['after', 'before']);
    expect((await history.read()).unreadable).toBe(5);
    expect(fs.readFileSync(file, 'utf8')).toContain('"fi\n');
  });

  it('what many windows add at once is all there', async () => {
    const place = folder();
    const names = Array.from({ length: 40 }, (_, i) => `run-${i}`);
    await Promise.all(names.map((name) => new ScoreHistory(place).add('file:///g', run(name))));
    const { records, unreadable } = await new ScoreHistory(place).read();
    expect(unreadable).toBe(0);
    expect(new Set(records.map(({ run: { model } }) => model.file))).toEqual(new Set(names));
  });

  it('a run of megabytes, as painted edits make it, is not torn apart by another that is written meanwhile', async () => {
    const place = folder();
    const names = Array.from({ length: 6 }, (_, i) => `run-${i}`);
    const long = (name: string) =>
      run(name, { warnings: Array.from({ length: 900 }, () => name.repeat(500)) });
    await Promise.all(names.map((name) => new ScoreHistory(place).add('file:///g', long(name))));
    const { records, unreadable } = await new ScoreHistory(place).read();
    expect(unreadable).toBe(0);
    expect(new Set(records.map(({ run: { model } }) => model.file))).toEqual(new Set(names));
  });

  it('lists no more than a page can show', async () => {
    const place = folder();
    const line = (i: number) => JSON.stringify({ id: `${i}`, model: 'file:///g', run: run(`${i}`) });
    const lines = Array.from({ length: MOST_RECORDS + 5 }, (_, i) => line(i));
    fs.writeFileSync(path.join(place, 'scores.jsonl'), `${lines.join('\n')}\n`);
    const { records } = await new ScoreHistory(place).read();
    expect(records).toHaveLength(MOST_RECORDS);
    expect(records[0]?.id).toBe(String(MOST_RECORDS + 4));
  });

  it('where it cannot be written, the run is listed until the window closes, and it is said', async () => {
    const taken = path.join(folder(), 'file');
    fs.writeFileSync(taken, '');
    const history = new ScoreHistory(path.join(taken, 'below'));
    await expect(history.add('file:///g', run('kept'))).rejects.toMatchObject({
      code: 'output.notWritable',
      advice: expect.stringContaining('until this window closes'),
    });
    expect(await files(history).catch(() => [])).toEqual([]);
    const nowhere = new ScoreHistory(null);
    await expect(nowhere.add('file:///g', run('kept'))).rejects.toMatchObject({ code: 'output.notWritable' });
    expect(await files(nowhere)).toEqual(['kept']);
  });
});
