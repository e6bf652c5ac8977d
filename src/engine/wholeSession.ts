/** A session on a whole model: of its file, unless the runtime could not feed that as it is. */
import { serialize } from '../onnx/open.ts';
import type { ModelFile } from './modelFile.ts';
import { Session } from './runtime/session.ts';

type Options = Parameters<typeof Session.fromFile>[1];

/** @throws GenscopeError as creating a session does */
export function wholeSession(file: ModelFile, options: Options): Promise<Session> {
  if (file.hadEmptyAxes) return Session.fromBytes(serialize(file.opened.model), file.folder, options);
  return Session.fromFile(file.path, options);
}
