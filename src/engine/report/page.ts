/** The report: one file, no scripts, nothing from the network. */
import type { Dissection } from '../../shared/units/dissection.ts';
import { barChart } from './charts.ts';
import { cssColour } from './colours.ts';
import { layerSection, nameOf, picture } from './layerSection.ts';
import { html, iou, Markup, many, percent, short, whole } from './markup.ts';
import type { Seen } from './seen.ts';
import { STYLE } from './style.ts';
import { SHOWN, type Strips } from './thumbnails.ts';

export interface ReportPictures {
  readonly strips: Strips;
  readonly seen: Seen;
  /** Units whose pictures were left out, to keep the file small. */
  readonly unpictured: number;
}

export function reportPage(dissection: Dissection, { strips, seen, unpictured }: ReportPictures): string {
  const { model, layers, segmenter, warnings } = dissection;
  const several = layers.length > 1;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Dissection of ${model.file}</title>
<style>${new Markup(STYLE)}</style></head><body>
<h1>Dissection of ${model.file}</h1>
<p class="quiet">Which units of ${layers.length === 1 ? (layers[0]?.layer ?? '') : many(layers.length, 'layer')} stand for what ${segmenter.name} can name.</p>
${facts(dissection)}
${warnings.map((warning) => html`<p class="warning">${warning}</p>`)}
${several ? comparison(dissection) : null}
${layers.map((layer, place) => layerSection(layer, place, { segmenter, strips }))}
${unpictured > 0 ? html`<p class="quiet">${many(unpictured, 'unit')} without pictures, to keep this file small: those of the lowest IoU.</p>` : null}
${segmentations(dissection, seen)}
${reading(dissection)}
</body></html>
`.text;
}

function facts({ model, segmenter, settings, maps, made, ms }: Dissection): Markup {
  const { samples, seed, levelSeed, level, leastIou, classes } = settings;
  const heldOut =
    seed === levelSeed ? 'the same samples: not held out' : `${whole(samples)} others (seed ${levelSeed})`;
  const rows: readonly (readonly [string, string | Markup])[] = [
    ['model', html`${model.file} <code>${model.sha256}</code>`],
    [
      'segmenter',
      html`${segmenter.name}, ${many(segmenter.concepts.length, 'concept')} <code>${segmenter.sha256}</code>`,
    ],
    [
      'samples',
      `${whole(samples)} (seed ${seed}), ${classes === 'all' ? 'classes in turn' : `class ${classes}`}`,
    ],
    [
      'thresholds',
      `${level.mode === 'iqr' ? 'of the highest information quality' : `the highest ${short(100 * level.quantile)} % of pixels`}, chosen on ${heldOut}`,
    ],
    [
      'interpretable',
      `IoU above ${leastIou}${level.mode === 'iqr' ? ', information quality above 0.01' : ''}, and above the unit’s own bar`,
    ],
    ['compared at', `${maps[1]}×${maps[0]} pixels, maps enlarged bilinearly`],
    [
      'made with',
      `Genscope ${made.genscope}, ${made.runtime}, ${made.date.slice(0, 10)}, in ${(ms / 1000).toFixed(1)} s`,
    ],
  ];
  return html`<dl>${rows.map(
    ([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>
`,
  )}</dl>`;
}

function comparison({ layers }: Dissection): Markup {
  const bars = layers.map(({ layer, interpretable, units }) => ({
    label: layer,
    value: interpretable,
    note: `of ${units.length}`,
  }));
  return html`<h2>Layers</h2>
${barChart('Interpretable units by layer', bars)}
<div class="scroll"><table><thead><tr><th class="left">layer</th><th>maps</th><th>units</th><th>interpretable</th><th>concepts</th><th>best IoU</th><th>null, 99 %</th></tr></thead><tbody>
${layers.map(
  (
    { layer, resolution, units, interpretable, null99 },
    place,
  ) => html`<tr><td class="left"><a href="#layer-${place}">${layer}</a></td><td>${resolution[1]}×${resolution[0]}</td><td>${units.length}</td><td>${interpretable}</td><td>${new Set(units.filter((unit) => unit.interpretable).map(({ concept }) => concept)).size}</td><td>${iou(Math.max(0, ...units.map((unit) => unit.iou)))}</td><td>${iou(null99)}</td></tr>
`,
)}</tbody></table></div>`;
}

function segmentations({ segmenter, conceptShare }: Dissection, { samples, labels, concepts }: Seen): Markup {
  return html`<h2>What the segmenter sees</h2>
<p>The first samples and their segmentation by ${segmenter.name}; with each concept the share of all pixels it has over the sample.
No unit can agree with what the segmenter does not see.</p>
<figure class="scroll">${picture(samples, 'Samples')}${picture(labels, 'Their segmentation')}</figure>
<p class="legend">${concepts.map((concept) => html`<span class="entry"><span class="key" style="background:${cssColour(concept)}"></span>${nameOf(concept, segmenter)} <span class="quiet">${percent(conceptShare[concept] ?? 0)}</span></span> `)}</p>`;
}

function reading({ settings: { level, leastIou } }: Dissection): Markup {
  return html`<h2>How to read this</h2>
<p>A unit’s <b>mask</b> is where its map, enlarged to the size of the segmentation, exceeds its <b>threshold</b>. <b>IoU</b> is the number
of pixels that mask and concept share over all samples, divided by the number that either has. The <b>interval</b> holds 95 % of the IoUs
that come out when blocks of images are drawn again.</p>
<p><b>Null</b> is the highest IoU the unit reaches with any concept of <i>other</i> images’ segmentations, in five draws: what
habit alone gives. The <b>bar</b> is what a further draw would stay below with 99 % certainty. A unit is called interpretable when its IoU is
above ${leastIou} <i>and</i> above its bar.</p>
<p><b>Quality</b> is the mutual information of mask and concept, divided by their joint entropy. <b>Mask</b> is the share of all pixels in
the mask; <b>mean</b> and <b>peak</b> are the unit’s activation. Pictures show the ${SHOWN} samples with the highest peak, the mask outlined.</p>
${
  level.mode === 'quantile'
    ? html`<p>With one share of pixels for all units, a concept that fills the picture cannot reach a high IoU: a mask of ${short(100 * level.quantile)} % covers little of it, however
well it fits. The mode <code>iqr</code> chooses each unit’s threshold for what it tells of a concept.</p>`
    : null
}`;
}
