/**
 * Every file of the zoo: roles, distance from PyTorch, one seed twice, batch, surgery at every layer; and the table of it
 * in test/fixtures/zoo/README.md.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { batchOf, fromFramework, sameTwice } from './checks.ts';
import { edits, splits } from './edits.ts';
import { variantOf, type ZooFile, zoo } from './manifest.ts';
import { rolesVerdict } from './roles.ts';
import { feedsOf, layersOf, openSubject, runWith, sessionOf } from './subject.ts';
import {
  failuresOf,
  limitsOf,
  type Row,
  renderTable,
  tableInReadme,
  withoutBounds,
  writeTable,
} from './table.ts';

/** What fails, as "file: check", with the reason. A check that passes again has to leave this list. */
const KNOWN_FAILURES: ReadonlyMap<string, string> = new Map<string, string>();

/** Where surgery is tried in what is no generator, and lists no layers: at the first and the last. */
const SOME = new Set([0, 1]);

const rows: Row[] = [];
let scratch = '';
beforeAll(() => {
  scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'genscope zöo '));
});
afterAll(() => fs.rmSync(scratch, { recursive: true, force: true }));

async function rowOf(file: ZooFile): Promise<Row> {
  const subject = await openSubject(file);
  const whole = await sessionOf(subject.model, subject.folder);
  try {
    const feeds = feedsOf(subject, 0, 'on');
    const outputs = await runWith(whole, feeds);
    const { layers: all, shapes } = await layersOf(subject);
    const layers = subject.isListed ? all : all.filter((_, i) => SOME.has(i / (all.length - 1)));
    const cut = layers.length > 0;
    return {
      file,
      roles: rolesVerdict(subject, outputs),
      framework: await fromFramework(subject, whole),
      sameTwice: await sameTwice(subject),
      batch: await batchOf(subject, whole, limitsOf(file).rows),
      layers: layers.length,
      allLayers: all.length,
      split: cut ? await splits(subject, { layers, shapes }, feeds, outputs) : null,
      edited: cut ? await edits(subject, layers, feeds, outputs, scratch) : null,
    };
  } finally {
    await whole.release();
  }
}

describe('the zoo', () => {
  it('has two exporters and twelve families or more', () => {
    expect(new Set(zoo.files.map(({ exporter }) => exporter)).size).toBe(2);
    const models = zoo.files.map(({ variant }) => variantOf(variant));
    const makers = models.filter(({ kind }) => kind === 'generator' || kind === 'imageToImage');
    expect(new Set(makers.map(({ family }) => family)).size).toBeGreaterThanOrEqual(12);
    expect(zoo.files.length).toBeGreaterThan(100);
  });

  it.each(zoo.files.map((file) => [file.file, file] as const))('%s', async (name, file) => {
    const row = await rowOf(file);
    rows.push(row);
    const failures = failuresOf(row);
    const known = [...KNOWN_FAILURES.keys()].filter((key) => key.startsWith(`${path.basename(name)}: `));
    for (const key of known) expect(failures.delete(key.split(': ')[1] ?? ''), key).toBe(true);
    expect([...failures]).toEqual([]);
  });

  it('stands in the README as it is', () => {
    expect(rows.length, 'rows that could be measured').toBe(zoo.files.length);
    if (process.env.GENSCOPE_UPDATE) writeTable(renderTable(rows, KNOWN_FAILURES, 'bounds'));
    const made = withoutBounds(renderTable(rows, KNOWN_FAILURES, 'measured'));
    const stands = withoutBounds(tableInReadme());
    const advice = 'run: GENSCOPE_UPDATE=1 npx vitest run --project engine test/engine/zoo';
    expect(stands.text, advice).toBe(made.text);
    // The last bits differ between processors; the bounds have room for that.
    for (const [i, measured] of made.bounds.entries())
      expect(measured, advice).toBeLessThanOrEqual(stands.bounds[i] ?? 0);
  });
});
