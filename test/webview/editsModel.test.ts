/** Edits in the page as data. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Edit } from '../../src/shared/edits/edits.ts';
import type { LayerDescription } from '../../src/shared/generator/model.ts';
import { coverage, emptyRegion, painted, weightAt } from '../../webview/model/brush.ts';
import { differenceColour, differenceOf, FULL_DIFFERENCE } from '../../webview/model/difference.ts';
import { fitted } from '../../webview/model/editFit.ts';
import {
  type History,
  historyOf,
  MOST_STEPS,
  mapped,
  redone,
  type Stack,
  settled,
  stepped,
  undone,
} from '../../webview/model/editHistory.ts';
import { changesOf, conceptsNamed, isWaiting } from '../../webview/model/editIntent.ts';
import {
  duplicated,
  edited,
  freeName,
  neighbourOf,
  shifted,
  without,
} from '../../webview/model/editStack.ts';
import { DEFAULT_EDITS, readEdits } from '../../webview/model/editState.ts';
import { parseUnits, unitsText } from '../../webview/model/unitLists.ts';
import { valuesOf } from './support/fakeEdits.ts';

const edit = (id: string, more: Partial<Edit> = {}): Edit => ({
  ...{ id, name: id, layer: 'l8', tensor: 't8', intent: { kind: 'ablate', to: 'zero' } },
  units: [{ unit: 3, scale: 0, shift: 0 }],
  ...{ strength: 1, region: null, samples: null, muted: false },
  ...more,
});
const stackOf = (...ids: string[]): Stack => ({ edits: ids.map((id) => edit(id)), name: null });

describe('undo', () => {
  /** Any sequence of what a person can do to a stack. */
  const actions = fc.array(
    fc.oneof(
      fc.record({ do: fc.constant('add' as const) }),
      fc.record({ do: fc.constantFrom('remove', 'duplicate', 'mute', 'up', 'down'), at: fc.nat(5) }),
      fc.record({ do: fc.constant('drag' as const), at: fc.nat(5), moves: fc.integer({ min: 1, max: 5 }) }),
    ),
    { maxLength: 30 },
  );

  function done(history: History, action: { do: string; at?: number; moves?: number }, n: number): History {
    const { edits } = history.present;
    const id = edits[(action.at ?? 0) % Math.max(1, edits.length)]?.id ?? '';
    const take = (next: readonly Edit[]) => stepped(history, { ...history.present, edits: next });
    if (action.do === 'add') return take([...edits, edit(`n${n}`)]);
    if (action.do === 'remove') return take(without(edits, id));
    if (action.do === 'duplicate') return take(duplicated(edits, id, { id: `n${n}`, name: 'copy' }));
    if (action.do === 'mute') return take(edited(edits, id, { muted: n % 2 === 0 }));
    if (action.do === 'drag') {
      let now = history;
      for (let i = 0; i < (action.moves ?? 1); i++) {
        const next = { ...now.present, edits: edited(now.present.edits, id, { strength: i / 10 }) };
        now = stepped(now, next, `strength ${id}`);
      }
      return settled(now);
    }
    return take(shifted(edits, id, action.do === 'up' ? -1 : 1));
  }

  test('returns exactly the earlier stacks, one by one, and redo the later ones', () => {
    fc.assert(
      fc.property(actions, (list) => {
        let history = historyOf();
        const seen = [history.present];
        list.forEach((action, n) => {
          history = done(history, action, n);
          if (history.present !== seen.at(-1)) seen.push(history.present);
        });
        for (const stack of [...seen].reverse()) {
          expect(history.present).toBe(stack);
          history = undone(history);
        }
        expect(undone(history)).toBe(history);
        for (const stack of seen) {
          expect(history.present).toBe(stack);
          history = redone(history);
        }
      }),
    );
  });

  test('a drag is one step; another drag of the same slider another', () => {
    let history = historyOf(stackOf('a'));
    for (const strength of [0.9, 0.8, 0.7])
      history = stepped(history, { ...history.present, edits: [edit('a', { strength })] }, 's');
    history = settled(history);
    for (const strength of [0.5, 0.4])
      history = stepped(history, { ...history.present, edits: [edit('a', { strength })] }, 's');
    history = undone(history);
    expect(history.present.edits[0]?.strength).toBe(0.7);
    expect(undone(history).present.edits[0]?.strength).toBe(1);
  });

  test('a new step forgets what was undone, and the past has an end', () => {
    let history = undone(stepped(historyOf(), stackOf('a')));
    expect(history.future.length).toBe(1);
    history = stepped(history, stackOf('b'));
    expect(redone(history)).toBe(history);
    for (let i = 0; i < MOST_STEPS + 20; i++) history = stepped(history, stackOf(`x${i}`));
    expect(history.past.length).toBe(MOST_STEPS);
  });

  test('what is learnt later is filled in everywhere, and what needs nothing stays the value it is', () => {
    const first = historyOf(stackOf('a'));
    const history = stepped(stepped(first, stackOf('a', 'w')), stackOf('a', 'w', 'b'));
    const filled = mapped(history, (one) => (one.id === 'w' ? { ...one, strength: 0.5 } : one));
    expect(filled.past[0]).toBe(history.past[0]);
    expect(undone(filled).present.edits[1]?.strength).toBe(0.5);
    expect(filled.present.edits[0]).toBe(history.present.edits[0]);
  });
});

