/**
 * A generator under edits: nothing is built anew while a slider moves, and only what comes after the layer that changed
 * is run (DESIGN: the flow *Edit*).
 */
import { isIdentity } from '../../algorithms/edits/fold.ts';
import { GraphIndex } from '../../onnx/graph.ts';
import { dependents } from '../../onnx/surgery/split/split.ts';
import type { FeedRequest } from '../feeds/feeds.ts';
import { type Generator, partsOf, type RequestPart } from '../generator/generator.ts';
import type { TensorShapes } from '../open/shapes.ts';
import type { TensorValue } from '../runtime/session.ts';
import { ActivationCache, type CachedPart } from './activationCache.ts';
import { CutGenerator } from './cutGenerator.ts';
import { type EditedLayer, fingerprint, textOf } from './stack.ts';

/** Each holds the weights of the whole generator once more. */
const MOST_CUTS = 3;
/** Batches of samples: more than fit onto a page. */
const MOST_REMEMBERED = 256;

export interface EditedRun {
  /** Tells these samples from others: the same name, the same feature maps. */
  readonly samples: string;
  readonly request: FeedRequest;
  readonly stack: readonly EditedLayer[];
  readonly psi: number;
}

interface Remembered {
  readonly tensor: string;
  readonly print: string;
}

export class EditedGenerator {
  readonly #generator: Generator;
  readonly #shapes: TensorShapes;
  /** By cut, edited layers and whether ψ is in; least recently used first. */
  readonly #cuts = new Map<string, Promise<CutGenerator>>();
  readonly #cache = new ActivationCache();
  /** How often each half was run: what a bench, and whoever wonders whether the cache works, looks at. */
  readonly runs = { prefix: 0, suffix: 0 };
  #cutMs = 0;
  readonly #dependents = new Map<string, ReadonlySet<string>>();
  #index: GraphIndex | null = null;
  /** The stack that each batch of samples was run with last: what differs from it tells where the person is at work. */
  readonly #last = new Map<string, readonly Remembered[]>();
  /** The layer that was changed last. */
  #focus = '';

  constructor(generator: Generator, shapes: TensorShapes) {
    this.#generator = generator;
    this.#shapes = shapes;
    generator.attach(this);
  }

