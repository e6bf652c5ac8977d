/** The page's pure logic, without a page. */
import { expect, test } from 'vitest';
import { duration, timeLeft } from '../../webview/model/format.ts';
import { LatestWins } from '../../webview/model/latestWins.ts';
import { resolutionBlocks } from '../../webview/model/layerStrip.ts';
import {
  cellSide,
  cellSize,
  columnsFor,
  columnsIn,
  GAP,
  largeSize,
  maxSide,
  snapDown,
  snapNear,
} from '../../webview/model/layout.ts';
import { readPageState, readTranslation, writePageState } from '../../webview/model/pageState.ts';
import { frameAt } from '../../webview/model/playback.ts';
import { answers, firstChoices } from '../../webview/model/roleWords.ts';
import { BLOCK_GAP, CAPTION, HEAD, ROW_GAP, rowLayout } from '../../webview/model/rowLayout.ts';
import {
  defaultSamples,
  fitToModel,
  isTooLong,
  keysOnShow,
  pathSteps,
  truncationAt,
  truncationModes,
  truncationValue,
  walkPlan,
} from '../../webview/model/samplesModel.ts';
import { added, clicked, moved, toggled } from '../../webview/model/selection.ts';
import {
  DEFAULT_TRANSLATION,
  fitToSetup,
  placesOnShow,
  turned,
} from '../../webview/model/translationModel.ts';
import { demoModel, mappedModel, translatorModel, unknownModel } from './support/models.ts';

const key = (seed: number) => ({ seed, classIndex: seed % 7 });
const state = defaultSamples(16, 'numpy');
const square = { width: 64, height: 64 };

test('pictures are enlarged by whole device pixels only', () => {
  expect(snapDown(172, 64, 1)).toBe(128);
  expect(snapDown(172, 64, 1.5)).toBeCloseTo((64 * 4) / 1.5);
  expect(snapDown(100, 512, 1)).toBe(100);
  expect(snapNear(128, 64, 1.5)).toBe(128);
  expect(largeSize({ width: 500, height: 900 }, square, 2)).toEqual({ width: 480, height: 480 });
});

test('Fit shows all at once, and never pictures too small to see', () => {
  // 16 in 500×610 fit as four by four, a little below 2×, which would cut off the last row.
  const tall = { width: 500, height: 610 };
  const fraction = cellSide(0, tall, 16, square, 1);
  expect(fraction).toBe(122);
  expect(columnsFor(tall, { width: fraction, height: fraction }, 16)).toBe(4);
  expect(cellSide(0, { width: 530, height: 560 }, 16, square, 1)).toBe(128);
  expect(cellSide(0, { width: 580, height: 640 }, 16, square, 1)).toBe(142);
  expect(cellSide(0, { width: 100, height: 100 }, 1, square, 1.5)).toBeCloseTo(100);
  for (const image of [square, { width: 96, height: 64 }, { width: 28, height: 28 }])
    for (const ratio of [1, 1.25, 2])
      for (const count of [1, 4, 9, 16, 25, 36])
        for (const width of [330, 417, 500, 733]) {
          const longest = cellSide(0, { width, height: 610 }, count, image, ratio);
          const cell = cellSize(longest, image);
          const rows = Math.ceil(count / columnsFor({ width, height: 610 }, cell, count));
          expect(rows * (cell.height + GAP) - GAP).toBeLessThanOrEqual(610.01);
        }
  const area = { width: 608, height: 560 };
  const side = cellSide(0, area, 16, square, 1);
  expect(side).toBe(128);
  expect(columnsFor(area, { width: side, height: side }, 16)).toBe(4);
  expect(cellSide(0, area, 256, square, 1)).toBeGreaterThanOrEqual(48);
  expect(cellSide(0, area, 256, { width: 28, height: 28 }, 1)).toBe(56);
  expect(columnsIn(131, 64)).toBe(1);
  expect(columnsIn(132, 64)).toBe(2);
});

