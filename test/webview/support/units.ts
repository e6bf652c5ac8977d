import type { Inspector } from './inspector.ts';

/** Waits until the rows in sight and the overlays of the samples are drawn. */
export async function unitsSettled({ page }: Inspector): Promise<void> {
  await page.waitForFunction(() => {
    const body = document.querySelector('[data-testid=units]');
    const overlay = document.querySelector<HTMLInputElement>('[data-testid=overlay] input:checked')?.value;
    const strips = [...document.querySelectorAll<HTMLElement>('.thumb-strip')];
    const tiles = [...document.querySelectorAll<HTMLElement>('.tile')];
    return (
      body?.getAttribute('aria-busy') === 'false' &&
      document.querySelectorAll('.unit-row').length > 0 &&
      strips.every(({ dataset }) => dataset.drawn !== undefined && dataset.drawn !== '') &&
      tiles.length > 0 &&
      tiles.every(
        (tile) =>
          tile.querySelector<HTMLElement>('.picture')?.dataset.drawn &&
          (overlay === 'none' ||
            tile.querySelector<HTMLElement>('.tile-overlay')?.dataset.overlay === overlay),
      )
    );
  });
}
