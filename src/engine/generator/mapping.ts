/** A generator's mapping network as something to run: is it one, how long is w, and what is w̄. */
import type { ModelProto } from 'onnx-buf';
import { planLatents } from '../../algorithms/latent/plan.ts';
import { GraphIndex } from '../../onnx/graph.ts';
import { findMapping, type Mapping } from '../../onnx/mapping/mapping.ts';
import { networkTo } from '../../onnx/mapping/network.ts';
import { freeBatch } from '../../onnx/surgery/freeBatch/freeBatch.ts';
import type { MappingDescription } from '../../shared/generator/model.ts';
import type { InputRole } from '../../shared/generator/roles.ts';
import { DEFAULT_SOURCE, type LatentPlan } from '../../shared/samples/latents.ts';
import type { FeedRequest } from '../feeds/feeds.ts';
import { nextTurn, throwIfCancelled } from '../kernel/queue.ts';
import { checkBatch } from '../open/batchCheck.ts';
import { asNumbers } from '../pictures/pixels.ts';
import type { Session, TensorValue } from '../runtime/session.ts';

/** What of a generator its mapping network is made of. */
export interface MappedGraph {
  /** The graph that is run, its batch freed where that could be. */
  readonly running: ModelProto;
  readonly open: (model: ModelProto) => Promise<Session>;
  readonly inputRoles: Readonly<Record<string, InputRole>>;
  /** Names of the latent inputs, and their components in all. */
  readonly latentNames: readonly string[];
  readonly latentSize: number;
  readonly classes: number;
  readonly imageName: string;
  readonly feeds: (session: Session, request: FeedRequest) => Record<string, TensorValue>;
  /** The rows of a run's tensor that belong to `count` samples. */
  readonly ownRows: (value: TensorValue, count: number) => TensorValue;
  /** Rows of a run where the file fixes them; 1 otherwise. */
  readonly fixedRows: number;
  /** The first two samples. */
  readonly rows: (index: number, count: number) => FeedRequest;
}

export interface ExaminedMapping {
  readonly description: MappingDescription;
  readonly mapping: Mapping;
  /** w̄ as the file has it, [size]; null where it is to be computed. */
  readonly average: Float32Array | null;
}

/**
 * How many latents w̄ is the mean of, as in StyleGAN. Where the first thousand show that all would take longer than
 * `mostMs`, they are all there are: two values that w̄ can have, not one for each mood of the machine.
 */
export const AVERAGE_OF = { wanted: 10_000, fewest: 1_000, mostMs: 8_000 };
const ROWS = 250;

/** Null without a mapping network; w is told by a run of one sample: one row, and w̄ in the file of the same length. */
export async function examineMapping(graph: MappedGraph): Promise<ExaminedMapping | null> {
  const { latentNames } = graph;
  const mapping = findMapping(new GraphIndex(graph.running), latentNames, graph.imageName);
  if (mapping === null) return null;
  const network = networkTo(graph.running, mapping.tensor, mapping.baked?.average);
  const session = await graph.open(network.model);
  try {
    const outputs = await session.run(graph.feeds(session, graph.rows(0, 1)));
    const w = outputs[mapping.tensor];
    const [rows, size, ...more] = w === undefined ? [] : graph.ownRows(w, 1).shape;
    if (rows !== 1 || size === undefined || more.length > 0 || missesLatents(session, latentNames))
      return null;
    const inFile = network.average === null ? undefined : outputs[network.average];
    const average =
      inFile?.data.length === size ? Float32Array.from(asNumbers(inFile.data, inFile.dtype)) : null;
    const description = {
      tensor: mapping.tensor,
      size,
      average: average ? ('file' as const) : ('computed' as const),
    };
    return { description, mapping, average };
  } finally {
    await session.release();
  }
}

/** A latent that w does not depend on would not be cut off by it, so this is no mapping network. */
function missesLatents(session: Session, latents: readonly string[]): boolean {
  return latents.some((latent) => session.inputs.every(({ name }) => name !== latent));
}

