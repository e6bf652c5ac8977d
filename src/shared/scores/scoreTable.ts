/** A run of scores as text for people, and as a row for Markdown, LaTeX and CSV. */
import { csvCell } from '../kernel/csv.ts';
import type { ScoreRun, ScoreValue } from './scores.ts';
import type { ScoreFormat } from './scoring.ts';

/** Four digits that mean something; an interval's ends get as many decimals as its value. */
function figure(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return value.toFixed(decimalsOf(value));
}

function decimalsOf(value: number): number {
  const size = Math.abs(value);
  if (size === 0) return 4;
  return Math.max(0, Math.min(8, 3 - Math.floor(Math.log10(size))));
}

function interval({ value, interval: ends }: ScoreValue): string {
  if (ends === null) return '';
  const decimals = Math.min(decimalsOf(value), decimalsOf(ends[1] - ends[0]) + 1);
  return `[${ends[0].toFixed(decimals)}, ${ends[1].toFixed(decimals)}]`;
}

export function asText(run: ScoreRun): string {
  const { model, reference, extractor, edited } = run;
  const against = reference === null ? '' : ` against ${reference.name}`;
  const head = `${model.file}${against}, features of ${extractor.name} (resize ${extractor.resize}${extractor.values === undefined ? '' : `, values ${extractor.values}`}${extractor.valuesSource === 'guess' ? ', a guess' : ''})\n\n`;
  const parts = [table(run.scores)];
  if (edited !== null && edited.before.length > 0)
    parts.push(
      `\nbefore the edit\n${table(edited.before)}`,
      `\ndifference, same latents\n${table(edited.difference)}`,
    );
  return head + parts.join('');
}

function table(scores: readonly ScoreValue[]): string {
  const rows = scores.map((score) => [
    score.name,
    figure(score.value),
    interval(score),
    score.spread === null ? '' : `${score.spread.name} ${figure(score.spread.value)}`,
    score.n.toLocaleString('en'),
    score.nReference > 0 ? score.nReference.toLocaleString('en') : '',
    score.warnings.length > 0 ? '!' : '',
  ]);
  const all = [['score', 'value', '95 % interval', 'spread', 'N', 'reference', ''], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

function columnName(score: ScoreValue): string {
  return `${score.name} (N = ${score.n.toLocaleString('en')})`;
}

export function asMarkdown({ model, scores, edited }: ScoreRun): string {
  const row = (name: string, values: readonly ScoreValue[]) =>
    `| ${[markdownText(name), ...values.map((score) => `${figure(score.value)} ${interval(score)}`.trim())].join(' | ')} |`;
  const lines = [
    `| ${['model', ...scores.map((score) => markdownText(columnName(score)))].join(' | ')} |`,
    `|${'---|'.repeat(scores.length + 1)}`,
    row(edited === null ? model.file : `${model.file}, edited`, scores),
  ];
  if (edited !== null && edited.before.length > 0)
    lines.push(row(model.file, edited.before), row('difference', edited.difference));
  return `${lines.join('\n')}\n`;
}

/** Names come from strangers' files: no cell, link, picture or markup of theirs may become one of the table's. */
function markdownText(text: string): string {
  const entities: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;' };
  return (
    oneLine(text)
      .replace(/[\\`*[\]<>|&$~]/g, (letter) => entities[letter] ?? `\\${letter}`)
      // Inside a word it is a letter as any other.
      .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_')
      // An address alone would become a link.
      .replace(/:(?=\/\/)/g, '\\:')
      .replace(/\bwww\./gi, (www) => `${www.slice(0, 3)}\\.`)
  );
}

/** The same for LaTeX: ten letters mean something else than themselves there. */
function latexText(text: string): string {
  const words: Readonly<Record<string, string>> = {
    '\\': '\\textbackslash{}',
    '^': '\\textasciicircum{}',
    '~': '\\textasciitilde{}',
    '<': '\\textless{}',
    '>': '\\textgreater{}',
    '|': '\\textbar{}',
    '"': '\\textquotedbl{}',
  };
  const safe = oneLine(text).replace(/[\\^~<>|"_#%&{}$]/g, (letter) => words[letter] ?? `\\${letter}`);
  // After the line break of the row before, these two would be its arguments.
  return /^\s*[[*]/.test(safe) ? `{}${safe}` : safe;
}

/** A row is a line. */
function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '');
}

export function asLatex({ model, scores }: ScoreRun): string {
  const name = latexText(model.file);
  const cells = scores.map((score) => {
    if (score.interval === null) return `$${figure(score.value)}$`;
    const [low, high] = score.interval;
    const decimals = Math.min(decimalsOf(score.value), decimalsOf(high - low) + 1);
    return `$${figure(score.value)}_{${(low - score.value).toFixed(decimals)}}^{+${(high - score.value).toFixed(decimals)}}$`;
  });
  const head = scores.map(({ name: own }) => latexText(own)).join(' & ');
  return `% model & ${head}\n${[name, ...cells].join(' & ')} \\\\\n`;
}

/** One line a value, so that runs can be put together by appending them. */
export function asCsv({ model, reference, extractor, scores }: ScoreRun): string {
  const lines = scores.map((score) => [
    ...[model.file, model.sha256, score.score, score.name, score.value],
    ...[score.interval?.[0] ?? '', score.interval?.[1] ?? '', score.n, score.nReference],
    ...[extractor.name, extractor.sha256, extractor.resize, reference?.name ?? '', reference?.sha256 ?? ''],
    ...[extractor.values ?? 'unknown'],
  ]);
  const head =
    'model,model_sha256,score,name,value,low,high,n,n_reference,extractor,extractor_sha256,resize,reference,reference_sha256,values';
  return `${[head, ...lines.map((line) => line.map(csvCell).join(','))].join('\n')}\n`;
}

/**
 * Several runs as one text: a head that says the same as the one before it is not said again (in Markdown, a new table begins
 * where the columns change).
 */
export function asRows(runs: readonly ScoreRun[], format: ScoreFormat): string {
  if (format === 'json') return `${JSON.stringify(runs, null, 2)}\n`;
  const { write, headLines } = WRITERS[format];
  let before = '';
  return runs
    .map((run) => {
      const lines = write(run).split('\n');
      const head = lines.slice(0, headLines).join('\n');
      const same = head === before;
      const gap = before !== '' && format === 'markdown' ? '\n' : '';
      before = head;
      return same ? lines.slice(headLines).join('\n') : gap + lines.join('\n');
    })
    .join('');
}

const WRITERS = {
  markdown: { write: asMarkdown, headLines: 2 },
  latex: { write: asLatex, headLines: 1 },
  csv: { write: asCsv, headLines: 1 },
} as const;
