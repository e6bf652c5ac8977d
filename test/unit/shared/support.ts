/** For the tests of guards. */

import { checkPageParams } from '../../../src/shared/guards.ts';
import { GenscopeError } from '../../../src/shared/kernel/errors.ts';
import type { PageMethod } from '../../../src/shared/pageProtocol.ts';

/** Whether the host would take it; anything but a coded refusal fails the test. */
export function accepts(method: PageMethod, params: unknown): boolean {
  try {
    checkPageParams(method, params);
    return true;
  } catch (error) {
    if (error instanceof GenscopeError && error.code === 'input.invalid') return false;
    throw error;
  }
}

/** What is no number. */
export const WITHOUT: readonly unknown[] = [undefined, null, '1', Number.NaN, Number.POSITIVE_INFINITY];
