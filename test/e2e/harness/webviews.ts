/** Webviews: which of the window's frames is the one a person looks at. */
import type { FrameLocator, Locator, Page } from 'playwright-core';

/** A tab's title (exact or by pattern), or a number: the visible webviews counted from left to right, then downwards. */
export type WebviewChoice = string | RegExp | number;

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The first tab with this title. By its accessible name: what is drawn may lack the file's extension, or be cut. */
export function tab(page: Page, title: string | RegExp): Locator {
  // VS Code adds to the name: ', preview', ', Editor Group 2'.
  const name = typeof title === 'string' ? new RegExp(`^${escapeRegExp(title)}(, .*)?$`) : title;
  return page.locator('.editor-group-container').getByRole('tab', { name }).first();
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/**
 * The document inside the chosen webview. VS Code keeps webviews of hidden tabs as invisible frames, and lays frames
 * over the editor instead of into it, so the frame is found by where it lies: inside the editor group of the tab.
 * A webview's frame is replaced when the window reloads or its tab is hidden and shown: ask again then.
 */
export async function findWebview(page: Page, choice: WebviewChoice, timeout: number): Promise<FrameLocator> {
  const deadline = performance.now() + timeout;
  for (;;) {
    const name = await frameName(page, choice);
    if (name) {
      const frame = page
        .frameLocator(`iframe.webview.ready[name="${name}"]`)
        .frameLocator('iframe#active-frame');
      try {
        await frame.locator('body').waitFor({ state: 'attached', timeout: 2_000 });
        return frame;
      } catch {
        // Its content is still on the way, or it was replaced meanwhile: look again.
      }
    }
    if (performance.now() > deadline)
      throw new Error(`No webview '${choice}' showed up. ${await inventory(page)}`);
    await page.waitForTimeout(100);
  }
}

async function frameName(page: Page, choice: WebviewChoice): Promise<string | undefined> {
  const frames = await visibleFrames(page);
  if (typeof choice === 'number') return frames[choice]?.name;

  const wanted = tab(page, choice);
  if (!(await wanted.isVisible())) return undefined;
  if ((await wanted.getAttribute('aria-selected')) !== 'true') await wanted.click();
  const group = await wanted
    .locator('xpath=ancestor::*[contains(@class, "editor-group-container")]')
    .boundingBox();
  return group ? frames.find((frame) => contains(group, frame.box))?.name : undefined;
}

async function visibleFrames(page: Page): Promise<{ name: string; box: Box }[]> {
  const frames = await page.locator('iframe.webview.ready').evaluateAll((elements) =>
    elements
      .filter((element) => getComputedStyle(element).visibility === 'visible')
      .map((element) => {
        const { x, y, width, height } = element.getBoundingClientRect();
        return { name: element.getAttribute('name') ?? '', box: { x, y, width, height } };
      }),
  );
  return frames
    .filter(({ box }) => box.width > 0 && box.height > 0)
    .sort((a, b) => a.box.x - b.box.x || a.box.y - b.box.y);
}

function contains(group: Box, { x, y, width, height }: Box): boolean {
  const [cx, cy] = [x + width / 2, y + height / 2];
  return cx >= group.x && cx <= group.x + group.width && cy >= group.y && cy <= group.y + group.height;
}

/** For the message of a failure: what there is instead. */
async function inventory(page: Page): Promise<string> {
  const titles = await page
    .locator('.editor-group-container [role=tab]')
    .evaluateAll((tabs) => tabs.map((element) => element.getAttribute('aria-label')));
  const frames = await page.locator('iframe.webview').count();
  return `Tabs: ${titles.join(', ') || 'none'}; webview frames: ${frames}, visible: ${(await visibleFrames(page)).length}.`;
}
