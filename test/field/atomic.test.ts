/** Nothing that a person has is lost to something that could not be written. */
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { AtomicFile, removeStaleParts, writeFileAtomic } from '../../src/shared/files/atomic.ts';
import { genscopeOnFullDisk } from '../engine/support/cli.ts';
import { DEMO, ROOT, temporaryFolder } from '../engine/support/engine.ts';

const TRANSLATE = path.join(ROOT, 'media', 'demo', 'translate');

const EDIT = { schema: 1, edits: [{ layer: 'l8b', units: [3] }] };

/** Every command that writes, and where. */
const WRITERS: Readonly<Record<string, (out: (name: string) => string) => readonly string[]>> = {
  'a grid': (out) => ['sample', DEMO, '--count', '4', '--out', out('a.png')],
  'an animation': (out) => ['sample', DEMO, '--interpolate', '1', '2', '--steps', '4', '--out', out('a.gif')],
  arrays: (out) => ['sample', DEMO, '--count', '4', '--npy', out('a.npy'), '--latents', out('z.npy')],
  translations: (out) => [
    'translate',
    path.join(TRANSLATE, 'summer_to_winter.onnx'),
    ...[
      '--input',
      path.join(TRANSLATE, 'summer'),
      '--count',
      '2',
      '--out',
      out('a.png'),
      '--npy',
      out('a.npy'),
    ],
  ],
  'an edited model': (out) => ['edit', DEMO, '--edit', out('../edit.json'), '--out', out('a.onnx')],
  'a sweep and code': (out) => [
    ...['edit', DEMO, '--edit', out('../edit.json'), '--count', '1'],
    ...['--sweep', out('a.gif'), '--frames', '2', '--code', out('a.py')],
  ],
};

describe('a full disk', () => {
  for (const [what, args] of Object.entries(WRITERS))
    it(`under ${what}: exit 2, what was there before is there still, and nothing else`, () => {
      const parent = temporaryFolder();
      const folder = path.join(parent, 'out');
      fs.mkdirSync(folder);
      fs.writeFileSync(path.join(parent, 'edit.json'), JSON.stringify(EDIT));
      const names: string[] = [];
      const command = args((name) => {
        if (!name.startsWith('..')) names.push(name);
        return path.join(folder, name);
      });
      for (const name of names) fs.writeFileSync(path.join(folder, name), 'before');
      const { status, stderr } = genscopeOnFullDisk(folder, ...command);
      expect([status, stderr]).toEqual([2, expect.stringContaining('the disk is full. Make room there')]);
      expect(fs.readdirSync(folder).sort()).toEqual([...names].sort());
      for (const name of names) expect(fs.readFileSync(path.join(folder, name), 'utf8')).toBe('before');
    });
});

describe('one way of writing', () => {
  it('no other part of the product opens a file to write it', () => {
    const allowed: Readonly<Record<string, RegExp>> = {
      // The one way itself.
      'src/shared/files/atomic.ts': /./,
      // Rows that are only ever added, each with its own checksum; lines, each in one write; a download that is resumed.
      'src/engine/features/store.ts': /openSync|writeSync/,
      'src/host/studies/history.ts': /open\(/,
      // VS Code's own, for places that are no files on disk.
      'src/host/files/write.ts': /writeFile/,
      'src/engine/hub/transfer.ts': /open\(|writeFile\(/,
      // Under the part's folder, which is renamed as a whole.
      'src/engine/inception/setUp.ts': /openSync|writeSync/,
    };
    const offences = fs
      .readdirSync(path.join(ROOT, 'src'), { recursive: true })
      .map((name) => `src/${String(name)}`)
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => {
        const text = fs.readFileSync(path.join(ROOT, name), 'utf8');
        const calls =
          text.match(
            /\bfs(?:\.promises)?\.(?:writeFileSync|writeFile|appendFile\w*|createWriteStream|writeSync|write)\(|openSync\([^)]*'[wa]/g,
          ) ?? [];
        return calls.filter((call) => !allowed[name]?.test(call)).map((call) => `${name}: ${call}`);
      });
    expect(offences).toEqual([]);
  });

  it('two processes that write one file at once leave one of theirs, whole', async () => {
    const folder = temporaryFolder();
    const file = path.join(folder, 'a.json');
    const script = `
      const { writeFileAtomic } = await import(${JSON.stringify(path.join(ROOT, 'src/shared/files/atomic.ts'))});
      for (let i = 0; i < 200; i++) writeFileAtomic(${JSON.stringify(file)}, process.argv[2].repeat(100_000));`;
    const esbuild = path.join(ROOT, 'node_modules', 'esbuild', 'bin', 'esbuild');
    const built = path.join(folder, 'writer.mjs');
    fs.writeFileSync(path.join(folder, 'writer.ts'), script);
    const { status, stderr } = spawnSync(
      esbuild,
      [path.join(folder, 'writer.ts'), '--bundle', '--platform=node', '--format=esm', `--outfile=${built}`],
      { encoding: 'utf8' },
    );
    expect([status, stderr]).toEqual([0, expect.anything()]);
    const writers = ['a', 'b'].map((letter) => spawn(process.execPath, [built, letter]));
    const codes = await Promise.all(
      writers.map((writer) => new Promise((resolve) => writer.on('exit', resolve))),
    );
    expect(codes).toEqual([0, 0]);
    const text = fs.readFileSync(file, 'utf8');
    expect([text.length, new Set(text).size]).toEqual([100_000, 1]);
    expect(fs.readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('a link is written through, a device is written to, rights stay, and a folder is refused', () => {
    const folder = temporaryFolder();
    const inFolder = (name: string) => path.join(folder, name);
    fs.writeFileSync(inFolder('real.txt'), 'before', { mode: 0o600 });
    fs.symlinkSync('real.txt', inFolder('link.txt'));
    fs.symlinkSync('new.txt', inFolder('dangling.txt'));
    writeFileAtomic(inFolder('link.txt'), 'after');
    writeFileAtomic(inFolder('dangling.txt'), 'new');
    expect(fs.readlinkSync(inFolder('link.txt'))).toBe('real.txt');
    expect(fs.readFileSync(inFolder('real.txt'), 'utf8')).toBe('after');
    expect(fs.statSync(inFolder('real.txt')).mode & 0o777).toBe(0o600);
    expect(fs.readFileSync(inFolder('new.txt'), 'utf8')).toBe('new');
    writeFileAtomic('/dev/null', 'nothing');
    expect(fs.statSync('/dev/null').isCharacterDevice()).toBe(true);
    expect(() => writeFileAtomic(folder, 'x')).toThrow(/could not be written: it is a folder/);
  });

  it('parts of a writer that was killed go with the next opening of the cache; those of a live one stay', () => {
    const folder = temporaryFolder();
    const gone = spawnSync(process.execPath, ['-e', '']).pid;
    fs.writeFileSync(path.join(folder, `a.json.${gone}-0123456789ab.part`), 'half');
    const own = new AtomicFile(path.join(folder, 'b.json'));
    removeStaleParts(folder);
    expect(fs.readdirSync(folder)).toEqual([expect.stringMatching(/^b\.json\./)]);
    own.abandon();
    expect(fs.readdirSync(folder)).toEqual([]);
  });
});
