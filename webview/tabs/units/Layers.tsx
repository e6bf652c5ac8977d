import type { DissectedLayer } from '../../../src/shared/units/dissection.ts';
import { useModel, useUnits } from '../../app/context.ts';
import { iou, percent } from '../../model/format.ts';
import { resolutionOf } from '../../model/layerStrip.ts';
import { isInterpretable, type Verdict } from '../../model/verdict.ts';
import { BarList } from '../../plots/BarList.tsx';
import { t } from '../../strings.ts';

/** The layers of a dissection side by side: how many of their units stand for something. */
export function Layers() {
  const units = useUnits();
  const { layers } = useModel();
  const { dissection, partial } = units.dissecting;
  const found = partial.value.length > 0 ? partial.value : (dissection.value?.layers ?? []);
  if (found.length < 2) return null;
  const verdict = units.verdict.value;
  const rows = found.map((layer) => ({ layer, count: countOf(layer, verdict) }));
  return (
    <section class="units-section" aria-label={t('layers.title')} data-testid="layers">
      <h2>{t('layers.title')}</h2>
      <BarList
        label={t('layers.label')}
        testId="layer-chart"
        bars={rows.map(({ layer, count }) => ({
          id: layer.tensor,
          label: `${layer.layer} · ${resolutionOf(layer)}`,
          value: count,
          text: t('layers.text', { found: count, units: layer.units.length }),
          title: wordsOf(layer, count),
          selected: layer.tensor === units.layer.value?.tensor,
        }))}
        onPick={(tensor) => {
          const layer = layers?.find((known) => known.tensor === tensor);
          if (layer !== undefined) units.choose(layer);
        }}
      />
      <LayerTable rows={rows} />
    </section>
  );
}

interface LayerCount {
  readonly layer: DissectedLayer;
  readonly count: number;
}

function LayerTable({ rows }: { rows: readonly LayerCount[] }) {
  return (
    <details data-testid="layer-counts">
      <summary>{t('concepts.table')}</summary>
      <div class="table-scroll">
        <table class="layer-table">
          <thead>
            <tr>
              <th scope="col">{t('model.layer.name')}</th>
              <th scope="col">{t('layers.column.found')}</th>
              <th scope="col">{t('layers.column.share')}</th>
              <th scope="col">{t('layers.column.null')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ layer, count }) => (
              <tr key={layer.tensor}>
                <th scope="row">
                  <code>{layer.layer}</code>
                </th>
                <td>{t('layers.text', { found: count, units: layer.units.length })}</td>
                <td>{percent(shareOf(layer, count))}</td>
                <td>{iou(layer.null99)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function countOf(layer: DissectedLayer, verdict: Verdict): number {
  return layer.units.filter((unit) => isInterpretable(unit, verdict)).length;
}

function shareOf({ units }: DissectedLayer, count: number): number {
  return units.length > 0 ? count / units.length : 0;
}

function wordsOf(layer: DissectedLayer, found: number): string {
  return t('layers.bar', {
    ...{ layer: layer.layer, resolution: resolutionOf(layer), found, units: layer.units.length },
    ...{ share: percent(shareOf(layer, found)), null: iou(layer.null99) },
  });
}
