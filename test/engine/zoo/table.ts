/** The zoo's table in test/fixtures/zoo/README.md: made of results, and compared with what stands there. */
import fs from 'node:fs';
import path from 'node:path';
import type { Batch } from './checks.ts';
import type { Edited } from './edits.ts';
import { type Refused, type Wanted, ZOO, type ZooFile, zoo } from './manifest.ts';
import type { RolesVerdict } from './roles.ts';

export interface Row {
  readonly file: ZooFile;
  readonly roles: RolesVerdict;
  /** Largest |Δ| from PyTorch. */
  readonly framework: number;
  readonly sameTwice: boolean;
  readonly batch: Batch;
  /** How many layers surgery was tried at, and how many there are. */
  readonly layers: number;
  readonly allLayers: number;
  /** Null where there is no layer. */
  readonly split: number | null;
  readonly edited: Edited | null;
}

export interface Limits {
  readonly framework: number;
  readonly rows: number;
  readonly surgery: number;
}

/** Half precision keeps eleven bits, and networks of random weights amplify what is lost. */
export function limitsOf({ precision }: ZooFile): Limits {
  return precision === 'fp32'
    ? { framework: 1e-4, rows: 1e-4, surgery: 1e-5 }
    : { framework: 2e-2, rows: 2e-2, surgery: 2e-2 };
}

/** The checks that a row does not pass, by name, each with what was found. */
export function failuresOf({ file, roles, framework, sameTwice, split, edited }: Row): Map<string, string> {
  const limits = limitsOf(file);
  const failed = new Map<string, string>();
  const atMost = (check: string, measured: number, limit: number) => {
    if (!(measured <= limit)) failed.set(check, `${measured} > ${limit}`);
  };
  if (typeof roles !== 'string') failed.set('roles', roles.wrong.join('; '));
  atMost('PyTorch', framework, limits.framework);
  if (!sameTwice) failed.set('seed', 'two pictures of one seed differ');
  if (split !== null) atMost('split', split, limits.surgery);
  if (edited !== null) {
    atMost('identity', edited.identity, limits.surgery);
    atMost('bake', edited.baked, limits.surgery);
    if (!edited.switchesOff) failed.set('ablation', 'units switched off give numbers that are not finite');
  }
  return failed;
}

const HEAD = [
  'model',
  'files',
  'roles without a sidecar',
  'from PyTorch',
  'same seed twice',
  'batch',
  'layers',
  'split at each',
  'identity at all',
  'bake = intervene',
];

/**
 * One line for each group of files of a variant that came out alike. The distance from PyTorch is an order of magnitude
 * three times above what was measured, so that other processors stay below it; or what was measured, to compare.
 */
export function renderTable(
  rows: readonly Row[],
  known: ReadonlyMap<string, string>,
  distances: 'bounds' | 'measured',
): string {
  const groups = new Map<string, { row: Row; tokens: string[]; framework: number }>();
  for (const row of rows) {
    const key = JSON.stringify([
      row.file.variant,
      row.file.precision,
      cells(row),
      failuresOf(row).has('PyTorch'),
    ]);
    const group = groups.get(key) ?? { row, tokens: [], framework: 0 };
    groups.set(key, group);
    group.tokens.push(`\`${tokenOf(row.file)}\``);
    group.framework = Math.max(group.framework, row.framework);
  }
  const lines = [...groups.values()].map(({ row, tokens, framework }) => {
    const [roles = '', seed = '', ...others] = cells(row);
    const shown = distances === 'bounds' ? bound(framework, row.file) : framework.toExponential(3);
    const distance = failuresOf(row).has('PyTorch') ? 'fails' : `≤ ${shown}`;
    return line([row.file.variant, tokens.join(' '), roles, distance, seed, ...others]);
  });
  const families = new Set(zoo.variants.map(({ family }) => family));
  const makers = zoo.variants.filter(({ kind }) => kind === 'generator' || kind === 'imageToImage');
  const exporters = new Set(rows.map(({ file }) => file.exporter));
  return [
    `${rows.length} files, ${new Set(rows.map(({ file }) => file.variant)).size} models of ${families.size} families (${new Set(makers.map(({ family }) => family)).size} make pictures), ${exporters.size} exporters. \`ts\`: TorchScript, \`dynamo\`: the dynamo exporter.`,
    '',
    line(HEAD),
    line(HEAD.map(() => '---')),
    ...lines,
    '',
    ...notes(rows, known),
    ...refusals(zoo.refused),
  ].join('\n');
}

