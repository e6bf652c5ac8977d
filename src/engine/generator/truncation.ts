/** ψ for generators with a mapping network: w ← w̄ + ψ (w − w̄), as an edit of the graph that is built when first used. */
import type { ModelProto } from 'onnx-buf';
import { intervene } from '../../onnx/surgery/intervene.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { Session, TensorValue } from '../runtime/session.ts';
import { AVERAGE_OF, computeAverage, type ExaminedMapping, type MappedGraph } from './mapping.ts';

interface Ready {
  readonly model: ModelProto;
  readonly session: Session;
  /** Names of the inputs A and B of A·w + B. */
  readonly scale: string;
  readonly shift: string;
  readonly average: Float32Array;
  readonly warnings: readonly string[];
}

export class PsiTruncation {
  readonly #graph: MappedGraph;
  readonly #mapping: ExaminedMapping;
  #ready: Ready | null = null;
  /** w̄, and of how many latents it is the mean; null for the file's own. */
  #average: { average: Float32Array; count: number | null } | null;

  constructor(graph: MappedGraph, mapping: ExaminedMapping) {
    this.#graph = graph;
    this.#mapping = mapping;
    this.#average = mapping.average === null ? null : { average: mapping.average, count: null };
  }

  /** What is to be said about w̄; nothing before it is known. */
  get warnings(): readonly string[] {
    return this.#ready?.warnings ?? [];
  }

  get runMs(): number {
    return this.#ready?.session.runMs ?? 0;
  }

  /** w̄ and the session, both made once. @throws GenscopeError `request.cancelled`; what was done by then is lost */
  async prepare(signal: AbortSignal): Promise<void> {
    if (this.#ready !== null) return;
    this.#average ??= await computeAverage(this.#graph, this.#mapping, signal);
    const { average, count } = this.#average;
    const { model, interventions } = intervene(this.#graph.running, [this.#mapping.description.tensor]);
    const [edit] = interventions;
    if (edit === undefined)
      throw new GenscopeError('internal', 'ψ has no place in the graph.', 'Please report this.');
    const session = await this.#graph.open(model);
    const warnings =
      count === null || count >= AVERAGE_OF.wanted
        ? []
        : [
            `w̄ is the mean of ${count.toLocaleString('en')} mapped latents instead of 10,000, since mapping them is slow.`,
          ];
    this.#ready = { model, session, scale: edit.scale, shift: edit.shift, average, warnings };
  }

  /** The session, its graph, and what its two own inputs are fed with; `prepare` comes first. */
  edit(psi: number): { session: Session; model: ModelProto; feeds: Record<string, TensorValue> } {
    if (this.#ready === null)
      throw new GenscopeError('internal', 'ψ was not prepared.', 'Please report this.', {
        next: ['showLog'],
      });
    const { session, model, scale, shift, average } = this.#ready;
    const row = (values: Float32Array): TensorValue => ({
      dtype: 'float32',
      shape: [1, values.length],
      data: values,
    });
    return {
      ...{ session, model },
      feeds: {
        [scale]: row(Float32Array.of(psi)),
        [shift]: row(average.map((component) => (1 - psi) * component)),
      },
    };
  }

  async release(): Promise<void> {
    await this.#ready?.session.release();
    this.#ready = null;
  }
}

export function noMapping(fileName: string): GenscopeError {
  return new GenscopeError(
    'input.invalid',
    `${fileName} has no mapping network that can be told apart, so there is no w for ψ to draw towards its mean.`,
    'Truncate the latent itself instead: draw components again where they are large, or scale them down.',
  );
}
