/** Layer sessions that are open: a person who looks at units asks for the same layer again and again. */
import type { Generator } from './generator.ts';
import { type LayerPlace, LayerSession } from './layerSession.ts';

/** Each holds the weights of its part of the graph. */
const MOST_OPEN = 2;

type Open = Map<string, Promise<LayerSession>>;

const open = new WeakMap<Generator, Open>();

/**
 * The session of one layer, with or without the picture; it lives as long as its generator, or until two others came.
 * @throws GenscopeError as `LayerSession.open`
 */
export async function layerSession(
  generator: Generator,
  layer: LayerPlace,
  withPicture: boolean,
): Promise<LayerSession> {
  const sessions = open.get(generator) ?? begin(generator);
  const key = `${withPicture} ${layer.tensor}`;
  const known = sessions.get(key);
  sessions.delete(key);
  const opening = known ?? LayerSession.open(generator, [layer], withPicture);
  sessions.set(key, opening);
  opening.catch(() => sessions.delete(key));
  for (const [oldest, session] of [...sessions].slice(0, Math.max(0, sessions.size - MOST_OPEN))) {
    sessions.delete(oldest);
    await release(session);
  }
  return opening;
}

function begin(generator: Generator): Open {
  const sessions: Open = new Map();
  open.set(generator, sessions);
  generator.attach({
    release: async () => {
      for (const session of sessions.values()) await release(session);
      sessions.clear();
    },
  });
  return sessions;
}

async function release(opening: Promise<LayerSession>): Promise<void> {
  const session = await opening.catch(() => null);
  await session?.release();
}