test('a stack: order, copies and names', () => {
  const { edits } = stackOf('a', 'b', 'c');
  const ids = (list: readonly Edit[]) => list.map(({ id }) => id).join('');
  expect(ids(shifted(edits, 'c', -1))).toBe('acb');
  expect(ids(shifted(edits, 'a', 2))).toBe('bca');
  expect(shifted(edits, 'a', -1)).toBe(edits);
  expect(ids(duplicated(edits, 'b', { id: 'd', name: 'b 2' }))).toBe('abdc');
  expect([neighbourOf(edits, 'b'), neighbourOf(edits, 'c')]).toEqual(['c', 'b']);
  expect(neighbourOf([edit('a')], 'a')).toBe(null);
  expect(freeName([], 'tree off')).toBe('tree off');
  expect(freeName([edit('1', { name: 'tree off' }), edit('2', { name: 'tree off 2' })], 'tree off 2')).toBe(
    'tree off 3',
  );
});

describe('units as people write them', () => {
  test.each([
    ['3-17, 40', [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 40]],
    ['3 – 5 7', [3, 4, 5, 7]],
    ['5,5;4', [5, 4]],
    ['', []],
  ])('%s', (text, units) => expect(parseUnits(text, 64)).toEqual({ units, wrong: null }));

  test.each([
    ['3, x', 'x'],
    ['5-3', '5-3'],
    ['64', '64'],
    ['60-70', '60-70'],
    ['-3', '-3'],
    ['1.5', '1.5'],
  ])('%s is wrong', (text, wrong) => expect(parseUnits(text, 64)).toEqual({ units: null, wrong }));

  test('what is written is read back', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(200)), (units) => {
        const sorted = [...units].sort((a, b) => a - b);
        expect(parseUnits(unitsText(units), 201).units).toEqual(sorted);
      }),
    );
    expect(unitsText([40, 3, 4, 5, 8, 9])).toBe('3-5, 8, 9, 40');
  });
});

describe('from an intention to changes', () => {
  const values = valuesOf(8, [2], { samples: 200, seed: 2 });
  test.each([
    [{ kind: 'ablate', to: 'zero' } as const, null, { scale: 0, shift: 0 }],
    [{ kind: 'ablate', to: 'mean' } as const, values, { scale: 0, shift: values.mean[3] }],
    [{ kind: 'ablate', to: 'minimum' } as const, values, { scale: 0, shift: values.minimum[3] }],
    [{ kind: 'scale', factor: -1.5 } as const, null, { scale: -1.5, shift: 0 }],
    [{ kind: 'insert', from: 'quantile' } as const, values, { scale: 0, shift: values.quantile[3] }],
    [
      { kind: 'insert', from: 'conceptMean', concept: 'tree' } as const,
      values,
      { scale: 0, shift: values.conceptMean?.[3] },
    ],
    [
      { kind: 'insert', from: 'topMean', concept: 'tree' } as const,
      values,
      { scale: 0, shift: values.topMean?.[3] },
    ],
  ])('%j', (intent, known, change) => {
    const units = changesOf(intent, [3], known);
    expect(units).toEqual([{ unit: 3, ...change }]);
    expect(isWaiting({ intent, units })).toBe(false);
  });

  test('without its values an edit waits, and changes nothing', () => {
    const intent = { kind: 'insert', from: 'conceptMean', concept: 'snow' } as const;
    const never = valuesOf(8, [2], { samples: 200, seed: 2 }, true);
    for (const known of [null, never]) {
      const units = changesOf(intent, [3, 4], known);
      expect(units).toEqual([3, 4].map((unit) => ({ unit, scale: 1, shift: 0 })));
      expect(isWaiting({ intent, units })).toBe(true);
    }
    const factor = { kind: 'scale', factor: 1 } as const;
    expect(isWaiting({ intent: factor, units: changesOf(factor, [3], null) })).toBe(false);
  });

  test('concepts by name, also several that count together', () => {
    const concepts = ['sky', 'wall', 'roof', 'wall + roof'];
    expect(conceptsNamed('wall', concepts)).toEqual([1]);
    expect(conceptsNamed('wall + roof', concepts)).toEqual([3]);
    expect(conceptsNamed('roof + wall', concepts)).toEqual([2, 1]);
    expect([conceptsNamed('door', concepts), conceptsNamed(undefined, concepts)]).toEqual([null, null]);
  });
});

