import { GenscopeError } from '../../shared/errors.ts';
import type { EditCodeParams } from '../../shared/interventions.ts';
import type { TaskContext } from './context.ts';

/** Next commit: the page is built against the interface meanwhile. */
export async function editCode(
  _params: EditCodeParams,
  _context: TaskContext<never>,
): Promise<{ text: string }> {
  throw new GenscopeError('input.invalid', 'This is not there yet.', 'Wait for the next version.');
}
