/** Opens the real page in a real Chromium under the panel's content security policy, with the fake host behind it. */
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import type { FakeHost } from './fakeHost.ts';
import { bodyClass, type ThemeName, themeCss } from './themes.ts';

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = join(HERE, '../../..');
export const SCREENSHOTS = join(HERE, '../screenshots');
const ORIGIN = 'http://genscope.localhost';
const NONCE = 'dGVzdC1ub25jZQ';
const CSP = `default-src 'none'; script-src 'nonce-${NONCE}'; style-src 'nonce-${NONCE}' ${ORIGIN}/main.css; img-src blob: data:`;

interface Bundle {
  readonly page: string;
  readonly css: string;
  readonly host: string;
}

let bundle: Promise<Bundle> | undefined;
let browser: Promise<Browser> | undefined;

export interface Options {
  readonly theme?: ThemeName;
  readonly width?: number;
  readonly height?: number;
  /** Device pixels per CSS pixel; 2 with half the size stands for 200 % zoom. */
  readonly ratio?: number;
  readonly reducedMotion?: boolean;
  readonly forcedColors?: boolean;
  readonly host?: Partial<Omit<FakeHost, 'notify'>>;
}

export interface Inspector {
  readonly page: Page;
  /** Errors of the page and breaches of its policy; a test expects none. */
  readonly complaints: string[];
  id(testId: string): Locator;
  /** Waits until what is asked for is drawn. */
  settled(): Promise<void>;
  host<T>(work: (host: FakeHost) => T): Promise<T>;
  shot(name: string): Promise<void>;
  close(): Promise<void>;
}

export async function openInspector(options: Options = {}): Promise<Inspector> {
  bundle ??= build();
  browser ??= chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  const context = await (await browser).newContext({
    viewport: { width: options.width ?? 900, height: options.height ?? 760 },
    deviceScaleFactor: options.ratio ?? 1,
    reducedMotion: options.reducedMotion ? 'reduce' : 'no-preference',
    forcedColors: options.forcedColors ? 'active' : 'none',
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.stack ?? error.message));
  page.on('console', (message) => {
    // The tests read canvases back, which the page itself never does.
    const ours = message.text().startsWith('Canvas2D: Multiple readback');
    if (!ours && (message.type() === 'error' || message.type() === 'warning'))
      complaints.push(message.text());
  });
  await serve(page, await bundle, options.theme ?? 'dark');
  await page.addInitScript(
    (given) => {
      window.fakeHostOptions = given as Partial<FakeHost>;
    },
    (options.host ?? {}) as Record<string, unknown>,
  );
  await page.goto(`${ORIGIN}/index.html`);
  return wrap(page, complaints);
}

export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
  browser = undefined;
}

function wrap(page: Page, complaints: string[]): Inspector {
  const id = (testId: string) => page.getByTestId(testId);
  return {
    page,
    complaints,
    id,
    settled: () =>
      page
        .waitForFunction(() => {
          const stage = document.querySelector('[data-testid=stage]');
          const canvases = [...(stage?.querySelectorAll('canvas') ?? [])];
          return (
            stage?.getAttribute('aria-busy') === 'false' &&
            canvases.length > 0 &&
            canvases.every((canvas) => canvas.dataset.drawn && !canvas.classList.contains('is-stale'))
          );
        })
        .then(() => {}),
    host: (work) => page.evaluate(`(${work.toString()})(window.fakeHost)`) as Promise<never>,
    shot: async (name) => {
      await mkdir(SCREENSHOTS, { recursive: true });
      await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
    },
    close: () => page.context().close(),
  };
}

/** The RGBA bytes of a canvas. */
export async function pixelsOf(canvas: Locator): Promise<number[]> {
  return canvas.evaluate((element) => {
    const { width, height } = element as HTMLCanvasElement;
    const data = (element as HTMLCanvasElement).getContext('2d')?.getImageData(0, 0, width, height).data;
    return [...(data ?? [])];
  });
}

async function serve(page: Page, files: Bundle, theme: ThemeName): Promise<void> {
  const html = `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Genscope</title>
    <meta http-equiv="Content-Security-Policy" content="${CSP}"><meta name="viewport" content="width=device-width">
    <style nonce="${NONCE}">${themeCss(theme)}</style><link rel="stylesheet" href="${ORIGIN}/main.css"></head>
    <body class="${bodyClass(theme)}" data-model="file:///demo/generator.onnx"><div id="app"></div><script nonce="${NONCE}" src="host.js"></script><script nonce="${NONCE}" src="main.js"></script></body></html>`;
  const types: Record<string, readonly [string, string]> = {
    '/index.html': ['text/html', html],
    '/main.js': ['text/javascript', files.page],
    '/host.js': ['text/javascript', files.host],
    '/main.css': ['text/css', files.css],
  };
  await page.route(`${ORIGIN}/**`, (route) => {
    const [contentType, body] = types[new URL(route.request().url()).pathname] ?? ['text/plain', ''];
    return route.fulfill({ contentType, body });
  });
}

/** The page as `esbuild.mjs` builds it, and the fake host; both in memory. */
async function build(): Promise<Bundle> {
  const shared = {
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: 'chrome120',
    legalComments: 'none',
    logLevel: 'error',
  } as const;
  const page = await esbuild.build({
    ...shared,
    entryPoints: { main: join(ROOT, 'webview/main.tsx') },
    outdir: 'out',
    minify: true,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  const host = await esbuild.build({
    ...shared,
    entryPoints: [join(HERE, 'fakeHost.ts')],
    outfile: 'host.js',
  });
  const text = (ending: string) => page.outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? '';
  return { page: text('.js'), css: text('.css'), host: host.outputFiles[0]?.text ?? '' };
}
