/** The report of a dissection: files that gandissect's page, a spreadsheet and any browser can read, and nothing else. */
import fs from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { Bilinear } from '../../src/algorithms/dissection/bilinear.ts';
import type { Models } from '../../src/engine/models/models.ts';
import { exportReport } from '../../src/engine/report/exportReport.ts';
import { outlined } from '../../src/engine/report/outline.ts';
import type { ExportReportParams } from '../../src/shared/protocol.ts';
import type { Dissection } from '../../src/shared/units/dissection.ts';
import {
  type Asked,
  dissected,
  SEGMENTER,
  TINY_CONCEPTS,
  withModels,
  writeTinyGenerator,
  writeTinySegmenter,
} from './support/dissection.ts';
import { DEMO, temporaryFolder } from './support/engine.ts';

interface Told {
  readonly folder: string;
  readonly files: readonly string[];
  readonly dissection: Dissection;
  // biome-ignore lint/suspicious/noExplicitAny: what another program would see of it
  readonly json: any;
  readonly rows: readonly (readonly string[])[];
  readonly page: string;
}

async function told(asked: Omit<Asked, 'models' | 'cache'> = {}): Promise<Told> {
  const models = withModels();
  const { file, dissection } = await dissected({ ...asked, models, cache: temporaryFolder() });
  const folder = path.join(temporaryFolder(), 'a new', 'folder');
  const { files } = await exported(models, {
    ...{ model: asked.model ?? { path: DEMO }, segmenter: asked.segmenter ?? SEGMENTER },
    ...{ dissection: file ?? '', folder },
  });
  const read = (name: string) => fs.readFileSync(path.join(folder, name), 'utf8');
  return {
    ...{ folder, files, dissection, json: JSON.parse(read('dissect.json')), page: read('report.html') },
    rows: parseCsv(read('units.csv')),
  };
}

function exported(
  models: Models,
  params: ExportReportParams,
  run: { signal?: AbortSignal; report?: (progress: unknown) => void } = {},
): Promise<{ files: readonly string[] }> {
  const signal = run.signal ?? new AbortController().signal;
  return exportReport(params, { models, signal, report: run.report ?? (() => undefined) });
}

/** RFC 4180, quoted cells included. */
function parseCsv(text: string): string[][] {
  return text
    .trimEnd()
    .split('\r\n')
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
        ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
      ),
    );
}

