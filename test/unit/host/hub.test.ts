import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { hubCacheFolder, hubEndpoint, parseHubName } from '../../../src/host/networks/hub.ts';

describe('parseHubName', () => {
  it('reads organisation/name, with or without a revision', () => {
    const id = 'nvidia/segformer-b0-finetuned-ade-512-512';
    expect(parseHubName(id)).toEqual({ id, revision: 'main' });
    expect(parseHubName(`  ${id}@v1.0 `)).toEqual({ id, revision: 'v1.0' });
    expect(parseHubName(`${id}@refs/pr/3`)).toEqual({ id, revision: 'refs/pr/3' });
  });

  it('takes nothing that would lead out of the cache, or to another address', () => {
    for (const text of [
      '',
      'name',
      'a/b/c',
      'a/b@',
      'a/b@..',
      'a/b@x/../y',
      'a/b@/x',
      'a/b@x y',
      '../b',
      'a/..',
      'a/b..c',
      'a--b/c',
      '/a/b',
      'a\\b/c',
      'https://huggingface.co/a/b',
      'a/b?x',
      'a/b#x',
    ])
      expect([text, parseHubName(text)]).toEqual([text, null]);
  });
});

describe('hubEndpoint', () => {
  it('is the setting, else HF_ENDPOINT, else the public hub', () => {
    expect(hubEndpoint('', {})).toBe('https://huggingface.co');
    expect(hubEndpoint('  ', { HF_ENDPOINT: 'http://mirror:8080/' })).toBe('http://mirror:8080');
    expect(hubEndpoint('https://hub.example//', { HF_ENDPOINT: 'http://mirror' })).toBe(
      'https://hub.example',
    );
  });

  it('is no address of another kind', () => {
    for (const setting of ['file:///etc/passwd', 'hub.example', 'ftp://hub.example', 'javascript:1'])
      expect([setting, hubEndpoint(setting, {})]).toEqual([setting, null]);
  });
});

it('hubCacheFolder is where the Python libraries look', () => {
  const home = path.join('/home', 'ada');
  expect(hubCacheFolder({}, home)).toBe(path.join(home, '.cache', 'huggingface', 'hub'));
  expect(hubCacheFolder({ XDG_CACHE_HOME: '/x' }, home)).toBe(path.join('/x', 'huggingface', 'hub'));
  expect(hubCacheFolder({ XDG_CACHE_HOME: '/x', HF_HOME: '/hf' }, home)).toBe(path.join('/hf', 'hub'));
  expect(hubCacheFolder({ HF_HOME: '/hf', HF_HUB_CACHE: '/hub' }, home)).toBe('/hub');
});
