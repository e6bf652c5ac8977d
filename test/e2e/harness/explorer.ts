/** The Explorer: its rows, and their context menu. */
import type { Locator, Page } from 'playwright-core';

const RETRY_MS = 20_000;
/** VS Code ignores clicks on a menu that has been open for less than 100 ms, to survive a double right-click. */
const MENU_SETTLE_MS = 300;

export class Explorer {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** The row of a file or folder, by its name. */
  row(name: string): Locator {
    return this.#page
      .locator('.explorer-folders-view .monaco-list-row')
      .filter({ has: this.#page.locator('.label-name').getByText(name, { exact: true }) })
      .first();
  }

  /** Makes a nested file's row visible by opening its folders; answers the row. */
  async reveal(path: string): Promise<Locator> {
    // A tooltip of the row that the pointer rests on lies over the rows below it, and takes their clicks.
    await this.#page.mouse.move(0, 0);
    const names = path.split('/');
    for (const folder of names.slice(0, -1)) {
      const row = this.row(folder);
      await row.waitFor();
      if ((await row.getAttribute('aria-expanded')) === 'false') await row.locator('.label-name').click();
    }
    const row = this.row(names.at(-1) ?? path);
    await row.waitFor();
    return row;
  }

  /** The labels of a row's context menu, separators left out. */
  async contextMenuItems(path: string): Promise<string[]> {
    await this.#openMenu(path);
    const labels = await this.#page
      .locator('.monaco-menu .action-item:not(.disabled) .action-label[aria-label]')
      .evaluateAll((items) => items.map((item) => item.getAttribute('aria-label') ?? '').filter(Boolean));
    await this.closeMenu();
    return labels;
  }

  /**
   * Chooses an item of a row's context menu; several names walk down submenus. A menu that was opened before the
   * extension registered its contributions never learns of them: it is closed and opened anew until the item is there.
   */
  async contextMenu(path: string, ...items: [string, ...string[]]): Promise<void> {
    const deadline = performance.now() + RETRY_MS;
    for (;;) {
      await this.#openMenu(path);
      if (await this.#choose(items)) return;
      const seen = (await this.#page.locator('.monaco-menu .action-label').allInnerTexts()).filter(Boolean);
      await this.closeMenu();
      if (performance.now() > deadline) {
        throw new Error(
          `The context menu of ${path} has no '${items.join(' › ')}'. It has: ${seen.join(', ')}.`,
        );
      }
      await this.#page.waitForTimeout(250);
    }
  }

  async closeMenu(): Promise<void> {
    const menu = this.#page.locator('.monaco-menu').first();
    for (let tries = 0; tries < 5 && (await menu.isVisible()); tries += 1) {
      await this.#page.keyboard.press('Escape');
      await menu.waitFor({ state: 'hidden', timeout: 1_000 }).catch(() => undefined);
    }
  }

  async #openMenu(path: string): Promise<void> {
    const row = await this.reveal(path);
    const menu = this.#page.locator('.monaco-menu').first();
    for (let tries = 1; ; tries += 1) {
      await this.closeMenu();
      try {
        await row.click({ button: 'right', timeout: 3_000 });
        await menu.waitFor({ state: 'visible', timeout: 2_000 });
        return;
      } catch (error) {
        if (tries === 5) throw error;
        await this.#page.mouse.move(0, 0);
      }
    }
  }

  /** Whether every item was there and the menu went away upon the last click. */
  async #choose(items: readonly string[]): Promise<boolean> {
    const menu = this.#page.locator('.monaco-menu').first();
    for (const [index, label] of items.entries()) {
      const item = this.#page
        .locator('.monaco-menu .action-item')
        .filter({
          has: this.#page.locator(`:scope > * > .action-label[aria-label=${JSON.stringify(label)}]`),
        })
        .last();
      try {
        await item.waitFor({ state: 'visible', timeout: index === 0 ? 300 : 1_500 });
        await item.hover({ timeout: 1_500 });
        await this.#page.waitForTimeout(MENU_SETTLE_MS);
        if (index === items.length - 1) {
          await item.click({ timeout: 1_500 });
          await menu.waitFor({ state: 'hidden', timeout: 1_500 });
        }
      } catch {
        return false; // not there, or the click was ignored and the menu stayed: the caller starts again
      }
    }
    return true;
  }
}
