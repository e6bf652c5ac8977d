/** Chance inside a graph made into inputs that we feed, so that a sample is a function of its seed. */
import type { ModelProto } from 'onnx-buf';
import { serialize } from '../../onnx/open.ts';
import { declareNoise, pinNoise } from '../../onnx/surgery/pinNoise/pinNoise.ts';
import type { InputRole } from '../../shared/generator/roles.ts';
import type { Embeddings } from '../feeds/embeddings.ts';
import { buildFeeds, latentInputs, type NoiseSource } from '../feeds/feeds.ts';
import { firstRows } from '../feeds/probe.ts';
import { Session, type TensorValue } from '../runtime/session.ts';
import type { ModelFile } from './modelFile.ts';

export interface LoadOptions {
  /** Threads inside one operator; 0 lets the runtime decide. */
  readonly threads: number;
}

export interface Pinned {
  /** The edited graph; null when there is no chance inside. */
  readonly model: ModelProto | null;
  readonly noise: ReadonlyMap<string, NoiseSource>;
  /** The shapes that their inputs declare. */
  readonly shapes: ReadonlyMap<string, readonly (number | string)[]>;
  /** Sources that could not be pinned (inside If, Loop, Scan). */
  readonly left: readonly string[];
}

type Feeds = Readonly<Record<string, TensorValue>>;

/** Pins every random node; the sizes of …Like noises are learnt from one run of the graph as it was, on the first sample. */
export function pinInside(
  file: ModelFile,
  roles: Readonly<Record<string, InputRole>>,
  embeddings: Embeddings,
  fixedRows: number,
  options: LoadOptions,
): Promise<Pinned> {
  return pinFedWith(file, options, (session) => {
    const latents = latentInputs(session, roles, file.name, fixedRows);
    const request = { ...firstRows(latents, roles, embeddings)(0, 1), fixedRows };
    return buildFeeds(session, roles, latents, request, undefined, embeddings);
  });
}

/** The same for a graph that is fed with something else than latents. */
export async function pinFedWith(
  file: ModelFile,
  options: LoadOptions,
  feeds: (session: Session) => Feeds,
): Promise<Pinned> {
  const pinned = pinNoise(file.opened.model);
  if (pinned.noise.length === 0)
    return { model: null, noise: new Map(), shapes: new Map(), left: pinned.left };
  const shapes = await noiseShapes(file, options, pinned.probe, feeds);
  const noise = new Map<string, NoiseSource>();
  const declared = new Map<string, readonly (number | string)[]>();
  for (const { input, kind, neutral, shapeFrom } of pinned.noise) {
    const shape = shapes[shapeFrom]?.shape ?? [];
    noise.set(input, { kind, neutral });
    // A leading 1 was the batch of the probe; anything else is a map that all samples of a run share.
    declared.set(input, shape[0] === 1 && shape.length > 1 ? ['batch', ...shape.slice(1)] : shape);
  }
  return { model: declareNoise(pinned.model, declared), noise, shapes: declared, left: pinned.left };
}

async function noiseShapes(
  file: ModelFile,
  { threads }: LoadOptions,
  probe: ModelProto,
  feeds: (session: Session) => Feeds,
) {
  const guard = file.requireSame;
  const session = await Session.unfused(serialize(probe), file.folder, { threads, guard });
  try {
    return await session.run(feeds(session));
  } finally {
    await session.release();
  }
}
