/** A request made from a description of a file that is another one by now would be answered with the wrong pictures. */
import path from 'node:path';
import { GenscopeError } from '../../shared/errors.ts';
import type { ModelRef } from '../../shared/protocol.ts';
import { modelStamp } from '../modelFile.ts';

/** @throws GenscopeError `model.changed` when the stamp is not the file's */
export function requireUnchanged(model: ModelRef, stamp: string | undefined): void {
  if (stamp === undefined || stamp === modelStamp(model)) return;
  const says = `${path.basename(model.path)} is another file by now.`;
  throw new GenscopeError('model.changed', says, 'Reload it to see its samples.', { next: ['retry'] });
}
