/** A generator cut at a layer, with places for edits on both sides. */
import type { ModelProto } from 'onnx-buf';
import { intervene } from '../../onnx/surgery/intervene.ts';
import { type Split, split } from '../../onnx/surgery/split/split.ts';
import { channelsLast } from '../../shared/kernel/channels.ts';
import { type FeedRequest, filledUp } from '../feeds/feeds.ts';
import type { Generator } from '../generator/generator.ts';
import type { TensorShapes } from '../open/shapes.ts';
import type { Session, TensorValue } from '../runtime/session.ts';
import type { EditedLayer } from './stack.ts';

/** Names of the inputs A and B of a layer that is edited in one half. */
interface Site {
  readonly tensor: string;
  readonly scale: string;
  readonly shift: string;
}

interface Half {
  readonly session: Session;
  readonly sites: readonly Site[];
  /** Inputs of the whole model that it takes. */
  readonly inputs: ReadonlySet<string>;
}

type Tensors = Readonly<Record<string, TensorValue>>;

/**
 *   z ─ prefix (edits before the cut) ─ what crosses ─ suffix (edits at the cut and after it) ─ image
 *
 * What crosses is kept by the caller: while a slider moves at the cut, only the suffix runs.
 */
export class CutGenerator {
  readonly #generator: Generator;
  readonly #crossing: readonly string[];
  readonly #prefix: Half;
  readonly #suffix: Half;
  readonly #psi: boolean;

  private constructor(generator: Generator, psi: boolean, cut: Split, prefix: Half, suffix: Half) {
    this.#generator = generator;
    this.#psi = psi;
    this.#crossing = cut.crossing;
    this.#prefix = prefix;
    this.#suffix = suffix;
  }

  /** @throws GenscopeError as `split`, `intervene` and opening sessions do */
  static async open(
    generator: Generator,
    at: string,
    layers: readonly string[],
    shapes: TensorShapes,
    psi: number,
  ): Promise<CutGenerator> {
    const { model } = generator.graphAt(psi);
    const cut = split(model, at, { shapes, outputs: [generator.imageName] });
    // A layer that is cheap to make both halves may make: it is edited in both, or what crosses would be as it was.
    const [first, second] = [madeIn(cut.prefix), madeIn(cut.suffix)];
    const before = await half(
      generator,
      cut.prefix,
      layers.filter((layer) => layer !== at && first.has(layer)),
      cut.prefixInputs,
    );
    const behind = await half(
      generator,
      cut.suffix,
      layers.filter((layer) => layer === at || second.has(layer)),
      cut.suffixInputs,
    );
    return new CutGenerator(generator, psi !== 1, cut, before, behind);
  }

  get runMs(): number {
    return this.#prefix.session.runMs + this.#suffix.session.runMs;
  }

  /** Everything that crosses the cut, for the samples of a request; where the file fixes the rows of a run, all of them. */
  async crossing(request: FeedRequest, stack: readonly EditedLayer[], psi: number): Promise<Tensors> {
    const outputs = await this.#prefix.session.run(this.#feeds(this.#prefix, request, stack, psi));
    return Object.fromEntries(this.#crossing.map((name) => [name, outputs[name] as TensorValue]));
  }

  /** The image tensor [count, …] of those samples. */
  async image(
    request: FeedRequest,
    crossing: Tensors,
    stack: readonly EditedLayer[],
    psi: number,
  ): Promise<TensorValue> {
    const feeds = { ...this.#feeds(this.#suffix, request, stack, psi), ...crossing };
    const outputs = await this.#suffix.session.run(feeds);
    return this.#generator.pictures(outputs[this.#generator.imageName] as TensorValue, request.count);
  }

  async release(): Promise<void> {
    await this.#prefix.session.release();
    await this.#suffix.session.release();
  }

  #feeds(half: Half, request: FeedRequest, stack: readonly EditedLayer[], psi: number): Tensors {
    const extra = this.#psi ? this.#generator.graphAt(psi).extra : {};
    const own = half.session.inputs.filter(({ name }) => half.inputs.has(name) && !(name in extra));
    const feeds: Record<string, TensorValue> = this.#generator.feedsOf(own, request);
    for (const [name, value] of Object.entries(extra)) if (half.inputs.has(name)) feeds[name] = value;
    for (const { tensor, scale, shift } of half.sites) {
      const layer = stack.find((one) => one.tensor === tensor);
      const { fixedRows } = this.#generator;
      feeds[scale] = layer ? affineTensor(layer, 'scale', fixedRows) : ONE;
      feeds[shift] = layer ? affineTensor(layer, 'shift', fixedRows) : ZERO;
    }
    return feeds;
  }
}

const ONE: TensorValue = { dtype: 'float32', shape: [1, 1, 1, 1], data: Float32Array.of(1) };
const ZERO: TensorValue = { dtype: 'float32', shape: [1, 1, 1, 1], data: Float32Array.of(0) };

/** Where it has rows, as many as a run has; what fills a run up is cut off again. */
function affineTensor(
  { affine, channelAxis }: EditedLayer,
  what: 'scale' | 'shift',
  fixedRows: number,
): TensorValue {
  const [own, units, h, w] = affine.shape;
  const rows = own === 1 ? 1 : Math.max(own, fixedRows);
  const data = own === 1 ? affine[what] : filledUp(affine[what], units * h * w, own, fixedRows);
  const shape = [rows, units, h, w];
  if (channelAxis === 1) return { dtype: 'float32', shape, data };
  return { dtype: 'float32', shape: [rows, h, w, units], data: channelsLast(data, shape) };
}

async function half(
  generator: Generator,
  model: ModelProto,
  layers: readonly string[],
  inputs: readonly string[],
): Promise<Half> {
  const { model: edited, interventions } = intervene(model, layers);
  return { session: await generator.open(edited), sites: interventions, inputs: new Set(inputs) };
}

function madeIn(model: ModelProto): ReadonlySet<string> {
  return new Set(model.graph?.node.flatMap(({ output }) => output));
}
