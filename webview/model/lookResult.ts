/** What answers of looks say, in words and tables. Pure. */
import { LEAST_BATCHES } from '../../src/shared/checks/birthday.ts';
import type { Artifacts, Duplicates, Modes, Neighbours } from '../../src/shared/checks/looks.ts';
import type { ModelDescription } from '../../src/shared/generator/model.ts';
import type { ChartTable } from '../plots/table.ts';
import type { LookPictureOf, SeedsPlan } from '../stores/lookPictures.ts';
import { t } from '../strings.ts';
import { className, counted, finePercent } from './format.ts';
import type { Counted } from './pairAnswers.ts';
import { intervalText, plainNumber, scoreNumber, signedNumber } from './scoreFigures.ts';

/** Digits of a hash that people compare. */
const HEAD = 8;

type Drawn = Pick<Neighbours['settings'], 'seed' | 'source' | 'classes'>;

/** The plan whose places an answer counts by. */
export function planOf({ seed, source, classes }: Drawn, count: number): SeedsPlan {
  return { kind: 'seeds', source, seed, count, classes };
}

/** Names an answer, for pictures that were fetched by it. */
export function answerId({ model, reference, settings }: Neighbours | Modes | Artifacts): string {
  const { referenceSamples, seed } = settings;
  return `${model.sha256} ${reference.sha256} ${referenceSamples} ${seed}`;
}

export function samplesIn(found: Neighbours | Duplicates | Modes | Artifacts): number {
  const { settings } = found;
  return 'batches' in settings ? settings.batch * settings.batches : settings.samples;
}

export function lookProvenance(found: Neighbours | Duplicates | Modes | Artifacts): string {
  const { model, extractor, settings } = found;
  const made = t('looks.made', {
    ...{ file: model.file, hash: model.sha256.slice(0, HEAD), count: counted(samplesIn(found)) },
    ...{ seed: settings.seed, rng: settings.source.rng, extractor: extractor.name },
    resize: t(`scores.resize.${extractor.resize}`),
  });
  if (!('reference' in found)) return made;
  const { name, count } = found.reference;
  const part = found.settings.referenceSamples > 0;
  return t(part ? 'looks.madeAgainstPart' : 'looks.madeAgainst', {
    ...{ made, reference: name, count: counted(count) },
  });
}

/** "12 %", "0.3 %". */
export function sharePercent(share: number): string {
  return share >= 0.1 ? `${(share * 100).toFixed(0)} %` : finePercent(share);
}

export function copiesWords({ copied, settings }: Neighbours): { verdict: string; figures: string } {
  if (copied === null) return { verdict: t('looks.copies.few'), figures: '' };
  const { share, interval, ct, ctInterval, alarm } = copied;
  const ends = interval === null ? null : ([100 * interval[0], 100 * interval[1]] as const);
  const ranged = (text: string, range: string) =>
    range === '' ? text : t('scores.withRange', { value: text, range });
  return {
    verdict: t(alarm ? 'looks.copies.alarm' : 'looks.copies.none'),
    figures: t('looks.copies.figures', {
      share: ranged(`${scoreNumber(100 * share, ends)} %`, intervalText(100 * share, ends)),
      count: counted(settings.samples),
      auth: scoreNumber(100 - 100 * share, ends),
      ct: ranged(scoreNumber(ct, ctInterval), intervalText(ct, ctInterval)),
    }),
  };
}

export function shiftedWords({ rows }: Neighbours): string {
  const found = (by: 'byFeatures' | 'byPixels') =>
    rows.filter(({ shifted }) => shifted[by].file === shifted.file).length;
  return t('looks.copies.shiftedSum', {
    features: found('byFeatures'),
    pixels: found('byPixels'),
    count: rows.length,
  });
}

/** "0.71"; beside a real image it has no bounds. */
export function realismText(realism: number): string {
  return realism > 1000 ? '> 1,000' : realism.toFixed(2);
}

/** "0.62×"; twins in the reference make it boundless. */
export function ratioText(ratio: number): string {
  return t('looks.copies.ratio', { ratio: ratio > 1e6 ? t('looks.twins.infinite') : ratio.toFixed(2) });
}

export function copiesTable({ rows }: Neighbours): ChartTable {
  return {
    columns: [
      'sample',
      'ratio',
      'by features',
      'distance',
      'by pixels',
      'distance',
      'shifted, by features',
      'shifted, by pixels',
    ],
    rows: rows.map(({ place, ratio, features, pixels, shifted }) => [
      String(place),
      number(ratio),
      features[0]?.file ?? '',
      number(features[0]?.distance ?? null),
      pixels[0]?.file ?? '',
      number(pixels[0]?.distance ?? null),
      shifted.byFeatures.file,
      shifted.byPixels.file,
    ]),
  };
}

