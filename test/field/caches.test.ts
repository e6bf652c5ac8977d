/** What is kept for another time is checked before it is believed; what is damaged is set aside, made anew, and said. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { AnswerMemory } from '../../src/host/studies/answerMemory.ts';
import { seal, unseal } from '../../src/shared/files/sealed.ts';
import { genscope } from '../engine/support/cli.ts';
import { dissected, interrupted, lasting, withModels } from '../engine/support/dissection.ts';
import { DEMO, temporaryFolder } from '../engine/support/engine.ts';
import { memento } from '../engine/support/memento.ts';
import { EXTRACTOR, REFERENCE } from '../engine/support/scoring.ts';

/** Turns over some bytes in the middle of the only file of a folder that ends so. */
function damage(folder: string, ending: string, bytes = 64): string {
  const names = fs.readdirSync(folder, { recursive: true }).map(String);
  const [name] = names.filter((one) => one.endsWith(ending));
  if (name === undefined) throw new Error(`No ${ending} among ${names}.`);
  const file = path.join(folder, name);
  const content = fs.readFileSync(file);
  const from = Math.floor(content.length / 2);
  for (let i = from; i < from + bytes; i++) content[i] = (content[i] as number) ^ 0xff;
  fs.writeFileSync(file, content);
  return file;
}

describe('damaged caches', () => {
  it('rows of features: the score is the one of a fresh run, the rows are set aside, and it is said', () => {
    const cache = temporaryFolder();
    const run = (folder: string) => {
      const args = ['score', DEMO, '--scores', 'fid', '--extractor', EXTRACTOR, '--reference', REFERENCE];
      const result = genscope(...args, '--samples', '64', '--cache', folder, '--json');
      expect(result.status).toBe(0);
      return { ...JSON.parse(result.stdout), stderr: result.stderr };
    };
    const first = run(cache);
    const files = fs.readdirSync(path.join(cache, 'features'));
    expect(files).toHaveLength(2);
    for (const name of files) damage(path.join(cache, 'features'), name);
    const second = run(cache);
    expect(second.scores[0].value).toBe(first.scores[0].value);
    expect(
      second.stderr.match(/rows of features kept from before were damaged, and are made anew/g),
    ).toHaveLength(2);
    expect(fs.readdirSync(path.join(cache, 'features')).sort()).toEqual(
      files.flatMap((name) => [name, `${name}.damaged`]).sort(),
    );
    // Mended, so that the third run neither computes nor complains.
    const third = run(cache);
    expect(third.scores[0].value).toBe(first.scores[0].value);
    expect(third.stderr).not.toContain('damaged');
  });

  it('a dissection: one digit changed in its file, and it is made anew', async () => {
    const asked = { models: withModels(), cache: temporaryFolder() };
    const { file, dissection } = await dissected(asked);
    const text = fs.readFileSync(file ?? '', 'utf8');
    const at = text.indexOf('"iou":[[0.');
    const digit = text[at + 11] === '1' ? '2' : '1';
    fs.writeFileSync(file ?? '', `${text.slice(0, at + 11)}${digit}${text.slice(at + 12)}`);
    const again = await dissected(asked);
    expect(again.cached).toBe(false);
    expect(again.dissection.warnings[0]).toBe(
      `The dissection kept from before was damaged, and it was made anew (the damaged file is ${file}.damaged).`,
    );
    expect(again.dissection.layers).toEqual(dissection.layers);
    const third = await dissected(asked);
    expect(third.cached).toBe(true);
    expect(lasting(third.dissection)).toEqual(lasting(dissection));
  });

  it('a dissection half done: it begins anew, and says so', async () => {
    const asked = { models: withModels(), cache: temporaryFolder() };
    const { dissection } = await dissected({ ...asked, cache: null });
    expect(await interrupted(asked, 'agreement', 1)).toMatchObject({ code: 'request.cancelled' });
    damage(asked.cache, 'state.bin');
    const phases = new Set<string>();
    const again = await dissected({ ...asked, onProgress: ({ phase }) => phases.add(phase) });
    expect([...phases]).toEqual(['levels', 'agreement']);
    expect(again.dissection.layers).toEqual(dissection.layers);
    expect(again.dissection.warnings[0]).toMatch(
      /^What an earlier run had kept of this dissection was damaged/,
    );
  });

  it('an answer of the panel: it is not shown', async () => {
    const folder = temporaryFolder();
    const log: string[] = [];
    const memory = new AnswerMemory<{ one: { model: { sha256: string }; value: number } }>(
      { name: 'answers', guards: { one: () => true }, questionOf: () => 'question', command: 'genscope' },
      { state: memento(), model: 'file:///m.onnx', folder, log: { warn: (says) => log.push(says) } },
    );
    const answer = { model: { sha256: 'aa' }, value: 0.12345 };
    const file = await memory.keep('one', answer, 'stamp');
    expect(await memory.read('one')).toEqual(answer);
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('0.12345', '0.12346'));
    expect(await memory.read('one')).toBeNull();
    expect(log).toEqual([`${file} is damaged, and was set aside`]);
    expect(fs.readdirSync(path.dirname(file))).toEqual([`${path.basename(file)}.damaged`]);
  });

  it('a seal breaks with any byte', () => {
    const text = seal({ a: 1, nested: { list: [0.1, 'ü'] } });
    expect(unseal(text)).toEqual({ a: 1, nested: { list: [0.1, 'ü'] } });
    for (let i = 0; i < text.length; i++) {
      const other = text[i] === '0' ? '1' : '0';
      expect(unseal(text.slice(0, i) + other + text.slice(i + 1))).toBeNull();
    }
  });
});
