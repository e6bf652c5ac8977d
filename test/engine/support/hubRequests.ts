/** What is asked of a hub in tests, and a repository to ask it for. */
import fs from 'node:fs';
import path from 'node:path';
import type { HubProgress, HubRequest } from '../../../src/engine/hub/hub.ts';
import { ROOT, temporaryFolder } from './engine.ts';
import type { FakeHub } from './fakeHub.ts';

export const PARITY = path.join(ROOT, 'test', 'parity', 'segmenter');
export const MODEL = 'onnx/model.onnx';

/** A repository: a segmenter of 89 kB, and much that nobody needs. */
export function repository(more: Readonly<Record<string, Buffer>> = {}): Map<string, Buffer> {
  const read = (name: string) => fs.readFileSync(path.join(PARITY, 'models', 'upernet', name));
  return new Map([
    ['README.md', Buffer.from('# A segmenter')],
    ['config.json', read('config.json')],
    ['preprocessor_config.json', read('preprocessor_config.json')],
    ['pytorch_model.bin', Buffer.alloc(100_000)],
    [MODEL, read('model.onnx')],
    ['onnx/model_quantized.onnx', Buffer.alloc(1000)],
    ...Object.entries(more),
  ]);
}

export interface Asked {
  readonly request: HubRequest;
  readonly progress: HubProgress[];
  readonly abort: AbortController;
  readonly repo: string;
}

export function ask(hub: FakeHub, more: Partial<HubRequest> = {}): Asked {
  const progress: HubProgress[] = [];
  const abort = new AbortController();
  const cacheDir = more.cacheDir ?? path.join(temporaryFolder(), 'hub');
  const request: HubRequest = {
    id: 'org/segmenter',
    revision: 'main',
    endpoint: hub.endpoint,
    signal: abort.signal,
    onProgress: (step) => void progress.push(step),
    ...more,
    cacheDir,
  };
  return { request, progress, abort, repo: path.join(cacheDir, 'models--org--segmenter') };
}

export const transfers = (hub: FakeHub) => hub.requests.filter((line) => line.includes('/resolve/'));
export const contentOf = (folder: string, name: string) => fs.readFileSync(path.join(folder, name));