export function twinsWords({ same, estimate, few }: Counted, { pairs, settings }: Duplicates): string[] {
  if (estimate === null) return [];
  const { share, shareInterval, support, interval } = estimate;
  const [low, high] = interval.map((end) => (end === null ? t('looks.twins.infinite') : about(end)));
  const [from, to] = shareInterval.map(sharePercent);
  const words = [
    t('looks.twins.share', {
      ...{ same, count: pairs.length, batch: counted(settings.batch), share: sharePercent(share) },
      range: `${from}–${to}`,
    }),
  ];
  if (same === 0) words.push(t('looks.twins.atLeast', { low: low ?? '' }));
  else if (support === null) words.push(t('looks.twins.atMost', { high: high ?? '' }));
  else
    words.push(
      t('looks.twins.support', {
        ...{ support: about(support), low: low ?? '', high: high ?? '' },
      }),
    );
  return few ? [...words, t('looks.twins.few', { count: LEAST_BATCHES })] : words;
}

/** Two digits: the interval bears no more. */
function about(pictures: number): string {
  return counted(Number(pictures.toPrecision(2)));
}

export function twinsTable({ pairs }: Duplicates, wordOf: (batch: number) => string): ChartTable {
  return {
    columns: ['batch', 'sample', 'sample', 'distance', 'answer'],
    rows: pairs.map(({ batch, places: [a, b], distance }) => [
      String(batch),
      String(a),
      String(b),
      number(distance),
      wordOf(batch),
    ]),
  };
}

export function modesVerdict({ modes }: Modes): { alarm: boolean; words: string } {
  const parts = (['missing', 'rare', 'frequent'] as const).flatMap((verdict) => {
    const count = modes.filter((mode) => mode.verdict === verdict).length;
    return count === 0 ? [] : [t(`looks.modes.${verdict}`, { count })];
  });
  if (parts.length === 0) return { alarm: false, words: t('looks.modes.none') };
  return { alarm: true, words: t('looks.modes.alarm', { words: parts.join(', ') }) };
}

/** The class that most images of a kind have. */
export function kindClass(model: ModelDescription, label: number | null): string {
  if (label === null || label < 0) return '';
  const name = label < model.classes ? className(model, label) : t('looks.modes.class', { index: label });
  return t('looks.modes.mostly', { class: name });
}

export function modesTable({ modes }: Modes, model: ModelDescription): ChartTable {
  return {
    columns: ['kind', 'verdict', 'real', 'made', 'p', 'class'],
    rows: modes.map(({ cell, verdict, real, made, p, label }) => [
      String(cell),
      t(`looks.modes.is.${verdict}`),
      number(real),
      number(made),
      number(p),
      kindClass(model, label),
    ]),
  };
}

/** "1.9e−14", "0.03", "1". */
export function chance(p: number): string {
  if (p >= 0.995) return '1';
  return p < 0.001 ? p.toExponential(0).replace('-', '−') : plainNumber(Number(p.toPrecision(2)));
}

export function artifactsWords({ units, layer, ablated }: Artifacts): {
  verdict: string | null;
  words: string[];
} {
  const count = units.filter(({ p }) => p < 0.05).length;
  const ranked = t('looks.artifacts.ranked', { count, all: units.length });
  if (ablated === null) return { verdict: null, words: [ranked] };
  const { before, change, interval, alarm } = ablated;
  const range = intervalText(change, interval);
  const number = signedNumber(change, interval);
  const fid = t('looks.artifacts.fid', {
    before: scoreNumber(
      before,
      interval && [before - (interval[1] - interval[0]) / 2, before + (interval[1] - interval[0]) / 2],
    ),
    after: scoreNumber(before + change, interval && [before + interval[0], before + interval[1]]),
    change: range === '' ? number : t('scores.withRange', { value: number, range }),
  });
  const verdict = alarm ? t('looks.artifacts.alarm') : t('looks.artifacts.none', { layer });
  return { verdict, words: [fid, ranked] };
}

export function artifactsTable({ units }: Artifacts): ChartTable {
  return {
    columns: ['unit', 'distance', 'z', 'p (Holm)'],
    rows: units.map(({ unit, distance, z, p }) => [String(unit), number(distance), number(z), number(p)]),
  };
}

export function ablationTable({ ablated }: Artifacts): ChartTable {
  if (ablated === null) return { columns: [], rows: [] };
  const { units, change, interval, random } = ablated;
  return {
    columns: ['units', 'difference', 'from', 'to'],
    rows: [
      [units.join(' '), number(change), number(interval?.[0] ?? null), number(interval?.[1] ?? null)],
      ...random.map((set) => [set.units.join(' '), number(set.change), number(null), number(null)]),
    ],
  };
}

function number(value: number | null) {
  return { value, text: value === null ? '–' : plainNumber(value) };
}

export function realOf(
  found: Neighbours | Modes | Artifacts,
  kind: 'neighbours' | 'modes' | 'artifacts',
  place: number,
): LookPictureOf {
  return { from: 'real', kind, answer: answerId(found), place };
}
