/** Named edits of a workspace. */
import type * as vscode from 'vscode';
import { isEditFile } from '../../shared/edits/editGuards.ts';
import type { EditFile } from '../../shared/edits/edits.ts';
import type { EditLibrary as Library } from '../../shared/edits/interventions.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';

const KEY = 'edits';
/** The workspace's memory is one file that is written as a whole. */
const MOST = 200;

export class EditLibrary {
  constructor(private readonly state: vscode.Memento) {}

  /** What an earlier version kept may be of another form: such edits are left out. */
  read(): Library {
    const kept: unknown = this.state.get(KEY);
    return { files: Array.isArray(kept) ? kept.filter(isEditFile) : [] };
  }

  /**
   * Keeps a stack under its name, in place of one of that name, the newest first; an empty one forgets the name.
   * @throws GenscopeError `input.invalid` for one more than are kept
   */
  async keep(file: EditFile): Promise<Library> {
    const others = this.read().files.filter(({ name }) => name !== file.name);
    const files = file.edits.length > 0 ? [file, ...others] : others;
    if (files.length > MOST) throw full();
    await this.state.update(KEY, files);
    return { files };
  }
}

function full(): GenscopeError {
  return new GenscopeError(
    'input.invalid',
    `This workspace keeps ${MOST} edits already.`,
    'Remove one, or save this one as a file.',
  );
}
