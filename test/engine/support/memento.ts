/** A workspace's memory as VS Code keeps it: what goes in comes out as JSON would have it. */
import type { Memento } from 'vscode';

export function memento(): Memento {
  const kept = new Map<string, string>();
  const read = (key: string, fallback?: unknown): unknown => {
    const text = kept.get(key);
    return text === undefined ? fallback : JSON.parse(text);
  };
  return {
    keys: () => [...kept.keys()],
    get: read as Memento['get'],
    update: async (key, value) => {
      if (value === undefined) kept.delete(key);
      else kept.set(key, JSON.stringify(value));
    },
  };
}
