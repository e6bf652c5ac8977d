/** Placement against counting by hand, and intervals of clustered shares against what they promise. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labelMap, NO_CONCEPT } from '../../../src/algorithms/dissection/labelMap.ts';
import { clusteredShare, wilson } from '../../../src/algorithms/effects/clusteredShare.ts';
import { PlacementTally, tilesOf } from '../../../src/algorithms/effects/placement.ts';
import { NumpyRandom } from '../../../src/algorithms/latent/numpyRandom.ts';

const map = (height: number, width: number, labels: readonly number[]) =>
  labelMap(height, width, [Uint16Array.from(labels)]);

describe('tiles', () => {
  it('cover every cell once, whatever the patch', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 12 }),
        (h, w, patch) => {
          const hits = new Array<number>(h * w).fill(0);
          for (const { top, bottom, left, right } of tilesOf([h, w], patch)) {
            expect(Math.max(bottom - top, right - left)).toBeLessThanOrEqual(patch);
            for (let y = top; y < bottom; y++)
              for (let x = left; x < right; x++) hits[y * w + x] = (hits[y * w + x] as number) + 1;
          }
          expect(hits.every((count) => count === 1)).toBe(true);
        },
      ),
    );
  });
});

describe('a tally of places', () => {
  const [tree, grass, sky] = [3, 1, 0];
  const [leftTile, rightTile] = tilesOf([1, 2], 1) as [Tile, Tile];
  type Tile = ReturnType<typeof tilesOf>[number];

  it('counts what a place gains of its own pixels, and what was there before', () => {
    const tally = new PlacementTally([1, 2], [tree], 2);
    const before = map(2, 4, [sky, sky, tree, grass, grass, grass, grass, grass]);
    // Left: half of the four pixels become tree. Right: one was tree, one of the three others becomes it, and one goes.
    tally.add(0, leftTile, before, map(2, 4, [tree, sky, tree, tree, tree, grass, tree, tree]));
    tally.add(0, rightTile, before, map(2, 4, [tree, tree, grass, tree, tree, tree, grass, grass]));
    const nothing = map(2, 4, new Array(8).fill(NO_CONCEPT));
    tally.add(1, rightTile, nothing, map(2, 4, new Array(8).fill(tree)));
    expect(tally.gained()).toEqual([0.5, (1 + 4) / 7]);
    expect(tally.table().map(({ before, tries, taken }) => [before, tries, taken.mean])).toEqual([
      [sky, 1, 1],
      [grass, 1, 0],
      [NO_CONCEPT, 1, 1],
    ]);
  });

  it('leaves out places that show the concept already, and says where all do', () => {
    const tally = new PlacementTally([1, 2], [tree], 1);
    const all = map(1, 2, [tree, grass]);
    tally.add(0, leftTile, all, all);
    expect(tally.gained()).toEqual([null, null]);
    expect(tally.table()).toEqual([]);
  });

  it('sees concepts of every plane', () => {
    const tally = new PlacementTally([1, 1], [tree], 1);
    const [tile] = tilesOf([1, 1], 1) as [Tile];
    const planes = (second: number) => labelMap(1, 1, [Uint16Array.of(grass), Uint16Array.of(second)]);
    tally.add(0, tile, planes(NO_CONCEPT), planes(tree));
    expect(tally.gained()).toEqual([1]);
  });
});

describe('clusteredShare', () => {
  it('is Wilson’s interval where tries are as good as clusters', () => {
    // 95 % interval of 8 of 10 (Wilson 1927), as statsmodels' proportion_confint(8, 10, method='wilson') has it.
    const [low, high] = wilson(0.8, 10);
    expect([low, high]).toEqual([expect.closeTo(0.490162, 5), expect.closeTo(0.943318, 5)]);
  });

  it('covers the true share in about 95 of 100 draws, tries of a picture being alike', () => {
    let covered = 0;
    let naive = 0;
    const draws = 600;
    for (let seed = 0; seed < draws; seed++) {
      const random = new NumpyRandom(seed);
      const pictures = 40;
      // Each picture has a share of its own around 0.3: half are easy (0.55), half hard (0.05).
      const easy = random.uniforms(pictures);
      const tries = Float64Array.from(random.uniforms(pictures), (u) => 5 + Math.floor(20 * u));
      const hits = tries.map((n, i) => {
        const share = (easy[i] as number) < 0.5 ? 0.55 : 0.05;
        return random.uniforms(n).reduce((sum, u) => sum + (u < share ? 1 : 0), 0);
      });
      const { mean, interval } = clusteredShare(hits, tries);
      if (interval[0] <= 0.3 && 0.3 <= interval[1]) covered++;
      const [low, high] = wilson(
        mean,
        tries.reduce((sum, n) => sum + n, 0),
      );
      if (low <= 0.3 && 0.3 <= high) naive++;
    }
    expect(covered / draws).toBeGreaterThan(0.92);
    expect(covered / draws).toBeLessThan(0.985);
    // What taking tries for independent would claim.
    expect(naive / draws).toBeLessThan(0.75);
  });

  it('is an interval around the share, inside 0…1, never narrower than independent tries', () => {
    const cluster = fc.nat(9).chain((n) => fc.record({ n: fc.constant(n), hits: fc.nat(n) }));
    fc.assert(
      fc.property(fc.array(cluster, { maxLength: 12 }), (clusters) => {
        const tries = clusters.map(({ n }) => n);
        const total = tries.reduce((sum, n) => sum + n, 0);
        const { mean, interval } = clusteredShare(
          clusters.map(({ hits }) => hits),
          tries,
        );
        expect(interval[0]).toBeGreaterThanOrEqual(0);
        expect(interval[1]).toBeLessThanOrEqual(1);
        expect(interval[0]).toBeLessThanOrEqual(mean);
        expect(interval[1]).toBeGreaterThanOrEqual(mean);
        if (total === 0) return;
        const [low, high] = wilson(mean, total);
        expect(interval[1] - interval[0]).toBeGreaterThanOrEqual(high - low - 1e-12);
      }),
    );
  });

  it('with all tries alike says no more than the clusters allow', () => {
    const { interval } = clusteredShare([50, 50], [50, 50]);
    expect(interval[0]).toBeLessThan(0.35);
    expect(clusteredShare([], [])).toEqual({ mean: 0, interval: [0, 1] });
  });
});