test('the engine is asked for no more pixels than the picture has, in steps', () => {
  expect(maxSide(128, square, 2)).toBe(64);
  expect(maxSide(150, { width: 1024, height: 1024 }, 1)).toBe(192);
  expect(maxSide(160, { width: 1024, height: 1024 }, 1)).toBe(192);
});

test('the order of selection is kept, and a joining click takes out what is in', () => {
  const two = clicked(clicked([], key(5), false), key(2), true);
  expect(two).toEqual([key(5), key(2)]);
  expect(clicked(two, key(5), true)).toEqual([key(2)]);
  expect(clicked(two, key(9), false)).toEqual([key(9)]);
  expect(toggled(two, key(2))).toEqual([key(5)]);
  expect(added(two, key(5))).toBe(two);
});

test('arrow keys stay inside the grid', () => {
  expect(moved(0, 'ArrowLeft', 16, 4, 2)).toBeNull();
  expect(moved(5, 'ArrowDown', 16, 4, 2)).toBe(9);
  expect(moved(13, 'ArrowDown', 16, 4, 2)).toBeNull();
  expect(moved(13, 'Home', 16, 4, 2)).toBe(0);
  expect(moved(1, 'PageDown', 16, 4, 2)).toBe(9);
  expect(moved(13, 'PageDown', 16, 4, 2)).toBe(15);
  expect(moved(3, 'x', 16, 4, 2)).toBeNull();
});

test('sample i is seed + i, and its class follows from its seed', () => {
  expect(keysOnShow({ ...state, seed: 6, count: 3 }, 7)).toEqual([
    { seed: 6, classIndex: 6 },
    { seed: 7, classIndex: 0 },
    { seed: 8, classIndex: 1 },
  ]);
  expect(keysOnShow({ ...state, count: 1 }, 0)).toEqual([{ seed: 0, classIndex: null }]);
});

test('two make a path, four a grid unless a path is asked for; a loop adds the way back', () => {
  const two = { ...state, selection: [key(1), key(2)] };
  const four = { ...state, selection: [key(1), key(2), key(3), key(4)] };
  expect(walkPlan({ ...state, selection: [key(1)] })).toBeNull();
  expect(walkPlan(two)).toMatchObject({ kind: 'path', steps: 9 });
  expect(walkPlan(four)).toMatchObject({ kind: 'grid', rows: 7, columns: 7 });
  expect(walkPlan({ ...four, shape: 'path' })).toMatchObject({ kind: 'path', steps: 25 });
  expect(pathSteps({ ...two, loop: true })).toBe(16);
});

test('a path of more than 2,000 frames is not walked', () => {
  const selection = Array.from({ length: 256 }, (_, i) => key(i));
  const long = { ...state, selection, steps: 65 };
  expect(pathSteps(long)).toBe(16_321);
  expect(isTooLong(long)).toBe(true);
  expect(walkPlan(long)).toBeNull();
  const grid = { ...long, selection: selection.slice(0, 4) };
  expect(isTooLong(grid)).toBe(false);
});

test('the right end of the truncation slider is off', () => {
  expect(truncationAt('resample', 3)).toEqual({ mode: 'none' });
  expect(truncationAt('resample', 0.7)).toEqual({ mode: 'resample', threshold: 0.7 });
  expect(truncationAt('input', 1)).toEqual({ mode: 'input', value: 1 });
  expect(truncationValue({ mode: 'none' }, 'resample')).toBe(3);
});

test('a kept state comes back; what does not hold is put right', () => {
  const kept = { ...state, seed: 42, selection: [key(3)], count: 25 };
  const wire = JSON.parse(JSON.stringify(writePageState('file:///a', 'samples', kept)));
  expect(readPageState(wire, 'file:///a', state)).toEqual(kept);
  expect(readPageState(wire, 'file:///b', state)).toBeNull();
  expect(readPageState('nonsense', 'file:///a', state)).toBeNull();
  const bent = {
    ...wire,
    samples: { ...wire.samples, seed: -1, count: 17, source: 7, selection: [{ seed: 'x' }, key(3)] },
  };
  expect(readPageState(bent, 'file:///a', state)).toMatchObject({
    seed: 0,
    count: 16,
    source: state.source,
    selection: [key(3)],
  });
});

