import type { EffectProgress, Selections, SelectionsParams } from '../../shared/effects.ts';
import { GenscopeError } from '../../shared/errors.ts';
import type { TaskContext } from './context.ts';

/** Next commit: the page is built against the interface meanwhile. */
export async function selections(
  _params: SelectionsParams,
  _context: TaskContext<EffectProgress>,
): Promise<Selections> {
  throw new GenscopeError('input.invalid', 'This is not there yet.', 'Wait for the next version.');
}
