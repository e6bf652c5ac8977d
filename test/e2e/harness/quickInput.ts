/** VS Code's quick input: the command palette, quick picks, input boxes and the file dialog are all this one widget. */
import type { Locator, Page } from 'playwright-core';

const RETRY_MS = 15_000;

export class QuickInput {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  get input(): Locator {
    return this.#page.locator('.quick-input-widget .quick-input-box input');
  }

  get #rows(): Locator {
    return this.#page.locator('.quick-input-widget .quick-input-list .monaco-list-row');
  }

  /** The row with exactly this label. */
  row(label: string): Locator {
    return this.#rows
      .filter({ has: this.#page.locator('.label-name').getByText(label, { exact: true }) })
      .first();
  }

  /**
   * Opens the palette with F1. The key goes astray while a window or a webview is still loading, so it is pressed again
   * until the widget is there.
   */
  async openPalette(): Promise<void> {
    const deadline = performance.now() + RETRY_MS;
    for (;;) {
      await this.#page.keyboard.press('F1');
      try {
        await this.input.waitFor({ state: 'visible', timeout: 1_500 });
        if ((await this.input.inputValue()).startsWith('>')) return;
        await this.close(); // some other quick input was open
      } catch (error) {
        if (performance.now() > deadline) throw error;
      }
    }
  }

  /** Types `query`; answers the labels of the rows once they have stopped changing. */
  async list(query: string): Promise<string[]> {
    await this.input.fill(query, { timeout: 3_000 });
    const read = () =>
      this.#rows.evaluateAll((rows) =>
        rows.map((row) => row.querySelector('.label-name')?.textContent ?? ''),
      );
    let labels = await read();
    for (let stable = 0; stable < 3; ) {
      await this.#page.waitForTimeout(100);
      const now = await read();
      stable = now.join('\n') === labels.join('\n') ? stable + 1 : 0;
      labels = now;
    }
    return labels;
  }

  /** Chooses a row of the quick pick that is open, or about to open. */
  async pick(label: string): Promise<void> {
    await this.row(label).click({ timeout: RETRY_MS });
  }

  /** Fills the input box or file dialog that is open, or about to open, and confirms. */
  async answer(text: string): Promise<void> {
    await this.#type(text);
    await this.#page.keyboard.press('Enter');
  }

  /** Chooses this folder in the folder dialog that is open, or about to open: Enter would only go into it. */
  async answerFolder(path: string): Promise<void> {
    await this.#type(`${path}/`);
    const buttons = this.#page.locator('.quick-input-widget .quick-input-action .monaco-button');
    await buttons.filter({ hasText: /\S/ }).click();
  }

  async #type(text: string): Promise<void> {
    await this.input.waitFor({ state: 'visible', timeout: RETRY_MS });
    // The file dialog fills in its own proposal a while after it opens, and would mix it with what is typed before that.
    await this.#stableValue();
    const deadline = performance.now() + RETRY_MS;
    do {
      await this.input.fill(text);
      // It also completes folder names, and reads the folder that was typed before it takes Enter for a yes.
      if ((await this.#stableValue()) === text) break;
    } while (performance.now() < deadline);
  }

  async #stableValue(): Promise<string> {
    let value = await this.input.inputValue();
    for (let stable = 0; stable < 5; ) {
      await this.#page.waitForTimeout(120);
      const now = await this.input.inputValue();
      stable = now === value ? stable + 1 : 0;
      value = now;
    }
    return value;
  }

  async close(): Promise<void> {
    await this.#page.keyboard.press('Escape');
    await this.input.waitFor({ state: 'hidden', timeout: 5_000 });
  }

  /** Runs a command by the title that the palette shows, e.g. 'Developer: Reload Window'. */
  async runCommand(title: string): Promise<void> {
    const deadline = performance.now() + 2 * RETRY_MS;
    for (;;) {
      await this.openPalette();
      try {
        // Commands of an extension join the list only once it is registered, and an open list does not always learn of it.
        if ((await this.list(`>${title}`)).includes(title)) {
          await this.row(title).click({ timeout: 3_000 });
          return;
        }
        await this.close();
      } catch (error) {
        // A webview or dialog that takes the focus just now closes the palette under our hands.
        if (await this.input.isVisible()) throw error;
      }
      if (performance.now() > deadline)
        throw new Error(`The palette has no command '${title}', or did not stay open.`);
    }
  }

  /** The titles that the palette lists for a filter (those that are drawn: about twenty). */
  async commands(filter: string): Promise<string[]> {
    await this.openPalette();
    const titles = await this.list(`>${filter}`);
    await this.close();
    return titles;
  }
}