test('a state is made to fit the model it is restored with', () => {
  const model = demoModel();
  const odd = {
    ...state,
    classChoice: 12,
    cell: 77,
    view: 'interpolation' as const,
    selection: [key(1), { seed: 2, classIndex: null }],
  };
  expect(fitToModel(odd, model)).toMatchObject({
    classChoice: 'all',
    cell: 0,
    view: 'grid',
    selection: [key(1)],
  });
  const truncation = { role: 'truncation' } as const;
  const guess = { role: truncation, reason: '', certainty: 'sure' as const, options: [truncation] };
  const styled = { ...model, inputs: [...model.inputs, { name: 'psi', dtype: 'float32', shape: [], guess }] };
  expect(fitToModel(state, styled)).toMatchObject({
    truncationMode: 'input',
    source: { truncation: { mode: 'input', value: 1 } },
  });
});

test('with a mapping network ψ is what truncation starts with; 1 is off, beyond 1 is not', () => {
  const mapped = mappedModel();
  const fresh = defaultSamples(16, 'numpy', true);
  expect(fitToModel(fresh, mapped).truncationMode).toBe('psi');
  expect(fitToModel(fresh, demoModel()).truncationMode).toBe('resample');
  expect(truncationAt('psi', 1)).toEqual({ mode: 'none' });
  expect(truncationAt('psi', 1.5)).toEqual({ mode: 'psi', psi: 1.5 });
  expect(truncationValue({ mode: 'none' }, 'psi')).toBe(1);
  expect(truncationModes(mapped, 'uniform')).toEqual(['psi']);
  const wire = JSON.parse(JSON.stringify(writePageState('file:///a', 'samples', fresh)));
  wire.samples.source.truncation = { mode: 'psi', psi: 0.5 };
  const kept = readPageState(wire, 'file:///a', fresh);
  expect(kept && fitToModel(kept, mapped).source.truncation).toEqual({ mode: 'psi', psi: 0.5 });
});

test('rows stand as large as lets all be seen, in blocks where the panel is wide', () => {
  const native = { width: 64, height: 64 };
  for (const width of [288, 608, 968])
    for (const columns of [2, 3, 4])
      for (const count of [1, 2, 8, 12]) {
        const { blocks, picture } = rowLayout({ width, height: 600 }, count, columns, native, 1);
        const block = columns * picture.width + (columns - 1) * GAP;
        expect(blocks * block + (blocks - 1) * BLOCK_GAP).toBeLessThanOrEqual(width + 0.01);
        const height = (side: number, across: number) => {
          const rows = Math.ceil(count / across);
          return HEAD + rows * (side + CAPTION) + (rows - 1) * ROW_GAP;
        };
        if (height(picture.height, blocks) <= 600.01) continue;
        // It scrolls: then in no number of blocks would all fit at the pictures' own 64 pixels.
        for (let across = 1; across <= count; across++) {
          const wide = across * (columns * 64 + (columns - 1) * GAP) + (across - 1) * BLOCK_GAP;
          expect(wide <= width && height(64, across) <= 600).toBe(false);
        }
      }
  expect(rowLayout({ width: 968, height: 600 }, 8, 2, native, 1).blocks).toBe(3);
  expect(rowLayout({ width: 288, height: 600 }, 4, 2, native, 1).blocks).toBe(1);
  // Far too many: scrolled, and as wide as the panel.
  const picture = { width: 64, height: 64 };
  expect(rowLayout({ width: 608, height: 100 }, 32, 2, native, 1)).toEqual({ blocks: 4, picture });
  expect(rowLayout({ width: 288, height: 100 }, 32, 4, native, 1)).toEqual({ blocks: 1, picture });
  expect(rowLayout({ width: 480, height: 500 }, 8, 4, native, 1).picture.width).toBe(117);
});

