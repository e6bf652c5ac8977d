/** The layers worth dissecting, with the sizes that one run shows and what an edit at each costs. */
import type { GraphIndex } from '../../onnx/graph.ts';
import { channelAxes, mapSizeOf } from '../../onnx/layers/axes.ts';
import { suffixCosts } from '../../onnx/layers/cost.ts';
import { candidateLayers, type LayerCandidate } from '../../onnx/layers/layers.ts';
import type { Edit } from '../../shared/edits/edits.ts';
import type { LayerDescription } from '../../shared/generator/model.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import { type RunnableGraph, type TensorShapes, tensorShapes } from './shapes.ts';

export interface LayerSource extends RunnableGraph {
  /** The graph as the file has it, whose names people know. */
  readonly graph: GraphIndex;
}

/** What is opened for one sample: a generator or a translator. */
interface Opened {
  oneSample(): LayerSource;
}

/** The layers of one model, and any tensor of it that a person names in place of one. */
export class FoundLayers {
  /** In graph order, each with height and width above 1. */
  readonly all: readonly LayerDescription[];
  /** Sentences about layers that are not among them. */
  readonly warnings: readonly string[];
  /** Sizes of all tensors, for one sample. */
  readonly shapes: TensorShapes;
  readonly #graph: GraphIndex;

  constructor(graph: GraphIndex, shapes: TensorShapes) {
    this.#graph = graph;
    this.shapes = shapes;
    const candidates = candidateLayers(graph, shapes);
    this.all = this.#described(candidates);
    this.warnings = candidates.flatMap((layer) => this.#leftOut(layer) ?? []);
  }

  /** As `find`. @throws GenscopeError also for what is neither a layer nor a tensor */
  named(wanted: string): LayerDescription {
    const found = this.find(wanted);
    if (found === null) throw noLayer(wanted, this.all);
    return found;
  }

  /**
   * By name or by tensor; of the tensors that are no listed layer, any that holds feature maps.
   * @returns null for what is neither
   * @throws GenscopeError `input.invalid` for a tensor that holds no maps, or whose channels cannot be told
   */
  find(wanted: string): LayerDescription | null {
    const listed = this.all.find(({ name, tensor }) => name === wanted || tensor === wanted);
    if (listed !== undefined) return listed;
    const maker = this.#graph.producer(wanted);
    if (maker === undefined) return null;
    const channelAxis = channelAxes(this.#graph, this.shapes).get(wanted) ?? null;
    const layer: LayerCandidate = { name: wanted, tensor: wanted, op: maker.opType, channelAxis };
    const [described] = this.#graph.isOutput(wanted) ? [] : this.#described([layer]);
    if (described !== undefined) return described;
    throw noMap(wanted, this.shapes.get(wanted), this.#leftOut(layer));
  }

  /**
   * The listed layers, and those tensors that edits name beside them, in graph order. What is neither is left to whoever
   * reads the edits, who can say which one it is of.
   * @throws GenscopeError as `find`, for a tensor that holds no maps
   */
  forEdits(edits: readonly Edit[]): readonly LayerDescription[] {
    const tensors = edits.map(({ tensor }) => tensor);
    const more = tensors
      .flatMap((name) => this.find(name) ?? [])
      .filter((layer) => !this.all.includes(layer));
    if (more.length === 0) return this.all;
    const place = new Map(this.#graph.nodes.flatMap(({ output }, i) => output.map((name) => [name, i])));
    const byTensor = new Map([...this.all, ...more].map((layer) => [layer.tensor, layer]));
    return [...byTensor.values()].sort((a, b) => (place.get(a.tensor) ?? 0) - (place.get(b.tensor) ?? 0));
  }

  #described(candidates: readonly LayerCandidate[]): LayerDescription[] {
    const maps = candidates.flatMap(({ channelAxis, ...layer }) => {
      const shape = this.shapes.get(layer.tensor) ?? [];
      const map = mapSizeOf(shape, channelAxis ?? undefined);
      if (map === null || !this.#isOfSamples(shape)) return [];
      const { units, height, width } = map;
      if (units < 1 || height < 2 || width < 2) return [];
      const axis: 1 | 3 = channelAxis === 1 ? 1 : 3;
      // Of one sample, whatever number of rows the file fixes.
      const one = [1, ...shape.slice(1)];
      return [{ ...layer, shape: one, units, resolution: [height, width] as const, channelAxis: axis }];
    });
    const tensors = maps.map(({ tensor }) => tensor);
    const costs = suffixCosts(this.#graph, tensors, this.shapes);
    return maps.map((layer, i) => ({ ...layer, suffixCost: costs[i] ?? 0 }));
  }

  /** Whether it has a row for each sample: windows of attention, [N · windows, h, w, C], have several. */
  #isOfSamples([rows]: readonly number[]): boolean {
    const given = this.#graph.outputs.flatMap(({ name }) => this.shapes.get(name)?.[0] ?? []);
    return given.length === 0 || rows === undefined || given.includes(rows);
  }

  /** Why a map with more than a row and a column is not listed, if its channels are the reason. */
  #leftOut({ name, tensor, channelAxis }: LayerCandidate): string | null {
    const shape = this.shapes.get(tensor) ?? [];
    if (shape.length !== 4 || channelAxis === 1 || channelAxis === 3) return null;
    if (shape.slice(1).filter((size) => size > 1).length < 2) return null;
    return `The layer “${name}”, ${shape.join('×')}, is left out: nothing around it tells which of its axes are its channels.`;
  }
}

const found = new WeakMap<Opened, Promise<FoundLayers>>();

/**
 * The layers of a model that is open: looked for once, and forgotten with it.
 * @throws GenscopeError as running one sample does
 */
export function layersIn(opened: Opened): Promise<FoundLayers> {
  const known = found.get(opened);
  if (known !== undefined) return known;
  const source = opened.oneSample();
  const looking = tensorShapes(source).then((shapes) => new FoundLayers(source.graph, shapes));
  found.set(opened, looking);
  looking.catch(() => found.delete(opened));
  return looking;
}

/** Layers in graph order. @param known sizes, where a run has shown them already */
export async function discoverLayers(
  source: LayerSource,
  known?: TensorShapes,
): Promise<readonly LayerDescription[]> {
  return new FoundLayers(source.graph, known ?? (await tensorShapes(source))).all;
}

function noLayer(wanted: string, layers: readonly LayerDescription[]): GenscopeError {
  const names = layers.map(({ name }) => name).join(', ');
  return new GenscopeError(
    'input.invalid',
    `There is no layer “${wanted}”.`,
    names === ''
      ? 'Name a tensor of feature maps.'
      : `Its layers are ${names}; any tensor of feature maps will do as well.`,
  );
}

function noMap(tensor: string, shape: readonly number[] | undefined, why: string | null): GenscopeError {
  return new GenscopeError(
    'input.invalid',
    why ??
      `The tensor “${tensor}” (${shape?.join('×') ?? 'of unknown size'}) holds no feature maps of samples.`,
    'Name a tensor inside the graph with a channel axis and two or more rows and columns.',
  );
}
