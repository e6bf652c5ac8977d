/** One layer of the report: how many units each concept has, and the units. */
import type { DissectedLayer, DissectedUnit, SegmenterDescription } from '../../shared/units/dissection.ts';
import { barChart } from './charts.ts';
import { cssColour } from './colours.ts';
import { groupsOf, inLabelOrder } from './dissectJson.ts';
import { html, iou, type Markup, many, percent, short } from './markup.ts';
import { SHOWN, type Strip, type Strips, stripKey } from './thumbnails.ts';

export interface LayerContext {
  readonly segmenter: SegmenterDescription;
  readonly strips: Strips;
}

export function layerSection(layer: DissectedLayer, place: number, context: LayerContext): Markup {
  const { units, interpretable, resolution, null99 } = layer;
  const groups = groupsOf(units);
  const ordered = inLabelOrder(units, groups);
  const named = ordered.filter((unit) => unit.interpretable);
  const others = ordered.filter((unit) => !unit.interpretable);
  const bars = groups
    .toSorted((a, b) => b.units.length - a.units.length || b.best - a.best)
    .map(({ concept, units: members, best }) => ({
      label: nameOf(concept, context.segmenter),
      value: members.length,
      note: `best IoU ${iou(best)}`,
      colour: cssColour(concept),
    }));
  return html`<section id="layer-${place}">
<h2>${layer.layer}</h2>
<p>${interpretable} of ${many(units.length, 'unit')} interpretable, for ${many(groups.length, 'concept')};
maps of ${resolution[1]}×${resolution[0]}. By chance IoUs reach ${iou(null99)} in this layer (99th percentile over its units).</p>
${barChart(`Interpretable units of ${layer.layer} by concept`, bars)}
${named.length > 0 ? html`<h3>Interpretable units</h3>${table(named, place, context)}` : null}
${others.length > 0 ? html`<details><summary>The other ${many(others.length, 'unit')}</summary>${table(others, place, context)}</details>` : null}
</section>
`;
}

export function nameOf(concept: number, { concepts, categories }: SegmenterDescription): string {
  const category = categories[concept];
  return `${concepts[concept] ?? '?'}${category ? ` (${category})` : ''}`;
}

function table(units: readonly DissectedUnit[], place: number, context: LayerContext): Markup {
  const pictured = units.some(({ unit }) => context.strips.has(stripKey(place, unit)));
  return html`<div class="scroll"><table>
<thead><tr><th>unit</th><th class="left">concept</th><th>IoU</th><th>95 % interval</th><th>null</th><th>bar</th><th>quality</th>
<th>threshold</th><th>mask</th><th>mean</th><th>peak</th>${pictured ? html`<th class="left">samples that drive it hardest</th>` : null}</tr></thead>
<tbody>
${units.map((unit) => row(unit, context, pictured ? (context.strips.get(stripKey(place, unit.unit)) ?? null) : undefined))}
</tbody></table></div>`;
}

/** @param strip undefined where the table has no pictures, null where this unit has none */
function row(unit: DissectedUnit, { segmenter }: LayerContext, strip: Strip | null | undefined): Markup {
  const [low, high] = unit.interval;
  const numbers = [
    ...[iou(unit.iou), `${iou(low)} – ${iou(high)}`, iou(unit.nullIou), iou(unit.bar), iou(unit.quality)],
    ...[short(unit.level), percent(unit.maskShare), short(unit.mean), short(unit.peak)],
  ];
  const name = nameOf(unit.concept, segmenter);
  const shown = unit.top.slice(0, SHOWN).map(({ index }) => index);
  const alt = `Samples ${shown.join(', ')}`;
  return html`<tr${unit.interpretable ? null : html` class="below"`}><td>${unit.unit}</td><td class="concept"><span class="key" style="background:${cssColour(unit.concept)}"></span>${name}</td>${numbers.map((number) => html`<td>${number}</td>`)}${strip === undefined ? null : html`<td class="strip">${strip && picture(strip, alt)}</td>`}</tr>
`;
}

export function picture({ png, width, height }: Strip, alt: string): Markup {
  const data = Buffer.from(png.buffer, png.byteOffset, png.byteLength).toString('base64');
  return html`<img src="data:image/png;base64,${data}" width="${width}" height="${height}" alt="${alt}">`;
}
