/**
 * A dissection as `dissect.json`: names and order as gandissect's report page reads them (netdissect/dissection.py,
 * `generate_report`), and beside them what that has no name for.
 */
import type { DissectedLayer, DissectedUnit, Dissection } from '../../shared/units/dissection.ts';
import { LEAST_QUALITY } from '../dissect/result.ts';
import { colourOf } from './colours.ts';

/** gandissect lists concepts by kind in this order; other kinds come after. */
const KINDS = ['object', 'scene', 'part', 'piece', 'material', 'texture', 'color'];

/** The kind of a concept whose segmenter has one kind only. */
const ONE_KIND = 'object';

interface Names {
  readonly concepts: readonly string[];
  readonly kinds: readonly string[];
}

interface Group {
  readonly concept: number;
  readonly units: readonly DissectedUnit[];
  readonly best: number;
}

export type DissectJson = ReturnType<typeof dissectJson>;

/** Serialised with `JSON.stringify` it is the file. */
export function dissectJson(dissection: Dissection) {
  const { model, segmenter, settings, layers, maps, conceptShare, ms, runMs, warnings, made } = dissection;
  const names = {
    concepts: segmenter.concepts,
    kinds: segmenter.concepts.map((_, c) => segmenter.categories[c] ?? ONE_KIND),
  };
  const used = labelsInUse(layers);
  // By every concept, also those that are no unit's best: somebody looks for the least bad.
  const ranked = [...used, ...names.concepts.flatMap((_, c) => (used.includes(c) ? [] : [c]))];
  return {
    netname: model.file,
    meta: { samples: settings.samples, seed: settings.seed, level_seed: settings.levelSeed },
    default_ranking: 'label',
    quantile_threshold: settings.level.mode === 'iqr' ? ('iqr' as const) : settings.level.quantile,
    iou_threshold: settings.leastIou,
    iqr_threshold: settings.level.mode === 'iqr' ? LEAST_QUALITY : 0,
    segcolors: Object.fromEntries(names.concepts.map((name, c) => [colourOf(c).join(','), name])),
    layers: layers.map((layer) => layerRecord(layer, names, ranked, settings.level.mode === 'iqr')),
    genscope: {
      ...{ schema: dissection.schema, model, segmenter, settings, maps, conceptShare },
      ...(dissection.pictures && { pictures: dissection.pictures }),
      ...{ blocks: Math.min(50, settings.samples), ms, runMs, warnings, made },
    },
  };
}

function layerRecord(layer: DissectedLayer, names: Names, ranked: readonly number[], iqr: boolean) {
  const { units } = layer;
  const groups = groupsOf(units);
  const place = new Float64Array(units.length);
  inLabelOrder(units, groups).forEach(({ unit }, i) => {
    place[unit] = i;
  });
  const iou = (concept: number) => units.map(({ unit }) => -(layer.iou[unit]?.[concept] ?? 0));
  return {
    layer: layer.layer,
    tensor: layer.tensor,
    resolution: layer.resolution,
    dirname: layer.layer.replace(/[^\w.-]/g, '_'),
    null99: layer.null99,
    interpretable: layer.interpretable,
    units: units.map((unit) => unitRecord(unit, names, iqr)),
    rankings: [
      { name: 'unit', score: units.map(({ unit }) => unit) },
      { name: 'label', score: Array.from(place) },
      { name: 'max iou', metric: 'iou', score: units.map((unit) => -unit.iou) },
      ...(iqr ? [{ name: 'max iqr', metric: 'iqr', score: units.map(({ quality }) => -quality) }] : []),
      ...ranked.map((concept) => {
        const name = names.concepts[concept] ?? '';
        return { name: `${name}-iou`, concept: name, metric: 'iou', score: iou(concept) };
      }),
    ],
    labels: byKind(groups, names).map(({ concept, units: members }) => ({
      label: names.concepts[concept] ?? '',
      labelnum: concept,
      units: members.map(({ unit }) => unit),
      cat: names.kinds[concept] ?? ONE_KIND,
    })),
  };
}

function unitRecord(unit: DissectedUnit, { concepts, kinds }: Names, iqr: boolean) {
  const label = concepts[unit.concept] ?? '';
  const cat = kinds[unit.concept] ?? ONE_KIND;
  return {
    unit: unit.unit,
    interp: unit.interpretable,
    level: unit.level,
    top: unit.top.map(({ index, value }) => ({ imgnum: index, maxact: value })),
    ...{ iou: unit.iou, iou_iqr: unit.quality },
    ...{ iou_labelnum: unit.concept, iou_label: label, iou_cat: cat },
    ...(iqr && { iqr: unit.quality, iqr_iou: unit.iou, iqr_label: label, iqr_cat: cat }),
    // From here on what gandissect does not have.
    threshold: unit.level,
    interval: unit.interval,
    null: unit.nullIou,
    bar: unit.bar,
    ...{ mean: unit.mean, peak: unit.peak, quality: unit.quality, mask_share: unit.maskShare },
  };
}

/** The interpretable units of each concept, in order of the units. */
export function groupsOf(units: readonly DissectedUnit[]): Group[] {
  const found = byConcept(units.filter(({ interpretable }) => interpretable));
  return [...found].map(([concept, members]) => ({
    concept,
    units: members,
    best: Math.max(...members.map(({ iou }) => iou)),
  }));
}

/** Interpretable units first, those of the most frequent concept at the top; of equally many the better ones. */
export function inLabelOrder(
  units: readonly DissectedUnit[],
  groups: readonly Group[],
): readonly DissectedUnit[] {
  const group = new Map(groups.map((of) => [of.concept, of]));
  const many = ({ concept }: DissectedUnit) => group.get(concept)?.units.length ?? 0;
  const best = ({ concept }: DissectedUnit) => group.get(concept)?.best ?? 0;
  return units.toSorted(
    (a, b) =>
      Number(b.interpretable) - Number(a.interpretable) ||
      many(b) - many(a) ||
      best(b) - best(a) ||
      a.concept - b.concept ||
      b.iou - a.iou,
  );
}

function byKind(groups: readonly Group[], { kinds }: Names): readonly Group[] {
  const order = (concept: number) => {
    const at = KINDS.indexOf(kinds[concept] ?? ONE_KIND);
    return at < 0 ? KINDS.length : at;
  };
  return groups.toSorted(
    (a, b) => order(a.concept) - order(b.concept) || b.units.length - a.units.length || b.best - a.best,
  );
}

/** Concepts that some unit of some layer has as its own, the most frequent first. */
function labelsInUse(layers: readonly DissectedLayer[]): readonly number[] {
  return [...byConcept(layers.flatMap(({ units }) => units))]
    .sort(([a, n], [b, m]) => m.length - n.length || a - b)
    .map(([concept]) => concept);
}

function byConcept(units: readonly DissectedUnit[]): Map<number, DissectedUnit[]> {
  const found = new Map<number, DissectedUnit[]>();
  for (const unit of units) {
    const members = found.get(unit.concept);
    if (members) members.push(unit);
    else found.set(unit.concept, [unit]);
  }
  return found;
}
