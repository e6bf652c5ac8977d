/** What a page may ask about scores, and rows of runs for papers and tables. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkPageParams } from '../../../src/shared/guards.ts';
import { SCORE_DEFAULTS } from '../../../src/shared/scores/scores.ts';
import { asCsv, asMarkdown, asRows } from '../../../src/shared/scores/scoreTable.ts';
import { isScoreRun, isScoreWish } from '../../../src/shared/scores/scoringGuards.ts';
import { run } from '../host/scoreRuns.ts';

const question = { wish: SCORE_DEFAULTS, edits: [] };

describe('questions about scores', () => {
  it('of the defaults, and of every change that a form makes, pass', () => {
    expect(checkPageParams('startScores', { question })).toEqual({ question });
    fc.assert(
      fc.property(
        fc.record({
          scores: fc.subarray(['fid', 'kid', 'is']),
          samples: fc.integer({ min: 2, max: 10_000_000 }),
          seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
          classes: fc.oneof(fc.constant('all'), fc.nat(1000)),
          quantisation: fc.constantFrom('round', 'floor'),
          referenceSamples: fc.nat(50_000),
          options: fc.dictionary(fc.string(), fc.dictionary(fc.string(), fc.oneof(fc.nat(), fc.string()))),
        }),
        (change) => isScoreWish({ ...SCORE_DEFAULTS, ...change }),
      ),
    );
  });

  it.each([
    ['no samples', { samples: 1 }],
    ['half a sample', { samples: 10.5 }],
    ['too many samples', { samples: 1e12 }],
    ['a seed below 0', { seed: -1 }],
    ['a source of nothing', { source: { rng: 'dice' } }],
    ['options that are no numbers', { options: { fid: { ddof: { deep: 1 } } } }],
    ['scores that are none', { scores: [7] }],
    ['another quantisation', { quantisation: 'up' }],
  ])('of %s are refused', (_, change) => {
    const wish = { ...SCORE_DEFAULTS, ...change };
    expect(() => checkPageParams('startScores', { question: { wish, edits: [] } })).toThrow(
      expect.objectContaining({ code: 'input.invalid' }),
    );
  });

  it('a page names no files: only where a dialog, or what was chosen before, begins', () => {
    const choose = (choice: unknown) => () => checkPageParams('chooseScoring', { choice });
    expect(choose({ part: 'reference', from: 'folder' })).not.toThrow();
    expect(choose({ part: 'extractor', from: 'recent', recent: '/x.onnx' })).not.toThrow();
    expect(choose({ part: 'extractor', from: 'recent' })).toThrow();
    expect(choose({ part: 'extractor', from: 'model' })).toThrow();
    expect(choose({ part: 'reference', from: '/etc/passwd' })).toThrow();
    expect(() => checkPageParams('copyScores', { ids: ['a'], format: 'word' })).toThrow();
    expect(() => checkPageParams('forgetScores', { ids: 'all' })).toThrow();
  });
});

describe('runs read back', () => {
  it('pass as they were written, and not with a part missing', () => {
    const whole = JSON.parse(JSON.stringify(run('g.onnx'))) as Record<string, unknown>;
    expect(isScoreRun(whole)).toBe(true);
    for (const key of Object.keys(whole)) {
      const { [key]: _, ...rest } = whole;
      expect(isScoreRun(rest), key).toBe(false);
    }
    expect(isScoreRun({ ...whole, schema: 2 })).toBe(false);
  });
});

/** Cells, rows, markup, links, pictures, mathematics, HTML: nothing of a name becomes one of the table's. */
const HOSTILE: readonly [string, string, string][] = [
  ['a|b\nc.onnx', String.raw`a\|b c.onnx`, String.raw`a\textbar{}b c.onnx`],
  [
    '__init__ ~~x~~ *y*',
    String.raw`\_\_init\_\_ \~\~x\~\~ \*y\*`,
    String.raw`\_\_init\_\_ \textasciitilde{}\textasciitilde{}x\textasciitilde{}\textasciitilde{} *y*`,
  ],
  ['![p](http://x.y)', String.raw`!\[p\](http\://x.y)`, '![p](http://x.y)'],
  [
    '<img src=x>&$1$',
    String.raw`&lt;img src=x&gt;&amp;\$1\$`,
    String.raw`\textless{}img src=x\textgreater{}\&\$1\$`,
  ],
  ['[2pt]*.onnx', String.raw`\[2pt\]\*.onnx`, '{}[2pt]*.onnx'],
  [
    String.raw`*\input{/etc/passwd}`,
    String.raw`\*\\input{/etc/passwd}`,
    String.raw`{}*\textbackslash{}input\{/etc/passwd\}`,
  ],
  ['\u202egnp.exe\u2066', 'gnp.exe', 'gnp.exe'],
];

describe('rows of several runs', () => {
  const two = [run('step-1.onnx'), run('step_2.onnx')];

  it('one head where the columns agree, a new table where they do not', () => {
    const lines = asRows(two, 'markdown').trimEnd().split('\n');
    expect(lines).toEqual([
      '| model | FID (N = 2,000) |',
      '|---|---|',
      '| step-1.onnx | 0.6340 [0.4550, 0.8130] |',
      '| step_2.onnx | 0.6340 [0.4550, 0.8130] |',
    ]);
    const [first] = two;
    const kid = run('other.onnx', { scores: (first?.scores ?? []).map((one) => ({ ...one, name: 'KID' })) });
    expect(asRows([...two, kid], 'markdown')).toContain('\n\n| model | KID (N = 2,000) |\n|---|---|\n');
    expect(asRows([kid], 'markdown')).toBe(asMarkdown(kid));
  });

  it('LaTeX escapes what would be a command, CSV what would be another column', () => {
    expect(asRows(two, 'latex').trimEnd().split('\n')).toEqual([
      '% model & FID',
      'step-1.onnx & $0.6340_{-0.1790}^{+0.1790}$ \\\\',
      'step\\_2.onnx & $0.6340_{-0.1790}^{+0.1790}$ \\\\',
    ]);
    const odd = run('a,"b".onnx');
    expect(asRows([odd, odd], 'csv').trimEnd().split('\n')).toHaveLength(3);
    expect(asCsv(odd).split('\n')[1]).toMatch(
      /^"a,""b"".onnx",a{64},fid,FID,0\.634,0\.455,0\.813,2000,2000,/,
    );
  });

  it.each(HOSTILE)('the name %j is a name in Markdown and LaTeX', (name, markdown, latex) => {
    const row = (format: 'markdown' | 'latex') =>
      asRows([run(name)], format)
        .trimEnd()
        .split('\n')
        .slice(1);
    expect(row('markdown')[1]?.split(' | 0.634')[0]).toBe(`| ${markdown}`);
    expect(row('latex')).toEqual([expect.stringMatching(/ & \$0\.6340_/)]);
    expect(row('latex')[0]?.split(' & $0.634')[0]).toBe(latex);
  });

  it('JSON is the runs themselves', () => {
    expect(JSON.parse(asRows(two, 'json'))).toEqual(two);
  });
});
