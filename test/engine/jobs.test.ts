/** Jobs over a real engine process: they outlive whoever watches, and leave no half files behind. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { Jobs } from '../../src/host/process/jobs.ts';
import type { JobStatus } from '../../src/shared/pageProtocol.ts';
import { DEMO, seeds, startEngine, temporaryFolder } from './support/engine.ts';

function exportJob(jobs: Jobs, folder: string, count: number, images: 'png' | 'npy' = 'npy') {
  const { client } = startEngine({ name: 'jobs', hardCancelMs: 1_500 });
  const id = jobs.start({
    kind: 'exportSamples',
    title: 'Save samples',
    total: count,
    run: async ({ signal, report }) => {
      const params = { model: { path: DEMO }, plan: seeds(count), folder, images };
      return (await client.request('exportSamples', params, { signal, onProgress: report })).folder;
    },
  });
  return { id, client };
}

describe('jobs', () => {
  it('run to their end while watchers come and go', async () => {
    const jobs = new Jobs();
    const folder = path.join(temporaryFolder(), 'out');
    const { id } = exportJob(jobs, folder, 100);
    const first: JobStatus[] = [];
    const watching = jobs.subscribe((all) => first.push(...all));
    watching.dispose();
    const second: JobStatus[] = [];
    jobs.subscribe((all) => second.push(...all));
    const ended = await jobs.finished(id);
    expect(ended).toMatchObject({ state: 'done', result: folder });
    expect(first).toHaveLength(0);
    expect(second.at(-1)).toMatchObject({ id, state: 'done' });
    expect(second.some((status) => status.progress.done > 0 && status.progress.eta !== undefined)).toBe(true);
    // header of 128 bytes + 100 · 64 · 64 · 3, and 100 · 96 floats
    expect(fs.statSync(path.join(folder, 'images.npy')).size).toBe(128 + 100 * 64 * 64 * 3);
    expect(fs.statSync(path.join(folder, 'latents.npy')).size).toBe(128 + 100 * 96 * 4);
  });

  it('can be cancelled, and take their unfinished arrays with them', async () => {
    const jobs = new Jobs();
    const folder = path.join(temporaryFolder(), 'out');
    const { id } = exportJob(jobs, folder, 100_000);
    await new Promise<void>((resolve) => {
      jobs.subscribe(([job]) => {
        if (job && job.progress.done > 0) resolve();
      });
    });
    jobs.cancel(id);
    expect(await jobs.finished(id)).toMatchObject({ state: 'cancelled' });
    expect(fs.readdirSync(folder)).toEqual([]);
  });

  it('carry the reason when they fail', async () => {
    const jobs = new Jobs();
    const blocked = path.join(temporaryFolder(), 'file');
    fs.writeFileSync(blocked, '');
    const { id } = exportJob(jobs, path.join(blocked, 'below'), 4);
    const ended = await jobs.finished(id);
    expect(ended?.state).toBe('failed');
    expect(ended?.error).toMatchObject({ code: 'output.notWritable' });
  });

  it('write one PNG a sample when asked to', async () => {
    const jobs = new Jobs();
    const folder = path.join(temporaryFolder(), 'out');
    const { id } = exportJob(jobs, folder, 10, 'png');
    expect(await jobs.finished(id)).toMatchObject({ state: 'done' });
    expect(fs.readdirSync(folder).sort()).toEqual([
      'latents.npy',
      ...Array.from({ length: 10 }, (_, i) => `sample-${String(i).padStart(6, '0')}.png`),
    ]);
  });
});
