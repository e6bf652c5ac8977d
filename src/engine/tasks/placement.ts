import type { EffectProgress, Placement, PlacementParams } from '../../shared/effects.ts';
import { GenscopeError } from '../../shared/errors.ts';
import type { TaskContext } from './context.ts';

/** Next commit: the page is built against the interface meanwhile. */
export async function placement(
  _params: PlacementParams,
  _context: TaskContext<EffectProgress>,
): Promise<Placement> {
  throw new GenscopeError('input.invalid', 'This is not there yet.', 'Wait for the next version.');
}