test('pages end where the pictures end, and what is kept is made to fit what is chosen', () => {
  const shown = { way: 'back', first: 8, count: 8, blur: 2 } as const;
  expect(placesOnShow(shown, 12)).toEqual([8, 9, 10, 11]);
  expect(turned(shown, 12, 1)).toBe(8);
  expect(turned(shown, 12, -3)).toBe(0);
  expect(turned(shown, 16, 1)).toBe(8);
  const inputs = { forth: { label: 'a', pictures: 4 }, back: null };
  expect(fitToSetup(shown, { inputs, second: null })).toEqual({ way: 'forth', first: 0, count: 8, blur: 0 });
  const samples = defaultSamples(16, 'numpy');
  const wire = JSON.parse(
    JSON.stringify(writePageState('file:///a', 'samples', samples, { translation: shown })),
  );
  expect(readTranslation(wire, 'file:///a')).toEqual(shown);
  expect(readTranslation(wire, 'file:///b')).toEqual(DEFAULT_TRANSLATION);
  const bent = { ...wire, translation: { way: 'up', first: -1, count: 7, blur: 99 } };
  expect(readTranslation(bent, 'file:///a')).toEqual(DEFAULT_TRANSLATION);
});

test('resolutions that are no neighbours are blocks of their own', () => {
  const layers = translatorModel().layers ?? [];
  const blocks = resolutionBlocks(layers);
  expect(blocks.map(({ resolution, bars }) => [resolution, bars.length])).toEqual([
    ['64²', 1],
    ['32²', 1],
    ['16²', 7],
    ['32²', 1],
    ['64²', 1],
  ]);
  expect(blocks[2]).toMatchObject({ units: 7 * 128 });
  expect(blocks.flatMap(({ bars }) => bars.map(({ index }) => index))).toEqual(layers.map((_, i) => i));
});

test('the roles form answers for every input and output', () => {
  const model = unknownModel();
  const choices = firstChoices(model);
  const roles = answers(model, { ...choices, inputs: { ...choices.inputs, in_1: 2 } });
  expect(roles.inputs).toEqual({
    in_0: { role: 'latent' },
    in_1: { role: 'constant', value: 0 },
    in_2: { role: 'class', encoding: 'index', classes: 10 },
  });
  expect(roles.outputs.out).toMatchObject({ role: 'image', range: [-1, 1] });
});

test('an open path swings, a loop goes round', () => {
  expect([0, 1, 2, 3, 4, 5].map((tick) => frameAt(0, tick, 3, false))).toEqual([0, 1, 2, 1, 0, 1]);
  expect([0, 1, 2, 3].map((tick) => frameAt(1, tick, 3, true))).toEqual([1, 2, 0, 1]);
});

test('time left is coarse', () => {
  expect(timeLeft(48, 256, 1000)).toBeCloseTo(4333, 0);
  expect(timeLeft(0, 256, 1000)).toBeUndefined();
  expect(duration(1200)).toBe('2 s');
  expect(duration(74_000)).toBe('1 min');
});

test('the newest wish wins, with one request in flight', async () => {
  let inFlight = 0;
  let most = 0;
  const finished: number[] = [];
  const pump = new LatestWins<number>(async (wish, signal) => {
    most = Math.max(most, ++inFlight);
    await new Promise((resolve) => setTimeout(resolve, 20));
    inFlight--;
    if (!signal.aborted) finished.push(wish);
  }, 5);
  for (let wish = 0; wish < 50; wish++) {
    pump.submit(wish);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await expect.poll(() => pump.busy).toBe(false);
  expect(most).toBe(1);
  expect(finished.at(-1)).toBe(49);
});
