/** The name of a result in the cache: a hash of everything that decides its numbers, and of nothing else. */
import { createHash } from 'node:crypto';

/** 32 hex digits; the same parts give the same key, in whatever order somebody wrote their fields. */
export function contentKey(parts: unknown): string {
  return createHash('sha256').update(JSON.stringify(parts, inOrder)).digest('hex').slice(0, 32);
}

function inOrder(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
