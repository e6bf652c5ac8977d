/**
 * Runs of scores of a workspace, as JSON Lines that are only ever added to: a crash in the middle of a line loses that line
 * alone, and two windows may write at once. Free of `vscode`, so that tests drive it in plain Node.
 */
import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { isObject } from '../../shared/kernel/checks.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { ScoreRun } from '../../shared/scores/scores.ts';
import { MOST_RECORDS, type ScoreRecord } from '../../shared/scores/scoring.ts';
import { isRunIds, isScoreRun } from '../../shared/scores/scoringGuards.ts';

type Kept = Omit<ScoreRecord, 'own'>;

export interface HistoryRead {
  /** Newest first. */
  readonly records: readonly Kept[];
  /** Lines that are none of ours, or only half there. */
  readonly unreadable: number;
}

export class ScoreHistory {
  readonly #file: string | null;
  /** Runs that could not be written: better shown for as long as the window lives than lost. */
  #unwritten: Kept[] = [];

  /** @param folder the workspace's own; null where there is none on this machine: then runs last as long as the window */
  constructor(folder: string | null) {
    this.#file = folder === null ? null : path.join(folder, 'scores.jsonl');
  }

  get file(): string | null {
    return this.#file;
  }

  /**
   * @returns the run's id
   * @throws GenscopeError `output.notWritable`; the run is then listed until the window closes
   */
  async add(model: string, run: ScoreRun): Promise<string> {
    const record: Kept = { id: randomUUID(), model, run };
    try {
      await this.#append(record);
    } catch (thrown) {
      this.#unwritten = [record, ...this.#unwritten];
      throw notWritten(this.#file ?? 'the history', thrown);
    }
    return record.id;
  }

  /** @throws GenscopeError `output.notWritable` */
  async forget(ids: readonly string[]): Promise<void> {
    this.#unwritten = this.#unwritten.filter(({ id }) => !ids.includes(id));
    try {
      await this.#append({ forget: ids });
    } catch (thrown) {
      throw notWritten(this.#file ?? 'the history', thrown);
    }
  }

  async read(): Promise<HistoryRead> {
    const records = new Map<string, Kept>();
    let unreadable = 0;
    for (const line of (await this.#text()).split('\n')) {
      if (line.trim() === '') continue;
      const entry = parse(line);
      if (entry === null) unreadable++;
      else if ('forget' in entry) for (const id of entry.forget) records.delete(id);
      else records.set(entry.id, entry);
    }
    const all = [...this.#unwritten, ...[...records.values()].reverse()];
    return { records: all.slice(0, MOST_RECORDS), unreadable };
  }

  async #append(entry: unknown): Promise<void> {
    if (this.#file === null) throw new Error('This window has no folder of its own.');
    await fs.mkdir(path.dirname(this.#file), { recursive: true });
    // A line break on both sides: what a crash has left half-written before stays a line of its own.
    const line = Buffer.from(`\n${JSON.stringify(entry)}\n`);
    const file = await fs.open(this.#file, 'a');
    try {
      // One write of an append-only file is not torn apart by another window's; `appendFile` makes several of a long line.
      const { bytesWritten } = await file.write(line, 0, line.length);
      if (bytesWritten < line.length)
        throw new Error(`Only ${bytesWritten} of ${line.length} bytes were written.`);
    } finally {
      await file.close();
    }
  }

  async #text(): Promise<string> {
    if (this.#file === null) return '';
    try {
      return await fs.readFile(this.#file, 'utf8');
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return '';
      throw new GenscopeError(
        'input.invalid',
        `The history of scores cannot be read: ${this.#file}`,
        'Check who may read that file; scores can be computed all the same.',
        { detail: String(thrown) },
      );
    }
  }
}

function parse(line: string): Kept | { readonly forget: readonly string[] } | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    // Counted by the caller, and left where it is.
    return null;
  }
  if (!isObject(value)) return null;
  if (isRunIds(value.forget)) return { forget: value.forget };
  const { id, model, run } = value;
  return typeof id === 'string' && typeof model === 'string' && isScoreRun(run) ? { id, model, run } : null;
}

function notWritten(place: string, thrown: unknown): GenscopeError {
  return new GenscopeError(
    'output.notWritable',
    `The history of scores cannot be written: ${place}`,
    'What was measured is shown until this window closes: copy it. Then free some space, or check who may write there.',
    { detail: String(thrown) },
  );
}
