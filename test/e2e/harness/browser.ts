/** The browser that VS Code's window runs in. */
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { ensureChromium } from '../../../scripts/ensure.mjs';
import { removeFolder, temporaryFolder } from './workspace.ts';

export interface Browser {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Warnings and errors of the window's and the webviews' consoles, and uncaught exceptions, oldest first. */
  readonly problems: readonly string[];
  close(): Promise<void>;
}

export interface BrowserOptions {
  readonly width?: number;
  readonly height?: number;
  /** Device pixels per CSS pixel. */
  readonly scale?: number;
  readonly reducedMotion?: boolean;
}

/** Opens a window on an empty profile, allowed to use the clipboard. */
export async function openBrowser({
  width = 1400,
  height = 900,
  scale = 1,
  reducedMotion = false,
}: BrowserOptions = {}): Promise<Browser> {
  const profile = await temporaryFolder('gs-chrome-');
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: await ensureChromium(),
    headless: true,
    viewport: { width, height },
    deviceScaleFactor: scale,
    reducedMotion: reducedMotion ? 'reduce' : 'no-preference',
    permissions: ['clipboard-read', 'clipboard-write'],
    acceptDownloads: true,
    args: [
      '--headless',
      '--no-sandbox', // tests run as root in CI, where Chromium's sandbox refuses to start
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  const page = context.pages()[0] ?? (await context.newPage());
  const problems: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      problems.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => problems.push(`uncaught: ${error.message}`));
  return {
    context,
    page,
    problems,
    close: async () => {
      await context.close();
      await removeFolder(profile);
    },
  };
}
