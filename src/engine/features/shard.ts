/** One part of a numbered list of pictures, so that several machines share the work. */
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { Shard } from '../../shared/scores/scores.ts';
import type { PictureSource } from './pictureSource.ts';

/** Rows `from` … `to − 1` of `count`: parts differ by one row at most, and together are the whole. */
export function shardRange(
  count: number,
  { index, of }: Shard,
): { readonly from: number; readonly to: number } {
  return { from: Math.floor((index * count) / of), to: Math.floor(((index + 1) * count) / of) };
}

/**
 * The rows of one part, under their own names. What is kept of it in the cache is its own too.
 * @throws GenscopeError `input.invalid` where there are fewer pictures than parts
 */
export function shardOf(source: PictureSource, shard: Shard): PictureSource {
  const { from, to } = shardRange(source.count, shard);
  if (to <= from)
    throw new GenscopeError(
      'input.invalid',
      `${source.count} picture(s) cannot be shared among ${shard.of}: part ${shard.index} would be empty.`,
      'Use fewer parts, or more pictures.',
    );
  return {
    key: { of: source.key, count: source.count, from, to },
    count: to - from,
    rowsPerRun: source.rowsPerRun,
    warnings: source.warnings,
    leftOut: source.leftOut,
    nameOf: (row) => source.nameOf(from + row),
    read: (first, count, ahead) =>
      source.read(from + first, count, Math.max(0, Math.min(ahead, to - from - first - count))),
    reasonOf: (row) => source.reasonOf(from + row),
    size: () => source.size(),
    close: () => source.close(),
  };
}
