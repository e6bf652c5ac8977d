/** What the host's notifications may say; anything else is not looked at. */
import type { PageNotifications } from '../../src/shared/pageProtocol.ts';

export type EngineState = PageNotifications['engineState']['state'];

export const ENGINE_STATES: readonly unknown[] = ['starting', 'ready', 'crashed', 'stopped'];
export const FILE_CHANGES: readonly unknown[] = ['changed', 'deleted', 'created'];
