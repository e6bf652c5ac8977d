import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import {
  EngineClient,
  type EngineClientOptions,
  type EngineState,
} from '../../../src/host/process/engineClient.ts';
import type { Frames } from '../../../src/shared/protocol.ts';
import { DEFAULT_SOURCE, type LatentPlan } from '../../../src/shared/samples/latents.ts';

export const ROOT = path.resolve(import.meta.dirname, '../../..');
export const DEMO = path.join(ROOT, 'media', 'demo', 'generator.onnx');
export const FIXTURES = path.join(ROOT, 'test', 'fixtures', 'models');

export interface TestEngine {
  readonly client: EngineClient;
  readonly states: EngineState[];
  readonly log: string[];
}

/** A real engine process behind the host's own client; ended with the test. */
export function startEngine(options: Partial<EngineClientOptions> = {}): TestEngine {
  const states: EngineState[] = [];
  const log: string[] = [];
  const keep = (message: string) => void log.push(message);
  const client = new EngineClient({
    name: 'interactive',
    script: path.join(ROOT, 'dist', 'engine.js'),
    execPath: '',
    threads: 0,
    idleMs: 60_000,
    hardCancelMs: 5_000,
    log: { info: keep, warn: keep, error: keep },
    onState: (state) => states.push(state),
    ...options,
  });
  onTestFinished(() => client.dispose());
  return { client, states, log };
}

export function seeds(count: number, more: Partial<Extract<LatentPlan, { kind: 'seeds' }>> = {}): LatentPlan {
  return { kind: 'seeds', source: DEFAULT_SOURCE, seed: 0, count, classes: 'all', ...more };
}

/** Collects frames into one RGBA block, in the order of the samples. */
export function collector() {
  const frames: Frames[] = [];
  return {
    frames,
    onProgress: (frame: Frames) => void frames.push(frame),
    pixels(): Uint8Array {
      const sorted = [...frames].sort((a, b) => a.offset - b.offset);
      return Buffer.concat(sorted.map((frame) => frame.data));
    },
  };
}

/** A folder of the test's own, with a space and an umlaut in its name as people have. */
export function temporaryFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'genscope tést '));
  onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function until(condition: () => boolean, ms = 10_000): Promise<void> {
  const deadline = Date.now() + ms;
  return new Promise((resolve, reject) => {
    const check = () => {
      if (condition()) resolve();
      else if (Date.now() > deadline) reject(new Error(`not so within ${ms} ms: ${condition}`));
      else setTimeout(check, 10);
    };
    check();
  });
}
