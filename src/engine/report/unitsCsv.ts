/** A dissection as a table: one row per unit, for spreadsheets and pandas (RFC 4180). */
import { csvCell } from '../../shared/kernel/csv.ts';
import type { Dissection } from '../../shared/units/dissection.ts';

const COLUMNS = [
  ...['layer', 'unit', 'concept', 'category', 'interpretable'],
  ...['iou', 'interval_low', 'interval_high', 'null', 'bar', 'quality'],
  ...['threshold', 'mask_share', 'mean', 'peak', 'top_samples'],
];

export function unitsCsv({ layers, segmenter }: Dissection): string {
  const rows = layers.flatMap(({ layer, units }) =>
    units.map((unit) => [
      ...[layer, unit.unit, segmenter.concepts[unit.concept] ?? ''],
      ...[segmenter.categories[unit.concept] ?? '', unit.interpretable],
      ...[unit.iou, ...unit.interval, unit.nullIou, unit.bar, unit.quality],
      ...[unit.level, unit.maskShare, unit.mean, unit.peak],
      unit.top.map(({ index }) => index).join(' '),
    ]),
  );
  return [COLUMNS, ...rows].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');
}
