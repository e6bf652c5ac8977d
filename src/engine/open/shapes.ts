/** Sizes of all tensors of a graph, learnt from one run with one sample. */
import type { ModelProto } from 'onnx-buf';
import { serialize } from '../../onnx/open.ts';
import { exposeShapes } from '../../onnx/surgery/shapes.ts';
import { type Guard, Session, type TensorValue } from '../runtime/session.ts';

/** Sizes by tensor: what `split` and `freeBatch` take as `shapes`. */
export type TensorShapes = ReadonlyMap<string, readonly number[]>;

/** A graph and what one sample of it is made of. */
export interface RunnableGraph {
  readonly model: ModelProto;
  /** Where its weights lie. */
  readonly folder: string;
  readonly feeds: (session: Session) => Readonly<Record<string, TensorValue>>;
  readonly threads: number;
  readonly guard: Guard;
}

/**
 * One run at batch 1. Optimisation is off for this one session: fusion would hide tensors (EXPORTS.md, rule 10). Nothing
 * but sizes comes out, so that it takes no more memory than drawing one sample.
 */
export async function tensorShapes({
  model,
  folder,
  feeds,
  threads,
  guard,
}: RunnableGraph): Promise<TensorShapes> {
  const exposed = exposeShapes(model);
  const session = await Session.unfused(serialize(exposed.model), folder, {
    ...{ threads, guard, lean: true },
  });
  try {
    const sizes = await session.run(feeds(session));
    return new Map(
      [...exposed.sizes].map(([output, tensor]) => [tensor, Array.from(sizes[output]?.data ?? [], Number)]),
    );
  } finally {
    await session.release();
  }
}