  /**
   * Image tensors under a stack of edits, in parts as the generator's batch allows. A stack that changes nothing is the generator itself.
   * @throws GenscopeError as cutting and running do
   */
  async *run(run: EditedRun): AsyncGenerator<{ first: number; image: TensorValue }> {
    const { stack, psi, request } = run;
    // Edits that change nothing (a slider at 0, an undo) give the generator's own pixels, to the last bit.
    if (stack.every(({ affine }) => isIdentity(affine))) {
      yield { first: 0, image: await this.#plain(run) };
      return;
    }
    const { at, key } = this.#cutFor(run);
    const layers = stack.map(({ tensor }) => tensor);
    const cut = await this.#cut(at, layers, psi);
    const known = this.#cache.get(key);
    const spent = cut.runMs;
    const made: CachedPart[] = [];
    for (const [index, part] of partsOf(request, this.#generator).entries()) {
      const own = rowsOf(stack, part);
      const crossing = known?.[index]?.tensors ?? (await this.#cross(cut, part.request, own, psi));
      made.push({ tensors: crossing });
      this.runs.suffix++;
      yield { first: part.first, image: await cut.image(part.request, crossing, own, psi) };
    }
    this.#cutMs += cut.runMs - spent;
    if (known === undefined) this.#cache.put(key, made);
  }

  /** Opens what a first edit of this layer alone would have to wait for. @throws GenscopeError as cutting does */
  async prepare(tensor: string): Promise<void> {
    await this.#cut(tensor, [tensor], 1);
  }

  /** Milliseconds inside the runtime so far. */
  get runMs(): number {
    return this.#generator.runMs + this.#cutMs;
  }

  async release(): Promise<void> {
    for (const cut of this.#cuts.values()) await (await cut.catch(() => null))?.release();
    this.#cuts.clear();
    this.#cache.clear();
  }

  /** Without edits; kept, as the samples beside one that is painted are asked for with every stroke. */
  async #plain({ samples, request, psi }: EditedRun): Promise<TensorValue> {
    const key = ['', samples, psi].join('\n');
    const known = this.#cache.get(key)?.[0]?.tensors.image;
    if (known) return known;
    const image = await this.#generator.run(request, psi);
    this.#cache.put(key, [{ tensors: { image } }]);
    return image;
  }

  #cross(cut: CutGenerator, request: FeedRequest, stack: readonly EditedLayer[], psi: number) {
    this.runs.prefix++;
    return cut.crossing(request, stack, psi);
  }

  /**
   * Where to cut: at the deepest layer whose feature maps are kept for these edits upstream, but not before the layer that
   * the person has just changed, where the next change will be as well.
   */
  #cutFor(run: EditedRun): { at: string; key: string } {
    const { stack } = run;
    const changed = this.#changed(run);
    for (const { tensor } of stack.slice(changed).toReversed()) {
      const key = this.#keyOf(run, tensor);
      if (this.#cache.has(key)) return { at: tensor, key };
    }
    const at = (stack[changed] as EditedLayer).tensor;
    return { at, key: this.#keyOf(run, at) };
  }

  /**
   * The first layer whose edit is another one than when these samples were run last. Where that says nothing (they are new,
   * or other layers are edited now), the layer that was changed last.
   */
  #changed({ samples, stack }: EditedRun): number {
    const last = this.#last.get(samples) ?? [];
    const now = stack.map(fingerprint);
    const isSame = stack.length === last.length && stack.every(({ tensor }, k) => tensor === last[k]?.tensor);
    const changed = isSame ? now.findIndex((print, k) => print !== last[k]?.print) : -1;
    if (changed >= 0) this.#focus = (stack[changed] as EditedLayer).tensor;
    this.#remember(
      samples,
      stack.map(({ tensor }, k) => ({ tensor, print: now[k] as string })),
    );
    return Math.max(
      0,
      stack.findIndex(({ tensor }) => tensor === this.#focus),
    );
  }

  #remember(samples: string, stack: readonly Remembered[]): void {
    this.#last.delete(samples);
    this.#last.set(samples, stack);
    for (const oldest of this.#last.keys()) {
      if (this.#last.size <= MOST_REMEMBERED) return;
      this.#last.delete(oldest);
    }
  }

  /** What decides the feature maps at a cut: the samples, ψ, and the edits of all layers that do not depend on it. */
  #keyOf({ samples, psi, stack }: EditedRun, at: string): string {
    const below = this.#below(at);
    const others = stack.filter(({ tensor }) => tensor !== at && !below.has(tensor));
    return [samples, psi, at, textOf(others)].join('\n');
  }

  #below(at: string): ReadonlySet<string> {
    let below = this.#dependents.get(at);
    if (below === undefined) {
      this.#index ??= new GraphIndex(this.#generator.graphAt(1).model);
      below = dependents(this.#index, at);
      this.#dependents.set(at, below);
    }
    return below;
  }

  async #cut(at: string, layers: readonly string[], psi: number): Promise<CutGenerator> {
    const key = [at, psi === 1, ...layers].join('\n');
    const known = this.#cuts.get(key);
    this.#cuts.delete(key);
    const opening = known ?? CutGenerator.open(this.#generator, at, layers, this.#shapes, psi);
    this.#cuts.set(key, opening);
    opening.catch(() => this.#cuts.delete(key));
    for (const [oldest, cut] of [...this.#cuts].slice(0, Math.max(0, this.#cuts.size - MOST_CUTS))) {
      this.#cuts.delete(oldest);
      await (await cut.catch(() => null))?.release();
    }
    return opening;
  }
}

/** The rows of A and B that belong to a part; those without rows hold for all. */
function rowsOf(stack: readonly EditedLayer[], { first, count }: RequestPart): readonly EditedLayer[] {
  return stack.map((layer) => {
    const { shape, scale, shift } = layer.affine;
    const [rows, units, h, w] = shape;
    if (rows === 1 || (first === 0 && count === rows)) return layer;
    const size = units * h * w;
    const slice = (values: Float32Array) => values.subarray(first * size, (first + count) * size);
    return { ...layer, affine: { shape: [count, units, h, w], scale: slice(scale), shift: slice(shift) } };
  });
}