describe('a report', () => {
  it('is three files, each told of the same units', async () => {
    const { folder, files, dissection, json, rows, page } = await told({
      settings: { layers: ['l8b', 'l64'] },
    });
    const names = ['dissect.json', 'units.csv', 'report.html'];
    expect(files).toEqual(names.map((name) => path.join(folder, name)));
    expect(fs.readdirSync(folder).toSorted()).toEqual(names.toSorted());
    const [head, ...units] = rows;
    expect(head).toEqual([
      ...[
        'layer',
        'unit',
        'concept',
        'category',
        'interpretable',
        'iou',
        'interval_low',
        'interval_high',
        'null',
      ],
      ...['bar', 'quality', 'threshold', 'mask_share', 'mean', 'peak', 'top_samples'],
    ]);
    const all = dissection.layers.flatMap(({ layer, units: of }) => of.map((unit) => ({ layer, unit })));
    expect(units).toHaveLength(128 + 24);
    all.forEach(({ layer, unit }, i) => {
      const row = units[i] ?? [];
      const concept = dissection.segmenter.concepts[unit.concept];
      expect(row.slice(0, 6)).toEqual([
        ...[layer, `${unit.unit}`, concept, '', `${unit.interpretable}`, `${unit.iou}`],
      ]);
      expect(row.at(-1)).toBe(unit.top.map(({ index }) => index).join(' '));
      const record = json.layers[layer === 'l8b' ? 0 : 1].units[unit.unit];
      expect(record).toMatchObject({ iou: unit.iou, iou_label: concept, threshold: unit.level });
      expect(record).toMatchObject({ interval: unit.interval, null: unit.nullIou, bar: unit.bar });
    });
    expect(page).toContain(dissection.model.sha256);
    expect(page).toContain(dissection.segmenter.sha256);
  });

  it('has dissect.json as gandissect’s page reads it', async () => {
    const { json, dissection } = await told({ settings: { samples: 210 } });
    expect(json).toMatchObject({
      netname: 'generator.onnx',
      default_ranking: 'label',
      quantile_threshold: 0.01,
      iou_threshold: 0.04,
      iqr_threshold: 0,
      genscope: { schema: 1, settings: dissection.settings, conceptShare: dissection.conceptShare },
    });
    expect(Object.values(json.segcolors).toSorted()).toEqual(dissection.segmenter.concepts.toSorted());
    const [layer] = json.layers;
    const { units, rankings, labels, interpretable } = layer;
    // What the page does: it looks a ranking up by name, and sorts the units by its scores.
    const ranked = (name: string): number[] => {
      const found = rankings.find((ranking: { name: string }) => ranking.name === name);
      const scores: { score: number; at: number }[] = found.score.map((score: number, at: number) => ({
        score,
        at,
      }));
      return scores.toSorted((a, b) => a.score - b.score || a.at - b.at).map(({ at }) => at);
    };
    expect(ranked('unit')).toEqual(Array.from({ length: 128 }, (_, i) => i));
    const byIou = ranked('max iou').map((at) => units[at].iou);
    expect(byIou).toEqual(byIou.toSorted((a, b) => b - a));
    const inOrder = ranked('label').map((at) => units[at]);
    expect(inOrder.map(({ interp }) => interp)).toEqual(inOrder.map((_, i) => i < interpretable));
    // Runs of one label, the longest first.
    const runs = inOrder
      .slice(0, interpretable)
      .reduce<{ label: string; n: number }[]>((sum, { iou_label }) => {
        const last = sum.at(-1);
        if (last && last.label === iou_label) last.n++;
        else sum.push({ label: iou_label, n: 1 });
        return sum;
      }, []);
    expect(new Set(runs.map(({ label }) => label)).size).toBe(runs.length);
    expect(runs.map(({ n }) => n)).toEqual(runs.map(({ n }) => n).toSorted((a, b) => b - a));
    expect(
      labels.map(({ label, units: of }: { label: string; units: number[] }) => [label, of.length]),
    ).toEqual(runs.map(({ label, n }) => [label, n]));
    for (const { labelnum, units: of, cat } of labels) {
      expect(cat).toBe('object');
      for (const unit of of) expect(units[unit]).toMatchObject({ interp: true, iou_labelnum: labelnum });
    }
    expect(interpretable).toBe(dissection.layers[0]?.interpretable);
    const tree = rankings.find(({ name }: { name: string }) => name === 'tree-iou');
    const c = dissection.segmenter.concepts.indexOf('tree');
    expect(tree).toMatchObject({ concept: 'tree', metric: 'iou' });
    expect(tree.score).toEqual(dissection.layers[0]?.iou.map((row) => 0 - (row[c] as number)));
    expect(units[7]).toMatchObject({
      unit: 7,
      iou_cat: 'object',
      iou_iqr: dissection.layers[0]?.units[7]?.quality,
    });
    expect(units[7].top[0]).toEqual({
      imgnum: dissection.layers[0]?.units[7]?.top[0]?.index,
      maxact: dissection.layers[0]?.units[7]?.top[0]?.value,
    });
  });

  it('of iqr mode says so', async () => {
    const { json, page } = await told({ settings: { level: { mode: 'iqr' } } });
    expect(json).toMatchObject({ quantile_threshold: 'iqr', iqr_threshold: 0.01 });
    expect(json.layers[0].rankings.map(({ name }: { name: string }) => name)).toContain('max iqr');
    expect(page).toContain('information quality above 0.01');
    expect(page).not.toContain('cannot reach a high IoU');
  });

  it('is one page that asks for nothing and runs nothing', async () => {
    const { page, dissection } = await told();
    expect(page).toContain(
      `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">`,
    );
    expect(page).not.toMatch(/<script|<link|https?:|@import|url\(|\son\w+=/i);
    expect(page.match(/<tr/g)).toHaveLength(128 + 2);
    expect(page).toContain('prefers-color-scheme: dark');
    expect(page).toContain('@media print');
    expect(page).toContain(`${dissection.layers[0]?.interpretable} of 128 units interpretable`);
    const pictures = [...page.matchAll(/src="data:image\/png;base64,([^"]+)" width="(\d+)" height="(\d+)"/g)];
    // A strip for each unit, and what the segmenter sees: samples and labels.
    expect(pictures).toHaveLength(128 + 2);
    for (const [, data = '', width, height] of pictures.slice(0, 10).concat(pictures.slice(-2))) {
      const found = await sharp(Buffer.from(data, 'base64')).metadata();
      expect([found.format, found.width, found.height]).toEqual(['png', Number(width), Number(height)]);
    }
    expect(pictures.slice(0, 128).map(([, , width, height]) => `${width}×${height}`)).toEqual(
      pictures.slice(0, 128).map(() => '320×64'),
    );
    expect(page.length).toBeLessThan(4e6);
  });

  it('draws the rim of a mask, and only that', () => {
    const picture = { count: 1, width: 8, height: 8, data: new Uint8Array(256).fill(9) };
    const maps = new Float32Array(64);
    for (const y of [2, 3, 4, 5]) for (const x of [2, 3, 4, 5]) maps[y * 8 + x] = 2;
    const drawn = outlined(picture, 0, new Bilinear([8, 8], [8, 8]), { maps, offset: 0, level: 1 });
    const changed = Array.from({ length: 64 }, (_, i) => drawn.data[i * 4] !== 9);
    const rim = changed.map((_, i) => {
      const [x, y] = [i % 8, Math.floor(i / 8)];
      const inside = x >= 2 && x <= 5 && y >= 2 && y <= 5;
      return inside && (x === 2 || x === 5 || y === 2 || y === 5);
    });
    expect(changed).toEqual(rim);
    expect(picture.data.every((byte) => byte === 9)).toBe(true);
    // A level is exceeded, not reached.
    const none = outlined(picture, 0, new Bilinear([8, 8], [8, 8]), { maps, offset: 0, level: 2 });
    expect(none.data).toEqual(picture.data);
  });

  it('lets no name of a stranger’s file become markup or another column', async () => {
    const folder = temporaryFolder();
    const model = { path: writeTinyGenerator(folder, '<img src=x onerror=1>.onnx', { units: 3, side: 16 }) };
    const segmenter = writeTinySegmenter(path.join(folder, 'a <i>& b'));
    const { page, rows, json } = await told({ model, segmenter, settings: { layers: ['relu1'] } });
    expect(page).not.toMatch(/<img src=x|<i>&|<b>&quot;dark|<b>"dark/);
    expect(page).toContain('&lt;img src=x onerror=1&gt;.onnx');
    expect(page).toContain('a &lt;b&gt;&quot;dark&quot;&lt;/b&gt;, one');
    expect(rows.slice(1).map((row) => row.length)).toEqual([16, 16, 16]);
    for (const row of rows.slice(1)) expect(TINY_CONCEPTS).toContain(row[2]);
    expect(json.layers[0].units).toHaveLength(3);
    // Sixteen pixels wide: shown six times as large.
    expect(page).toContain('width="480" height="96"');
  });

  it('of a unit that never fires, and of no interpretable unit, is still one', async () => {
    const folder = temporaryFolder();
    const model = { path: writeTinyGenerator(folder, 'dead.onnx', { units: 2, side: 8, gain: 0 }) };
    const segmenter = writeTinySegmenter(path.join(folder, 'tiny'));
    const { page, json } = await told({ model, segmenter, settings: { layers: ['relu1'], samples: 2 } });
    expect(page).toContain('0 of 2 units interpretable, for 0 concepts');
    expect(page).not.toMatch(/NaN|Infinity|undefined/);
    expect(json.layers[0]).toMatchObject({ interpretable: 0, labels: [] });
  });

  it('compares layers where there are several', async () => {
    const { page } = await told({ settings: { layers: ['l8', 'l8b', 'l64'], samples: 32 } });
    expect(page).toContain('Interpretable units by layer');
    expect(page.match(/<a href="#layer-\d">/g)).toHaveLength(3);
    // 320 pictures in all: the smaller layer keeps its own, the others their best.
    expect(page.match(/alt="Samples \d/g)).toHaveLength(107 + 107 + 24);
    expect(page).toContain('42 units without pictures');
  });
});

describe('a report that cannot be made', () => {
  it('is refused for another model, another segmenter, and what is no dissection', async () => {
    const models = withModels();
    const cache = temporaryFolder();
    const { file } = await dissected({ models, cache, settings: { samples: 16 } });
    const folder = path.join(temporaryFolder(), 'out');
    const good = { model: { path: DEMO }, dissection: file ?? '', segmenter: SEGMENTER, folder };
    const checkpoint = path.join(path.dirname(DEMO), 'checkpoints', 'step-000350.onnx');
    const tiny = writeTinySegmenter(path.join(temporaryFolder(), 'tiny'));
    const notes = path.join(temporaryFolder(), 'notes.json');
    fs.writeFileSync(notes, '{"schema": 2}');
    const wrong = [
      [{ model: { path: checkpoint } }, 'model.changed', 'step-000350.onnx is not what was dissected'],
      [{ segmenter: tiny }, 'model.changed', 'tiny is not what was dissected'],
      [{ dissection: path.join(cache, 'gone.json') }, 'input.invalid', 'gone.json is not a dissection'],
      [{ dissection: notes }, 'input.invalid', 'notes.json is not a dissection'],
      [{ folder: path.join(notes, 'in a file') }, 'output.notWritable', 'could not be written'],
    ] as const;
    for (const [change, code, says] of wrong)
      await expect(exported(models, { ...good, ...change })).rejects.toMatchObject({
        ...{ code, message: expect.stringContaining(says) },
      });
    expect(fs.existsSync(folder)).toBe(false);
  });

  it('leaves nothing when it is called off', async () => {
    const models = withModels();
    const { file } = await dissected({ models, cache: temporaryFolder() });
    const folder = path.join(temporaryFolder(), 'out');
    const controller = new AbortController();
    const asked = exported(
      models,
      { model: { path: DEMO }, dissection: file ?? '', segmenter: SEGMENTER, folder },
      { signal: controller.signal, report: () => controller.abort() },
    );
    await expect(asked).rejects.toMatchObject({ code: 'request.cancelled' });
    expect(fs.existsSync(folder)).toBe(false);
  });
});
