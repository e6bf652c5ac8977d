/**
 * The house in numbers: loose files, rooms, arrows between rooms, pairs that import each other, floors, lines of guards,
 * casts. `node scripts/house.mjs [REF …]`: of the working tree, or of commits side by side.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const PROCESSES = ['src/engine', 'src/host', 'src/shared', 'src/onnx', 'src/algorithms', 'webview'];
const IMPORT = /from\s+'(\.{1,2}\/[^']+)'/g;

/** Text by path, of the working tree (no ref) or of a commit. */
function filesOf(ref) {
  const git = (...args) => execFileSync('git', ['-C', ROOT, ...args], { maxBuffer: 2 ** 28 }).toString();
  const listed =
    ref === undefined
      ? git('ls-files', '-co', '--exclude-standard')
      : git('ls-tree', '-r', '--name-only', ref);
  const names = listed.split('\n').filter((name) => /^(src|webview)\/.*\.tsx?$/.test(name));
  if (ref === undefined)
    return new Map(
      names
        .filter((name) => fs.existsSync(path.join(ROOT, name)))
        .map((name) => [name, fs.readFileSync(path.join(ROOT, name), 'utf8')]),
    );
  const input = `${names.map((name) => `${ref}:${name}`).join('\n')}\n`;
  const out = execFileSync('git', ['-C', ROOT, 'cat-file', '--batch'], { input, maxBuffer: 2 ** 28 });
  const files = new Map();
  let at = 0;
  for (const name of names) {
    const end = out.indexOf(10, at);
    const size = Number(out.subarray(at, end).toString().split(' ')[2]);
    files.set(name, out.subarray(end + 1, end + 1 + size).toString('utf8'));
    at = end + 1 + size + 1;
  }
  return files;
}

/** The folder just inside the process; a loose file is a room of its own. */
function roomOf(file, base) {
  const inner = path.posix.relative(base, file);
  return inner.includes('/') ? inner.split('/')[0] : inner;
}

function measure(files, base) {
  const own = [...files].filter(([name]) => name.startsWith(`${base}/`));
  const arrows = new Map();
  for (const [name, text] of own)
    for (const [, to] of text.matchAll(IMPORT)) {
      const target = path.posix.join(path.posix.dirname(name), to);
      if (!files.has(target) || !target.startsWith(`${base}/`)) continue;
      const [from, into] = [roomOf(name, base), roomOf(target, base)];
      if (from !== into) arrows.set(from, (arrows.get(from) ?? new Set()).add(into));
    }
  const rooms = new Set(own.map(([name]) => roomOf(name, base)));
  const pairs = [...arrows].flatMap(([from, all]) =>
    [...all].filter((to) => from < to && arrows.get(to)?.has(from)),
  );
  return {
    files: own.length,
    loose: own.filter(([name]) => !path.posix.relative(base, name).includes('/')).length,
    rooms: rooms.size,
    arrows: [...arrows.values()].reduce((sum, all) => sum + all.size, 0),
    'mutual pairs': pairs.length,
    floors: floorsOf(rooms, arrows),
  };
}

/** The longest way down, circles left out. */
function floorsOf(rooms, arrows) {
  const known = new Map();
  const depth = (room, above) => {
    if (above.includes(room)) return 0;
    if (known.has(room)) return known.get(room);
    const found = Math.max(0, ...[...(arrows.get(room) ?? [])].map((to) => 1 + depth(to, [...above, room])));
    known.set(room, found);
    return found;
  };
  return 1 + Math.max(0, ...[...rooms].map((room) => depth(room, [])));
}

function count(files, pattern, within = /./) {
  let sum = 0;
  for (const [name, text] of files) if (within.test(name)) sum += text.match(pattern)?.length ?? 0;
  return sum;
}

const refs = process.argv.slice(2);
const houses = (refs.length === 0 ? [undefined] : refs).map((ref) => ({
  name: ref ?? 'working tree',
  files: filesOf(ref),
}));
const rows = [];
for (const base of PROCESSES) {
  const each = houses.map(({ files }) => measure(files, base));
  for (const what of Object.keys(each[0])) rows.push([`${base}: ${what}`, ...each.map((one) => one[what])]);
}
const whole = (what, value) => rows.push([what, ...houses.map(({ files }) => value(files))]);
whole('lines of guards (*Guards.ts, guards.ts)', (files) => count(files, /\n/g, /[gG]uards\.ts$/));
whole('conditional spreads ...(x && { … })', (files) =>
  count(files, /\.\.\.\([^()]*(?:\([^()]*\)[^()]*)*&&\s*\{/g),
);
whole('casts in src/algorithms (as number)', (files) => count(files, /\bas number\b/g, /^src\/algorithms\//));
whole('least-recently-used caches', (files) => count(files, /class \w*(?:Lru|LRU|Cache|Warm|Memory)\b/g));

const head = ['', ...houses.map(({ name }) => name)];
process.stdout.write(
  `${[head, head.map((_, i) => (i === 0 ? '---' : '--:')), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')}\n`,
);