/** The sentence about a file that truncates on its own account; none where ψ is its input, which is a role. */
export function bakedWarning({ mapping }: ExaminedMapping): string[] {
  const { psi, partly } = mapping.baked ?? { psi: null, partly: false };
  if (psi === null || psi === 1) return [];
  const where = partly ? ' in some of its layers' : '';
  return [
    `The file itself truncates with ψ = ${Number(psi.toFixed(3))}${where}; the slider’s ψ comes on top.`,
  ];
}

export interface AverageLatent {
  /** w̄, [size]. */
  readonly average: Float32Array;
  /** Of how many latents it is the mean. */
  readonly count: number;
}

/**
 * w̄ as the mean of 10,000 mapped latents, `RandomState(0).randn(10000, d)`, with the classes in turn; of the first 1,000
 * where mapping is slow.
 *
 * @throws GenscopeError `request.cancelled` between batches
 */
export async function computeAverage(
  graph: MappedGraph,
  { description }: ExaminedMapping,
  signal: AbortSignal,
  { wanted, fewest, mostMs } = AVERAGE_OF,
): Promise<AverageLatent> {
  const { session, rows } = await openNetwork(graph, description.tensor);
  try {
    const planned = planLatents(averagePlan(wanted), graph.latentSize, graph.classes);
    const sum = new Float64Array(description.size);
    const started = performance.now();
    let count = 0;
    for (let until = fewest; count < until; ) {
      throwIfCancelled(signal);
      const n = Math.min(rows, until - count);
      const request = requestOf(n, planned.rows(count, n), planned.classWeights(count, n));
      const w = (await session.run(graph.feeds(session, request)))[description.tensor];
      if (w) addRows(sum, graph.ownRows(w, n));
      count += n;
      const msForAll = ((performance.now() - started) * wanted) / count;
      if (count === fewest && msForAll <= mostMs) until = wanted;
      await nextTurn();
    }
    return { average: Float32Array.from(sum, (total) => total / count), count };
  } finally {
    await session.release();
  }
}

function averagePlan(count: number): LatentPlan {
  return { kind: 'seeds', source: { ...DEFAULT_SOURCE, layout: 'stream' }, seed: 0, count, classes: 'all' };
}

function requestOf(count: number, latents: Float32Array, classWeights: Float32Array): FeedRequest {
  return { count, latents, classWeights, seeds: Array(count).fill(null), noise: 'zero', truncation: 1 };
}

/**
 * The network with as many rows a run as it takes: a batch baked into the layers after w need not be baked into it. What
 * freeing it breaks is run as it was.
 */
async function openNetwork(graph: MappedGraph, w: string): Promise<{ session: Session; rows: number }> {
  const { model } = networkTo(graph.running, w);
  const freed = freeBatch(model);
  if ('model' in freed) {
    const session = await graph.open(freed.model).catch(() => null);
    if (session !== null && (await takesRows(graph, session, w))) return { session, rows: ROWS };
    await session?.release();
  }
  return { session: await graph.open(model), rows: graph.fixedRows };
}

async function takesRows(graph: MappedGraph, session: Session, w: string): Promise<boolean> {
  const run = async (request: FeedRequest): Promise<TensorValue> =>
    graph.ownRows((await session.run(graph.feeds(session, request)))[w] as TensorValue, request.count);
  const single = await run(graph.rows(0, 1)).catch(() => null);
  if (single === null) return false;
  const verdict = await checkBatch(
    { session, inputRoles: graph.inputRoles, fixedRows: 1, run },
    graph.rows,
    single,
    0,
  );
  return verdict.batch === 'free';
}

function addRows(sum: Float64Array, w: TensorValue): void {
  const values = asNumbers(w.data, w.dtype);
  for (let i = 0; i < values.length; i++) {
    const component = i % sum.length;
    sum[component] = (sum[component] as number) + (values[i] as number);
  }
}
