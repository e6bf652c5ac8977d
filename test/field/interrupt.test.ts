/** Ctrl-C is heard while a run blocks the process that works. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { serialize } from '../../src/onnx/open.ts';
import { FLOAT, floatTensor, makeNode, makeValue } from '../../src/onnx/surgery/build.ts';
import { CLI } from '../engine/support/cli.ts';
import { temporaryFolder, until } from '../engine/support/engine.ts';
import { modelOf } from '../unit/onnx/support.ts';

/** A generator whose one run takes minutes: a convolution of large maps, forty times over. */
function endless(): string {
  const channels = 32;
  const weight = new Array<number>(channels * channels * 9).fill(0.003);
  const layers = Array.from({ length: 40 }, (_, i) => [
    makeNode('Conv', [`x${i}`, 'w'], [`c${i}`], { pads: [1, 1, 1, 1], kernel_shape: [3, 3] }),
    makeNode('Tanh', [`c${i}`], [`x${i + 1}`]),
  ]).flat();
  const model = modelOf({
    nodes: [
      makeNode('Resize', ['z', '', 'scales'], ['x0']),
      ...layers,
      makeNode('Conv', ['x40', 'rgb'], ['image']),
    ],
    inputs: [makeValue('z', FLOAT, ['N', channels, 1, 1])],
    outputs: [makeValue('image', FLOAT, ['N', 3, 1536, 1536])],
    weights: [
      floatTensor('w', [channels, channels, 3, 3], weight),
      floatTensor('rgb', [3, channels, 1, 1], new Array(3 * channels).fill(0.1)),
      floatTensor('scales', [4], [1, 1, 1536, 1536]),
    ],
  });
  const file = path.join(temporaryFolder(), 'endless.onnx');
  fs.writeFileSync(file, serialize(model));
  return file;
}

function start(file: string) {
  const args = [CLI, 'sample', file, '--count', '2', '--out', path.join(temporaryFolder(), 'a.png')];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<{ code: number | null; ms: number; stderr: string }>((resolve) => {
    child.once('close', (code) => resolve({ code, ms: performance.now(), stderr }));
  });
  return { child, ended };
}

/** Processes that have this text in their command line. */
function running(text: string): number[] {
  return fs.readdirSync('/proc').flatMap((pid) => {
    try {
      return /^\d+$/.test(pid) && fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text)
        ? [Number(pid)]
        : [];
    } catch {
      return [];
    }
  });
}

/** Until the child that works has been busy for a while: by then it is inside the run. */
async function busy(file: string): Promise<void> {
  await until(() => running(file).length === 2, 30_000);
  await pause(3_000);
}

describe.runIf(process.platform === 'linux')('Ctrl-C while the runtime blocks', () => {
  it('the second one ends it at once: exit 130, and no process is left', async () => {
    const file = endless();
    const { child, ended } = start(file);
    await busy(file);
    child.kill('SIGINT');
    await pause(300);
    // Deaf without the second process: the run goes on for minutes.
    expect(running(file)).toHaveLength(2);
    const asked = performance.now();
    child.kill('SIGINT');
    const { code, ms, stderr } = await ended;
    expect([code, stderr]).toEqual([130, 'genscope: cancelled\n']);
    // Generous: it is minutes where it is not heard.
    expect(ms - asked).toBeLessThan(10_000);
    await until(() => running(file).length === 0);
  });

  it('a terminal that closes, or a machine that shuts down, ends it as well', async () => {
    const file = endless();
    const { child, ended } = start(file);
    await busy(file);
    child.kill('SIGTERM');
    expect((await ended).code).toBe(130);
    await until(() => running(file).length === 0);
  });

  it('a child that is killed is said, in one line', async () => {
    const file = endless();
    const { child, ended } = start(file);
    await busy(file);
    const worker = running(file).find((pid) => pid !== child.pid);
    process.kill(worker as number, 'SIGKILL');
    const { code, stderr } = await ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^genscope: the engine stopped unexpectedly \(SIGKILL; the machine may have run out of memory\)\./,
    );
  });
});
