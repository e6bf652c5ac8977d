/** The VS Code window, as a person uses it. */
import { readFile, writeFile } from 'node:fs/promises';
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { Explorer } from './explorer.ts';
import { QuickInput } from './quickInput.ts';
import type { CodeServer } from './server.ts';
import { type ThemeName, themeClass, themeLabel } from './themes.ts';
import { findWebview, tab, type WebviewChoice } from './webviews.ts';

/** The first load of a window takes 5 s on two idle cores; four times that on busy ones is no failure. */
const LOAD_LIMIT_MS = 60_000;

export interface Notification {
  readonly text: string;
  readonly severity: 'error' | 'warning' | 'info';
  readonly buttons: readonly string[];
}

export class Workbench {
  readonly explorer: Explorer;
  readonly quickInput: QuickInput;

  constructor(
    readonly page: Page,
    readonly server: CodeServer,
  ) {
    this.explorer = new Explorer(page);
    this.quickInput = new QuickInput(page);
  }

  /** Opens a folder in this window and waits until the Explorer lists it. */
  async openFolder(folder: string): Promise<void> {
    await this.page.goto(this.server.url(folder));
    await this.waitUntilLoaded();
  }

  async waitUntilLoaded(): Promise<void> {
    await this.page.locator('.monaco-workbench').waitFor({ timeout: LOAD_LIMIT_MS });
    await this.page
      .locator('.explorer-folders-view .monaco-list-row')
      .first()
      .waitFor({ timeout: LOAD_LIMIT_MS });
  }

  explorerRow(name: string): Locator {
    return this.explorer.row(name);
  }

  contextMenu(path: string, ...items: [string, ...string[]]): Promise<void> {
    return this.explorer.contextMenu(path, ...items);
  }

  contextMenuItems(path: string): Promise<string[]> {
    return this.explorer.contextMenuItems(path);
  }

  runCommand(title: string): Promise<void> {
    return this.quickInput.runCommand(title);
  }

  paletteCommands(filter: string): Promise<string[]> {
    return this.quickInput.commands(filter);
  }

  /** Opens a file of the workspace to stay (not as a preview tab). */
  async openFile(path: string): Promise<void> {
    const row = await this.explorer.reveal(path);
    await row.dblclick();
    const opened = this.tab(path.split('/').at(-1) ?? path);
    await opened.waitFor();
    // The second click of the pair can come late on a busy machine; a preview tab would be replaced by the next file.
    if (await opened.locator('.italic').count()) await opened.dblclick();
  }

  tab(title: string | RegExp): Locator {
    return tab(this.page, title);
  }

  async closeTab(title: string | RegExp): Promise<void> {
    const found = this.tab(title);
    await found.click({ button: 'middle' }); // the cross has no size until the pointer is over the tab
    await found.waitFor({ state: 'detached' });
  }

  /** The document of a visible webview; the leftmost one unless a tab's title or a number says otherwise. */
  webview(choice: WebviewChoice = 0, { timeout = 30_000 } = {}): Promise<FrameLocator> {
    return findWebview(this.page, choice, timeout);
  }

  /** Reloads with VS Code's own command, which lets extensions and webviews say goodbye. */
  async reloadWindow(): Promise<void> {
    const loaded = this.page.waitForEvent('load', { timeout: LOAD_LIMIT_MS });
    await this.runCommand('Developer: Reload Window');
    await loaded;
    await this.waitUntilLoaded();
  }

  /**
   * Changes user settings and reloads the window: code-server's windows read the file when they load and do not watch
   * it. `undefined` takes a setting out. (A workspace's .vscode/settings.json is watched, and needs no reload.)
   */
  async changeSettings(changes: Readonly<Record<string, unknown>>): Promise<void> {
    const settings = JSON.parse(await readFile(this.server.settingsFile, 'utf8'));
    await writeFile(this.server.settingsFile, JSON.stringify({ ...settings, ...changes }, null, 2));
    await this.reloadWindow();
  }

  /** Changes the theme in the open window, through VS Code's own picker. */
  async setTheme(theme: ThemeName): Promise<void> {
    const inForce = this.page.locator(`.monaco-workbench.${themeClass(theme)}`);
    if (await inForce.isVisible()) return;
    await this.runCommand('Preferences: Color Theme');
    const label = themeLabel(theme);
    await this.quickInput.input.waitFor({ state: 'visible' });
    // The picker previews the row that has the focus, so it is chosen only once the list has come to rest.
    await this.quickInput.list(label);
    await this.quickInput.pick(label);
    await inForce.waitFor({ timeout: 20_000 });
  }

  /** The notifications on show, newest first. */
  notifications(): Promise<Notification[]> {
    return this.page.locator('.notifications-toasts .notification-list-item').evaluateAll((items) =>
      items.map((item) => {
        const icon = item.querySelector('.notification-list-item-icon')?.className ?? '';
        return {
          text: item.querySelector('.notification-list-item-message')?.textContent ?? '',
          severity: icon.includes('codicon-error')
            ? 'error'
            : icon.includes('codicon-warning')
              ? 'warning'
              : 'info',
          buttons: [...item.querySelectorAll('.monaco-button')].map((button) => button.textContent ?? ''),
        };
      }),
    );
  }

  /** Waits for a notification with this text. */
  async waitForNotification(text: string | RegExp): Promise<void> {
    await this.#notification(text).waitFor({ timeout: 20_000 });
  }

  /** Presses a button of the notification with this text. */
  async answerNotification(text: string | RegExp, button: string): Promise<void> {
    await this.#notification(text).locator('.monaco-button').getByText(button, { exact: true }).click();
  }

  #notification(text: string | RegExp): Locator {
    return this.page
      .locator('.notifications-toasts .notification-list-item')
      .filter({ hasText: text })
      .first();
  }

  async readClipboard(): Promise<string> {
    await this.page.bringToFront();
    return this.page.evaluate(() => {
      window.focus(); // from a webview's frame: only a focused document may read
      return navigator.clipboard.readText();
    });
  }

  /** Empties the clipboard, acts, and waits until something was copied: extensions copy a moment after the click. */
  async copiedBy(action: () => Promise<void>): Promise<string> {
    await this.readClipboard(); // takes the focus, without which nothing may be written
    await this.page.evaluate(() => navigator.clipboard.writeText(''));
    await action();
    const deadline = performance.now() + 10_000;
    for (;;) {
      const text = await this.readClipboard();
      if (text !== '') return text;
      if (performance.now() > deadline) throw new Error('Nothing was copied.');
      await this.page.waitForTimeout(100);
    }
  }

  /** The lines on show in the Output view, e.g. after 'Show Log'. */
  async outputText(): Promise<string> {
    const lines = this.page.locator('.part.panel .view-lines .view-line');
    await lines.first().waitFor();
    // Monaco recycles its line elements: their order on the screen is that of `top`, not that of the document.
    const texts = await lines.evaluateAll((elements) =>
      elements
        .map((element) => ({ top: element.getBoundingClientRect().top, text: element.textContent ?? '' }))
        .sort((a, b) => a.top - b.top)
        .map(({ text }) => text),
    );
    return texts.join('\n').replaceAll('\u00a0', ' ');
  }
}
