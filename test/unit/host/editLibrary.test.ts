import { describe, expect, it } from 'vitest';
import { EditLibrary } from '../../../src/host/files/editLibrary.ts';
import { parseEditFile } from '../../../src/shared/edits/editFile.ts';
import type { EditFile } from '../../../src/shared/edits/edits.ts';
import { memento } from '../../engine/support/memento.ts';

const { edits } = parseEditFile('{"edits": [{"layer": "l8", "units": [3]}]}');
const named = (name: string, strength = 1): EditFile => ({
  ...{ schema: 1, name },
  edits: edits.map((edit) => ({ ...edit, strength })),
});

describe('the library of edits', () => {
  it('keeps each name once, the newest first, and forgets what is emptied', async () => {
    const state = memento();
    const library = new EditLibrary(state);
    expect(library.read()).toEqual({ files: [] });
    await library.keep(named('a'));
    await library.keep(named('b'));
    expect(await library.keep(named('a', 0.5))).toEqual({ files: [named('a', 0.5), named('b')] });
    // Another window of the same workspace.
    expect(new EditLibrary(state).read()).toEqual({ files: [named('a', 0.5), named('b')] });
    expect(await library.keep({ ...named('a'), edits: [] })).toEqual({ files: [named('b')] });
    expect(await library.keep({ ...named('never there'), edits: [] })).toEqual({ files: [named('b')] });
  });

  it('leaves out what this version cannot read', async () => {
    const state = memento();
    await state.update('edits', [named('a'), { schema: 2, name: 'b', edits: [] }, 3]);
    expect(new EditLibrary(state).read()).toEqual({ files: [named('a')] });
    await state.update('edits', 'nothing');
    expect(new EditLibrary(state).read()).toEqual({ files: [] });
  });

  it('has an end', async () => {
    const library = new EditLibrary(memento());
    for (let i = 0; i < 200; i++) await library.keep(named(`edit ${i}`));
    await expect(library.keep(named('one more'))).rejects.toMatchObject({ code: 'input.invalid' });
    expect((await library.keep(named('edit 3', 2))).files).toHaveLength(200);
  });
});