function cells(row: Row): string[] {
  const limit = `≤ ${exponent(limitsOf(row.file).surgery)}`;
  const failed = failuresOf(row);
  const cell = (check: string, measured: unknown, good: string) =>
    measured === null ? '–' : failed.has(check) ? 'fails' : good;
  return [
    cell('roles', row.roles, String(row.roles)),
    cell('seed', row.sameTwice, 'identical'),
    row.batch.verdict,
    row.layers === row.allLayers ? String(row.layers) : `${row.layers} of ${row.allLayers}`,
    cell('split', row.split, limit),
    cell('identity', row.edited, limit),
    cell('bake', row.edited, failed.has('ablation') ? `${limit} at ¼` : limit),
  ];
}

const line = (values: readonly string[]) => `| ${values.join(' | ')} |`;

/** The smallest power of ten three times above what was measured; the limit, when that would be beyond it. */
function bound(measured: number, file: ZooFile): string {
  const limit = limitsOf(file).framework;
  const power = 10 ** Math.max(-6, Math.ceil(Math.log10(3 * measured || 1e-9)));
  return exponent(Math.min(power, limit));
}

const exponent = (value: number) => value.toExponential(0);

/** "ts.op11.fp16" */
function tokenOf({ file, variant }: Wanted): string {
  return path.basename(file, '.onnx').slice(variant.length + 1);
}

function notes(rows: readonly Row[], known: ReadonlyMap<string, string>): string[] {
  const loops = new Map<string, string[]>();
  for (const { file, batch } of rows)
    if (batch.verdict === 'loop') {
      const reason = batch.reason.replace(/the weights of \S+/, 'the weights of its convolutions');
      loops.set(reason, [...(loops.get(reason) ?? []), file.variant]);
    }
  return [
    'Roles: `asks` means that the right answer is on the menu of a question. Batch: `declared` in the file and proved, `freed` by surgery and proved, `loop` one sample a run, since',
    '',
    ...[...loops].map(([reason, variants]) => `* ${reason}: ${[...new Set(variants)].join(', ')}.`),
    '',
    'Split, identity and bake are largest differences from the whole graph, in units of its largest value where that is above 1; bake switches off every third unit of the first, the middle and the last layer. What is no generator lists no layers; there surgery is tried at the first and the last.',
    '',
    known.size === 0 ? 'Nothing fails.' : 'What fails:',
    ...(known.size === 0 ? [] : ['', ...[...known].map(([what, reason]) => `* ${what}: ${reason}`)]),
    '',
  ];
}

function refusals(refused: readonly Refused[]): string[] {
  const counts = new Map<string, string[]>();
  for (const { file, step, reason } of refused) {
    // The runtime's reasons begin with the file and end with every tensor of the node.
    const short = reason.replace(/^.*failed:| : \(.*$/gs, '').trim();
    const key = `${step}: ${short}`;
    counts.set(key, [...(counts.get(key) ?? []), `\`${file}\``]);
  }
  return [
    `Asked for, but no file (${refused.length}):`,
    '',
    ...[...counts].map(([what, files]) => `* ${what} (${files.length}): ${files.join(', ')}`),
  ];
}

const README = path.join(ZOO, 'README.md');
const BETWEEN = /(<!-- results -->\n)([\s\S]*?)(<!-- \/results -->)/;
const BOUND = /≤ \d(?:\.\d+)?e-?\+?\d+/g;

export function tableInReadme(): string {
  return (BETWEEN.exec(fs.readFileSync(README, 'utf8'))?.[2] ?? '').trim();
}

export function writeTable(table: string): void {
  const text = fs.readFileSync(README, 'utf8');
  fs.writeFileSync(
    README,
    text.replace(BETWEEN, (_, before: string, __, after: string) => `${before}\n${table}\n\n${after}`),
  );
}

/** The text with its bounds taken out, and the bounds. */
export function withoutBounds(table: string): { text: string; bounds: number[] } {
  const bounds = (table.match(BOUND) ?? []).map((one) => Number(one.slice(2)));
  return { text: table.replace(BOUND, '≤ …'), bounds };
}
