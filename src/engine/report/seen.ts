/** What the segmenter sees in the first samples: how far its words are to be trusted shows at a glance. */
import { type LabelMap, NO_CONCEPT } from '../../algorithms/dissection/labelMap.ts';
import type { Dissection } from '../../shared/units/dissection.ts';
import type { Generator } from '../generator/generator.ts';
import type { PictureStack } from '../runtime/imageCodec.ts';
import { samplePictures } from '../samples/sampling.ts';
import type { Segmenter } from '../segmenter/segmenter.ts';
import { colourOf } from './colours.ts';
import { picksOf, type Strip, stripOf, thumbnails } from './thumbnails.ts';

const PICTURES = 8;

export interface Seen {
  /** The samples, and under each what is seen in it. */
  readonly samples: Strip;
  readonly labels: Strip;
  /** Concepts that show, the largest first. */
  readonly concepts: readonly number[];
}

export async function seenIn(
  generator: Generator,
  segmenter: Segmenter,
  dissection: Dissection,
  signal: AbortSignal,
): Promise<Seen> {
  const count = Math.min(PICTURES, dissection.settings.samples);
  const plan = picksOf(
    dissection,
    Array.from({ length: count }, (_, i) => i),
  );
  const samples: PictureStack[] = [];
  const painted: PictureStack[] = [];
  const areas = new Map<number, number>();
  for await (const { pictures } of samplePictures(generator, plan, { signal })) {
    const shown = await thumbnails(pictures);
    const maps = await segmenter.segment(pictures, [shown.height, shown.width]);
    samples.push(shown);
    painted.push(...maps.map((map) => paint(map, areas)));
  }
  const concepts = [...areas].sort(([, a], [, b]) => b - a).map(([concept]) => concept);
  return { samples: await stripOf(samples), labels: await stripOf(painted), concepts };
}

function paint({ height, width, planes }: LabelMap, areas: Map<number, number>): PictureStack {
  const data = new Uint8Array(width * height * 4);
  planes[0]?.forEach((concept, i) => {
    data.set([...(concept === NO_CONCEPT ? [0, 0, 0] : colourOf(concept)), 255], i * 4);
    if (concept !== NO_CONCEPT) areas.set(concept, (areas.get(concept) ?? 0) + 1);
  });
  return { count: 1, width, height, data };
}
