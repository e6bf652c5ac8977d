/** The command line as its users type it: as pytorch-fid and torch-fidelity are called, and with a question. */
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { SCORES } from '../../src/algorithms/scores/registry.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { genscope } from '../engine/support/cli.ts';
import { DEMO, ROOT } from '../engine/support/engine.ts';

const FOLDER = path.join(ROOT, 'test', 'fixtures', 'field', 'extractor-range');
const [FAKE, REAL, EXTRACTOR] = ['fake', 'real', 'takes01_imagenet.onnx'].map((name) =>
  path.join(FOLDER, name),
) as [string, string, string];

describe('score', () => {
  const scored = (...args: string[]) => {
    const { status, stdout, stderr } = genscope(
      'score',
      ...args,
      '--extractor',
      EXTRACTOR,
      '--no-cache',
      '--json',
    );
    return { status, stderr, scores: status === 0 ? JSON.parse(stdout).scores : [] };
  };

  it('A B is A against B', () => {
    const two = scored(FAKE, REAL, '--scores', 'fid');
    expect(two.scores[0].value).toBe(scored(FAKE, '--reference', REAL, '--scores', 'fid').scores[0].value);
    expect(two.scores[0].value).toBeCloseTo(6.2266, 3);
    expect(scored(FAKE, REAL, '--reference', REAL).stderr).toContain('mean the same');
    expect(scored(FAKE, REAL, REAL).status).toBe(2);
  });

  it('takes scores by id or by name, in any case, and options likewise', () => {
    const { scores } = scored(FAKE, REAL, '--scores', 'FID,Precision,KID', '--option', 'KID.subsets=7');
    expect(scores.map(({ score }: { score: string }) => score)).toEqual(['fid', 'precision', 'kid']);
  });

  it('refuses an option that a score does not have, and says which it has', () => {
    const { status, stderr } = scored(FAKE, REAL, '--scores', 'kid', '--option', 'kid.subset=7');
    expect([status, stderr]).toEqual([2, expect.stringMatching(/KID has no option "subset".*kid\.subsets/)]);
  });

  it('--batch-size changes no value beyond rounding', () => {
    const [a, b] = ['1', '33'].map(
      (n) => scored(FAKE, REAL, '--scores', 'fid', '--batch-size', n).scores[0].value,
    );
    expect(Math.abs(a - b) / a).toBeLessThan(1e-4);
    expect(scored(FAKE, REAL, '--batch-size', '0').status).toBe(2);
  });
});

describe('questions', () => {
  it('--version', () => {
    const { status, stdout } = genscope('--version');
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^genscope \d+\.\d+\.\d+\n$/)]);
  });

  it.each(Object.keys(COMMANDS))('%s --help is about that command', (name) => {
    const { status, stdout } = genscope(name, '--help');
    expect([status, stdout.split('\n\n')[0]]).toEqual([
      0,
      expect.stringContaining(`genscope ${name.split('-')[0]}`),
    ]);
    expect(genscope('help', name).stdout).toBe(stdout);
  });

  it('score --help names every score with its options', () => {
    const { stdout } = genscope('score', '--help');
    for (const { id, options } of SCORES) {
      expect(stdout).toContain(`      ${id} `);
      for (const option of options) expect(stdout).toContain(`${id}.${option}=`);
    }
    expect(stdout).toContain('--resize torch');
  });

  it.each(['constructor', '__proto__', 'toString', ''])('“%s” is no command', (name) => {
    const { status, stderr } = genscope(name);
    expect([status, stderr]).toEqual([2, expect.stringContaining('there is no command')]);
  });
});

describe('a path that leads through a file', () => {
  const inside = path.join(EXTRACTOR, 'x');
  it.each([
    ['a model', ['describe', `${inside}.onnx`]],
    ['pictures', ['score', inside, REAL, '--extractor', EXTRACTOR]],
    ['a reference', ['score', FAKE, inside, '--extractor', EXTRACTOR]],
    ['an extractor', ['score', FAKE, REAL, '--extractor', inside]],
    ['a segmenter', ['dissect', DEMO, '--layer', 'l8b', '--json', '--segmenter', EXTRACTOR]],
  ])('%s: nothing is there, in one line', (_, args) => {
    const { status, stderr } = genscope(...args);
    expect([status, stderr]).toEqual([
      2,
      expect.stringMatching(/^(reference: .*\n)?genscope: There is no.*\n$/),
    ]);
  });
});
