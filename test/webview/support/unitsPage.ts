/** The Units tab as tests use it: opened, asked, and driven by keys. One page at a time. */

import type { PageMethod } from '../../../src/shared/pageProtocol.ts';
import { DISSECT_DEFAULTS } from '../../../src/shared/units/dissection.ts';
import { dissectionOf } from './fakeUnits.ts';
import { type Inspector, type Options, openInspector } from './inspector.ts';
import { demoModel } from './models.ts';
import { unitsSettled } from './units.ts';

export let inspector: Inspector;
export const model = demoModel();
export const LAYERS = (model.layers ?? []).map(({ tensor }) => tensor);
export const dissection = dissectionOf(model, { ...DISSECT_DEFAULTS, layers: LAYERS.slice(1, 4) });
export const DISSECTED = { dissection, job: null, resumable: null };
/** The layer with most to say, which is the one that the tab begins with. */
const best = [...dissection.layers].sort((a, b) => b.interpretable - a.interpretable)[0];
if (best === undefined) throw new Error('The dissection has layers.');
export const first = best;

export async function open(options: Options = {}, settled = true): Promise<void> {
  inspector = await openInspector({ width: 980, height: 860, ...options });
  await inspector.settled();
  await inspector.page.getByRole('tab', { name: 'Units' }).click();
  if (settled) await unitsSettled(inspector);
}
export const requests = <T = Record<string, unknown>>(method: PageMethod) => inspector.requests<T>(method);
/** Units in the document, from the top. */
export const unitsInSight = () =>
  inspector.page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('.unit-row')]
      .sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
      .map((row) => Number(row.dataset.unit)),
  );
export const focusedRow = () =>
  inspector.page.evaluate(() => Number((document.activeElement as HTMLElement)?.dataset.unit));
export const press = (key: string) => inspector.page.keyboard.press(key);
export const text = (id: string) => inspector.id(id).textContent();
