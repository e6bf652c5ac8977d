import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isInnerPath } from '../../../src/shared/kernel/paths.ts';
import type { PageMethod } from '../../../src/shared/pageProtocol.ts';
import { accepts, WITHOUT } from './support.ts';

describe('translate', () => {
  const whole = { way: 'forth', first: 0, count: 16, blur: 0, maxSide: 256, stamp: 'abc' };

  it('takes what a page sends, up to its limits', () => {
    for (const change of [
      {},
      { way: 'back' },
      { count: 1 },
      { count: 256 },
      { blur: 20 },
      { blur: 0.5 },
      { first: 999 },
    ])
      expect(accepts('translate', { ...whole, ...change })).toBe(true);
  });

  it('refuses everything else', () => {
    const wrong: Record<string, readonly unknown[]> = {
      way: ['up', ...WITHOUT],
      first: [-1, 0.5, ...WITHOUT],
      count: [0, 257, 1.5, ...WITHOUT],
      blur: [-0.1, 20.1, ...WITHOUT],
      maxSide: [0, 1e9, ...WITHOUT],
      stamp: [undefined, 3],
    };
    for (const [key, values] of Object.entries(wrong))
      for (const value of values)
        expect([key, value, accepts('translate', { ...whole, [key]: value })]).toEqual([key, value, false]);
  });

  it('lets no file be named', () => {
    expect(accepts('chooseTranslation', { what: 'folder', way: 'forth' })).toBe(true);
    expect(accepts('chooseTranslation', { what: 'noSecond', way: 'back' })).toBe(true);
    expect(accepts('chooseTranslation', { what: '/etc', way: 'forth' })).toBe(false);
    expect(accepts('chooseTranslation', { what: 'files', way: 'sideways' })).toBe(false);
    expect(accepts('translationSetup', {})).toBe(true);
    expect(accepts('chooseEmbedding', { input: 'ws' })).toBe(true);
    expect(accepts('chooseEmbedding', { input: 5 })).toBe(false);
  });
});

describe('roles', () => {
  const answer = (role: unknown) => accepts('answerRoles', { roles: { inputs: { x: role }, outputs: {} } });

  it('takes each of them whole', () => {
    const good = [
      { role: 'latent' },
      { role: 'latent', space: 'w+' },
      { role: 'embedding' },
      { role: 'embedding', file: 'prompts.npy' },
      { role: 'embedding', file: 'below/prompts.npy' },
      { role: 'codes', entries: 512 },
      { role: 'image', layout: 'NHWC', range: [0, 255] },
      { role: 'image', layout: 'NCHW', range: [-1, 1], size: { width: 64, height: 64 } },
    ];
    for (const role of good) expect([role, answer(role)]).toEqual([role, true]);
  });

  it('refuses parts that are missing or wrong', () => {
    const bad = [
      { role: 'latent', space: 'v' },
      { role: 'embedding', file: '../prompts.npy' },
      { role: 'embedding', file: '/etc/passwd' },
      { role: 'embedding', file: 'prompts.txt' },
      { role: 'codes' },
      { role: 'codes', entries: 0 },
      { role: 'codes', entries: 1.5 },
      { role: 'image' },
      { role: 'image', layout: 'NCHW', range: [1, 1] },
      { role: 'image', layout: 'NCHW', range: [-1, 1], size: { width: 0, height: 64 } },
      { role: 'image', layout: 'NCHW', range: [-1, 1], size: 64 },
      { role: 'pixels' },
    ];
    for (const role of bad) expect([role, answer(role)]).toEqual([role, false]);
  });
});

describe('isInnerPath', () => {
  it('names a .npy file in a folder or below it, on every system', () => {
    for (const path of ['a.npy', 'b/a.npy', 'b\\a.npy', '..a.npy', 'a b.NPY'])
      expect(isInnerPath(path)).toBe(true);
    const outside = [
      '',
      'a',
      '/a.npy',
      '\\a.npy',
      '\\\\host\\a.npy',
      'C:\\a.npy',
      'C:a.npy',
      '../a.npy',
      'b/../../a.npy',
      'a\0.npy',
      3,
      null,
    ];
    for (const path of outside) expect([path, isInnerPath(path)]).toEqual([path, false]);
  });
});

it('whatever is sent, the answer is yes or a coded no', () => {
  const methods: readonly PageMethod[] = [
    'translate',
    'chooseTranslation',
    'chooseEmbedding',
    'answerRoles',
    'sample',
  ];
  fc.assert(
    fc.property(fc.constantFrom(...methods), fc.anything(), (method, params) => {
      accepts(method, params);
    }),
    { numRuns: 500 },
  );
});
