/**
 * ONNX Runtime's library writes usage events into the cache folder and sends them, unless it is told not to before it is
 * loaded. Seen from outside, by its system calls: no file, no socket, whatever the person's environment says.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { CLI } from '../engine/support/cli.ts';
import { DEMO, ROOT, seeds, startEngine, temporaryFolder } from '../engine/support/engine.ts';

const strace = spawnSync('strace', ['-V']).status === 0;
/** Longer than the library waits before it sends what it has queued: without the switch a socket shows within 15 s. */
const WATCHED_MS = 60_000;

const SAMPLE = { model: { path: DEMO }, plan: seeds(4), maxSide: 64, encoding: 'rgba' } as const;

/** A Node whose network calls are written down, with caches in a folder of its own. */
function watchedNode() {
  const folder = temporaryFolder();
  const [node, calls, home] = ['node', 'calls', 'home'].map((name) => path.join(folder, name)) as [
    string,
    string,
    string,
  ];
  fs.mkdirSync(home);
  const script = [
    '#!/bin/sh',
    'unset ORT_DISABLE_TELEMETRY',
    `export HOME='${home}' XDG_CACHE_HOME='${home}/.cache'`,
    `exec strace -f -qq -e trace=socket,connect,sendto -o '${calls}' '${process.execPath}' "$@"`,
  ];
  fs.writeFileSync(node, `${script.join('\n')}\n`, { mode: 0o755 });
  return {
    node,
    sockets: () => fs.readFileSync(calls, 'utf8').match(/^.*(?:AF_INET|PF_INET|nscd).*$/gm) ?? [],
    written: () => fs.readdirSync(home, { recursive: true }),
  };
}

describe.runIf(strace)('telemetry', () => {
  it('an engine that has drawn samples opens no socket and writes no file in a minute', async () => {
    const watched = watchedNode();
    const { client } = startEngine({ execPath: watched.node, idleMs: 0 });
    await client.request('sample', SAMPLE, {});
    await pause(WATCHED_MS);
    await client.request('sample', SAMPLE, {});
    expect(watched.sockets()).toEqual([]);
    expect(watched.written()).toEqual([]);
  });

  it('nor does the command line, nor a script that loads the packed runtime through it', () => {
    const watched = watchedNode();
    const { status } = spawnSync(watched.node, [CLI, 'describe', DEMO, '--json'], { cwd: ROOT });
    expect(status).toBe(0);
    expect(watched.sockets()).toEqual([]);
    expect(watched.written()).toEqual([]);
  });

  it('the watching sees what it looks for', () => {
    const watched = watchedNode();
    const script = "require('dgram').createSocket('udp4').send('x', 9, '127.0.0.1', () => process.exit(0))";
    spawnSync(watched.node, ['-e', script]);
    expect(watched.sockets().length).toBeGreaterThan(0);
  });
});
