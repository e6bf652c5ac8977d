/**
 * A disk without room, which is Linux's /dev/full in the place of the file that is being written: opening it works,
 * writing fails with ENOSPC, as on a full disk. (Mounting a small one takes root; that was done by hand.)
 */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeFiles } from '../../src/engine/report/writeReport.ts';
import { NpyWriter } from '../../src/engine/runtime/npy.ts';
import type { DissectProgress } from '../../src/shared/dissection.ts';
import { genscope } from './support/cli.ts';
import { dissected, interrupted, SEGMENTER, withModels } from './support/dissection.ts';
import { DEMO, temporaryFolder } from './support/engine.ts';

const FULL = '/dev/full';
const FULL_DISK = expect.stringMatching(/ could not be written: the disk is full\.$/);
const MAKE_ROOM = 'Make room there, or choose another place.';

/** From now on this file cannot be written; whoever gives up on it takes that away. */
function fill(file: string): void {
  fs.symlinkSync(FULL, file);
}

/** A cache in which a dissection lay, so that the folder of its files is known. */
async function cacheWithRoom() {
  const asked = { models: withModels(), cache: temporaryFolder() };
  const { file, dissection } = await dissected(asked);
  if (file === null) throw new Error('There was room.');
  fs.rmSync(file);
  return { asked, dissection, file, folder: path.dirname(file) };
}

describe.runIf(fs.existsSync(FULL))('a full disk', () => {
  it('as a dissection ends: it is answered all the same, with one sentence on what to do', async () => {
    const { asked, dissection, file, folder } = await cacheWithRoom();
    fill(`${file}.${process.pid}.part`);
    const again = await dissected(asked);
    expect(again).toMatchObject({ cached: false, file: null });
    expect(again.dissection.layers).toEqual(dissection.layers);
    expect(again.dissection.warnings).toEqual([
      `This dissection is not kept for another time. ${file} could not be written: the disk is full. ${MAKE_ROOM}`,
    ]);
    // A state may be there, where the work took long enough to keep one.
    expect(fs.readdirSync(folder).filter((name) => name !== 'state.bin')).toEqual([]);
    expect((await dissected(asked)).file).toBe(file);
  });

  it('as one is paused: that is said, and what was kept before is gone on with', async () => {
    const { asked, dissection, folder } = await cacheWithRoom();
    expect(await interrupted(asked, 'agreement', 1)).toMatchObject({ code: 'request.cancelled' });
    const state = path.join(folder, 'state.bin');
    const kept = fs.readFileSync(state);
    fill(`${state}.part`);
    expect(await interrupted(asked, 'agreement', 2)).toMatchObject({
      code: 'output.notWritable',
      message: expect.stringMatching(/^What was found so far could not be kept\. .*: the disk is full\.$/),
      advice: MAKE_ROOM,
    });
    expect(fs.readdirSync(folder)).toEqual(['state.bin']);
    expect(fs.readFileSync(state).equals(kept)).toBe(true);
    const phases = new Set<DissectProgress['phase']>();
    const whole = await dissected({ ...asked, onProgress: ({ phase }) => phases.add(phase) });
    expect([...phases]).toEqual(['agreement']);
    expect(whole.dissection.layers).toEqual(dissection.layers);
  });

  it('under a report: what was there before is there still, and nothing half done', () => {
    const folder = temporaryFolder();
    writeFiles(folder, { 'dissect.json': 'before', 'units.csv': 'before' });
    fill(path.join(folder, 'units.csv.part'));
    const write = () => writeFiles(folder, { 'dissect.json': 'after', 'units.csv': 'after' });
    expect(write).toThrow(
      expect.objectContaining({ code: 'output.notWritable', message: FULL_DISK, advice: MAKE_ROOM }),
    );
    expect(fs.readdirSync(folder).sort()).toEqual(['dissect.json', 'units.csv']);
    expect(fs.readFileSync(path.join(folder, 'dissect.json'), 'utf8')).toBe('before');
    write();
    expect(fs.readFileSync(path.join(folder, 'units.csv'), 'utf8')).toBe('after');
  });

  it('under --out: exit 2, the result is printed and kept, and written elsewhere without the work', () => {
    const [out, cache] = [temporaryFolder(), temporaryFolder()];
    fill(path.join(out, 'dissect.json.part'));
    const base = ['dissect', DEMO, '--segmenter', SEGMENTER, '--layer', 'l64', '--samples', '16'];
    const run = (folder: string) =>
      genscope(...base, '--no-report', '--cache', cache, '--json', '--out', folder);
    const { status, stdout, stderr } = run(out);
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
    fill(`${file}.part`);
    expect(() => new NpyWriter(file, '<f4', [2, 3])).toThrow(
      expect.objectContaining({ code: 'output.notWritable', message: FULL_DISK }),
    );
    expect(fs.readdirSync(path.dirname(file))).toEqual([]);
  });
});
