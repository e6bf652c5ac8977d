/** Edits as JSON: the least that is needed, the whole, and whatever else is a clear error. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEditFile } from '../../../src/shared/edits/editFile.ts';
import { GenscopeError } from '../../../src/shared/kernel/errors.ts';

describe('parseEditFile', () => {
  it('fills in what is left out', () => {
    const { edits, name } = parseEditFile(
      '{"edits": [{"layer": "l8", "units": [3, {"unit": 5, "scale": 2}], "shift": 1}]}',
    );
    expect(name).toBe('edit');
    expect(edits).toEqual([
      {
        ...{ id: 'edit1', name: 'Edit 1', layer: 'l8', tensor: 'l8', strength: 1, muted: false },
        intent: { kind: 'ablate', to: 'zero' },
        units: [
          { unit: 3, scale: 0, shift: 1 },
          { unit: 5, scale: 2, shift: 1 },
        ],
        ...{ region: null, samples: null },
      },
    ]);
  });

  it('gives back what was saved', () => {
    const [edit] = parseEditFile('{"edits": [{"layer": "l8", "units": [3]}]}').edits;
    const file = {
      ...{ schema: 1, name: 'two' },
      edits: [
        {
          ...edit,
          region: { height: 1, width: 2, weights: [0, 0.5] },
          samples: [{ seed: 4, classIndex: null }],
        },
        {
          ...edit,
          intent: { kind: 'insert', from: 'conceptMean', concept: 'tree' },
          strength: 0.25,
          muted: true,
        },
      ],
    };
    expect(parseEditFile(JSON.stringify(file))).toEqual(file);
  });

  it('takes no intention that is not one of ours', () => {
    const intentOf = (intent: unknown) =>
      parseEditFile(JSON.stringify({ edits: [{ layer: 'l', units: [1], scale: 2, intent }] })).edits[0]
        ?.intent;
    expect(intentOf({ kind: 'ablate', to: 'minimum' })).toEqual({ kind: 'ablate', to: 'minimum' });
    for (const wrong of [
      { kind: 'ablate' },
      { kind: 'scale', factor: '2' },
      { kind: 'insert', from: {} },
      'x',
    ])
      expect(intentOf(wrong)).toEqual({ kind: 'scale', factor: 2 });
  });

  it.each([
    ['x', '$ is not JSON'],
    ['[]', '$ must be an object'],
    ['{"edits": 3}', '$.edits must be a list'],
    ['{"schema": 2, "edits": []}', '$.schema must be 1'],
    ['{"edits": [{"units": []}]}', '$.edits[0].layer must be a name'],
    ['{"edits": [{"layer": "l", "units": [-1]}]}', '$.edits[0].units[0] must be a whole number'],
    ['{"edits": [{"layer": "l", "units": [1], "strength": "x"}]}', '$.edits[0].strength must be a number'],
    [
      '{"edits": [{"layer": "l", "units": [1], "region": {"height": 1, "width": 2, "weights": [1]}}]}',
      '1 × 2',
    ],
    ['{"edits": [{"layer": "l", "units": [1], "region": {"height": 1, "width": 1, "weights": [2]}}]}', '0…1'],
  ])('%s', (text, says) => {
    expect(() => parseEditFile(text)).toThrow(says);
  });

  it('never fails in another way', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        try {
          parseEditFile(text);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(GenscopeError);
        }
      }),
    );
  });
});
