/**
 * A disk without room: opening files works, writing into some of them fails with ENOSPC. (Mounting a small one takes root;
 * that was done by hand.)
 */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { NpyWriter } from '../../src/engine/files/npy.ts';
import { writeFiles } from '../../src/engine/report/writeReport.ts';
import type { DissectProgress } from '../../src/shared/units/dissection.ts';
import { genscopeOnFullDisk } from './support/cli.ts';
import { dissected, interrupted, SEGMENTER, withModels } from './support/dissection.ts';
import { DEMO, temporaryFolder } from './support/engine.ts';

const FULL_DISK = expect.stringMatching(/ could not be written: the disk is full\.$/);
const MAKE_ROOM = 'Make room there, or choose another place.';

/** From now on nothing can be written that is to become this file. @returns what makes room again */
function fill(file: string): () => void {
  const places = new Map<number, string>();
  const { openSync, writeSync } = fs;
  const opening = vi.spyOn(fs, 'openSync').mockImplementation((place, ...rest) => {
    const descriptor = openSync(place, ...rest);
    places.set(descriptor, String(place));
    return descriptor;
  });
  const writing = vi.spyOn(fs, 'writeSync').mockImplementation(((
    ...args: Parameters<typeof fs.writeSync>
  ): number => {
    const place = places.get(args[0]) ?? '';
    if (place.startsWith(file))
      throw Object.assign(new Error(`ENOSPC: no space left on device, write '${place}'`), { code: 'ENOSPC' });
    return writeSync(...args);
  }) as typeof fs.writeSync);
  const makeRoom = () => {
    opening.mockRestore();
    writing.mockRestore();
  };
  onTestFinished(makeRoom);
  return makeRoom;
}

/** A cache in which a dissection lay, so that the folder of its files is known. */
async function cacheWithRoom() {
  const asked = { models: withModels(), cache: temporaryFolder() };
  const { file, dissection } = await dissected(asked);
  if (file === null) throw new Error('There was room.');
  fs.rmSync(file);
  return { asked, dissection, file, folder: path.dirname(file) };
}

describe('a full disk', () => {
  it('as a dissection ends: it is answered all the same, with one sentence on what to do', async () => {
    const { asked, dissection, file, folder } = await cacheWithRoom();
    const makeRoom = fill(file);
    const again = await dissected(asked);
    expect(again).toMatchObject({ cached: false, file: null });
    expect(again.dissection.layers).toEqual(dissection.layers);
    expect(again.dissection.warnings).toEqual([
      `This dissection is not kept for another time. ${file} could not be written: the disk is full. ${MAKE_ROOM}`,
    ]);
    // A state may be there, where the work took long enough to keep one.
    expect(fs.readdirSync(folder).filter((name) => name !== 'state.bin')).toEqual([]);
    makeRoom();
    expect((await dissected(asked)).file).toBe(file);
  });

  it('as one is paused: that is said, and what was kept before is gone on with', async () => {
    const { asked, dissection, folder } = await cacheWithRoom();
    expect(await interrupted(asked, 'agreement', 1)).toMatchObject({ code: 'request.cancelled' });
    const state = path.join(folder, 'state.bin');
    const kept = fs.readFileSync(state);
    const makeRoom = fill(state);
    expect(await interrupted(asked, 'agreement', 2)).toMatchObject({
      code: 'output.notWritable',
      message: expect.stringMatching(/^What was found so far could not be kept\. .*: the disk is full\.$/),
      advice: MAKE_ROOM,
    });
    expect(fs.readdirSync(folder)).toEqual(['state.bin']);
    expect(fs.readFileSync(state).equals(kept)).toBe(true);
    makeRoom();
    const phases = new Set<DissectProgress['phase']>();
    const whole = await dissected({ ...asked, onProgress: ({ phase }) => phases.add(phase) });
    expect([...phases]).toEqual(['agreement']);
    expect(whole.dissection.layers).toEqual(dissection.layers);
  });

  it('under a report: what was there before is there still, and nothing half done', () => {
    const folder = temporaryFolder();
    writeFiles(folder, { 'dissect.json': 'before', 'units.csv': 'before' });
    const makeRoom = fill(path.join(folder, 'units.csv'));
    const write = () => writeFiles(folder, { 'dissect.json': 'after', 'units.csv': 'after' });
    expect(write).toThrow(
      expect.objectContaining({ code: 'output.notWritable', message: FULL_DISK, advice: MAKE_ROOM }),
    );
    expect(fs.readdirSync(folder).sort()).toEqual(['dissect.json', 'units.csv']);
    expect(fs.readFileSync(path.join(folder, 'dissect.json'), 'utf8')).toBe('before');
    makeRoom();
    write();
    expect(fs.readFileSync(path.join(folder, 'units.csv'), 'utf8')).toBe('after');
  });

  it('under --out: exit 2, the result is printed and kept, and written elsewhere without the work', () => {
    const [out, cache] = [temporaryFolder(), temporaryFolder()];
    const base = ['dissect', DEMO, '--segmenter', SEGMENTER, '--layer', 'l64', '--samples', '16'];
    const run = (folder: string, full?: string) =>
      genscopeOnFullDisk(
        full ?? '/nowhere',
        ...base,
        '--no-report',
        '--cache',
        cache,
        '--json',
        '--out',
        folder,
      );
    const { status, stdout, stderr } = run(out, out);
    expect(status).toBe(2);
    expect(stderr.trim().split('\n').at(-1)).toMatch(
      /^genscope: .* could not be written: the disk is full\. Make room there, or choose another place\. The dissection is kept in .*dissection\.json: the same command does not compute it again\.$/,
    );
    expect(JSON.parse(stdout)).toMatchObject({ files: [], layers: [{ layer: 'l64' }] });
    expect(fs.readdirSync(out)).toEqual([]);
    const again = run(temporaryFolder());
    expect([again.status, JSON.parse(again.stdout).cached]).toEqual([0, true]);
  });

  it('under an array: not even its header is left', () => {
    const file = path.join(temporaryFolder(), 'latents.npy');
    fill(file);
    expect(() => new NpyWriter(file, '<f4', [2, 3])).toThrow(
      expect.objectContaining({ code: 'output.notWritable', message: FULL_DISK }),
    );
    expect(fs.readdirSync(path.dirname(file))).toEqual([]);
  });
});