describe('edits of another generator', () => {
  const layer = (name: string, units: number, side: number): LayerDescription => ({
    ...{ name, tensor: `t_${name}`, shape: [1, units, side, side], units },
    ...{ resolution: [side, side] as const, channelAxis: 1, op: 'Relu', suffixCost: 1 },
  });
  const layers = [layer('l8', 16, 8), layer('l16', 8, 16)];

  test('what fits is taken by tensor or by name, and the rest is said', () => {
    const units = [3, 20].map((unit) => ({ unit, scale: 0, shift: 0 }));
    const region = emptyRegion(4, 4);
    const fit = fitted(
      [
        edit('whole', { tensor: 't_l8' }),
        edit('named', { tensor: 'l16', layer: 'l16' }),
        edit('partly', { tensor: 't_l8', units }),
        edit('elsewhere', { tensor: 't_l32', layer: 'l32' }),
        edit('finer', { tensor: 't_l8', region }),
        edit('beyond', { tensor: 't_l16', units: units.slice(1) }),
      ],
      layers,
    );
    expect(fit.edits.map(({ id, tensor, units: own }) => [id, tensor, own.length])).toEqual([
      ['whole', 't_l8', 1],
      ['named', 't_l16', 1],
      ['partly', 't_l8', 1],
    ]);
    expect(fit.misfits).toEqual([
      { kind: 'units', name: 'partly', lost: 1, of: 2 },
      { kind: 'layer', name: 'elsewhere', layer: 'l32' },
      { kind: 'region', name: 'finer', layer: 'l8' },
      { kind: 'units', name: 'beyond', lost: 1, of: 1 },
    ]);
  });

  test('edits that fit stay the values they are', () => {
    const own = [edit('a', { tensor: 't_l8' })];
    expect(fitted(own, layers).edits[0]).toBe(own[0]);
  });
});

describe('the brush', () => {
  const place = fc.record({
    x: fc.double({ min: 0, max: 7.99, noNaN: true }),
    y: fc.double({ min: 0, max: 7.99, noNaN: true }),
  });
  const shape = fc.record({
    size: fc.integer({ min: 1, max: 8 }),
    soft: fc.double({ min: 0, max: 1, noNaN: true }),
  });

  test('weights lie in 0…1, a stroke only adds, and the cell under the pointer is painted', () => {
    fc.assert(
      fc.property(place, place, shape, (from, to, brush) => {
        const first = painted(emptyRegion(8, 8), from, from, brush);
        const region = painted(first, from, to, brush);
        region.weights.forEach((weight, i) => {
          expect(weight).toBeGreaterThanOrEqual(first.weights[i] ?? 1);
          expect(weight).toBeLessThanOrEqual(1);
        });
        expect(region.weights[Math.floor(to.y) * 8 + Math.floor(to.x)]).toBe(1);
        const erased = painted(region, from, to, brush, true);
        erased.weights.forEach((weight, i) => {
          expect(weight).toBeLessThanOrEqual(region.weights[i] ?? 0);
          expect(weight).toBeGreaterThanOrEqual(0);
        });
      }),
    );
  });

  test('a hard brush of two cells on a corner of cells covers four', () => {
    const region = painted(emptyRegion(4, 4), { x: 2, y: 2 }, { x: 2, y: 2 }, { size: 2, soft: 0 });
    expect(region.weights).toEqual([0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0]);
    expect(coverage(region)).toBe(4);
  });

  test('a line covers what lies between, and a soft edge falls without a step', () => {
    const region = painted(emptyRegion(1, 8), { x: 0.5, y: 0.5 }, { x: 7.5, y: 0.5 }, { size: 1, soft: 0 });
    expect(region.weights).toEqual(new Array(8).fill(1));
    const soft = [0, 0.5, 1, 1.5, 2].map((cells) => weightAt(cells, { size: 2, soft: 1 }));
    expect(soft).toEqual([1, 0.84375, 0.5, 0.15625, 0]);
  });
});

test('a difference: black where nothing changed, the last colour from the full difference on', () => {
  const before = Uint8ClampedArray.from([10, 20, 30, 255, 0, 0, 0, 255, 0, 0, 0, 255]);
  const after = Uint8ClampedArray.from([10, 20, 30, 255, 255, 255, 255, 255, 16, 16, 16, 255]);
  const seen = differenceOf(before, after);
  expect([...seen.slice(0, 4)]).toEqual([0, 0, 0, 255]);
  expect([...seen.slice(4, 7)]).toEqual([...Uint8ClampedArray.from(differenceColour(1))]);
  expect([...seen.slice(8, 11)]).toEqual([...Uint8ClampedArray.from(differenceColour(16 / FULL_DIFFERENCE))]);
});

test('what was kept is read back; an edit that does not hold is left out', () => {
  const kept = {
    edits: [edit('a'), { ...edit('b'), strength: 'much' }, edit('a')],
    view: 'difference',
    focused: 'a',
    name: 'mine',
  };
  const page = { schema: 1, model: 'file:///m.onnx', edits: kept };
  expect(readEdits(page, 'file:///m.onnx')).toEqual({ ...kept, edits: [edit('a')] });
  expect(readEdits(page, 'file:///other.onnx')).toEqual(DEFAULT_EDITS);
  expect(
    readEdits({ ...page, edits: { edits: 3, view: 'up', focused: 'gone', name: 1 } }, page.model),
  ).toEqual(DEFAULT_EDITS);
});
