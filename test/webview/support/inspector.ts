/** Opens the real page in a real Chromium under the panel's content security policy, with the fake host behind it. */
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { expect } from 'vitest';
import type { PageMethod } from '../../../src/shared/pageProtocol.ts';
import type { FakeHost } from './fakeHost.ts';
import { HOST, HOST_OPTIONS, type HostRecord, LONGEST_DELAY, RECORD } from './record.ts';
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

/** Up to how many milliseconds each message takes on its way, either way: `GENSCOPE_TEST_DELAY=50`. */
const DELAY = Number(process.env.GENSCOPE_TEST_DELAY ?? 0);
/** A sign that does not come in this time does not come, on a busy machine either. */
const PATIENCE = 15_000;
/** Longer than the page itself waits before it asks: `REST` of its session, of its keeper, the patience of `LatestWins`. */
const QUIET = 400;

/**
 * A value that changes while messages are under way. It cannot be read but by a call that waits: a page shows what it does
 * (progress, the place of a cursor) at once, and its message comes later.
 */
export interface Reading<T> {
  /** Polls what is taken from it until it holds: `await reading.eventually().toBe(2)`. */
  eventually(): Polled;
  eventually<U>(of: (value: T) => U): Polled;
  /** The value once nothing is under way any more: for "and no other". */
  once(): Promise<T>;
  map<U>(of: (value: T) => U): Reading<U>;
}

export type Polled = ReturnType<typeof expect.poll>;

/** The parameters of the requests of one method, in the order in which they came. */
export interface Requests<T> extends Reading<readonly T[]> {
  /** All of them, as soon as there are `n`. */
  atLeast(n: number): Promise<readonly T[]>;
  /** The newest, as soon as there is one. */
  last(): Promise<T>;
}

export interface Inspector {
  readonly page: Page;
  /** Errors of the page and breaches of its policy; a test expects none. */
  readonly complaints: string[];
  id(testId: string): Locator;
  /** Chooses one of a few by its label, once that lies still: while messages come, what is above it grows. */
  segment(testId: string, value: string): Promise<void>;
  /** Waits until what is asked for is drawn. */
  settled(): Promise<void>;
  /**
   * Waits until nothing is under way: no message either way, no request without its answer, and this for longer than the
   * page waits by itself. What has not happened by then does not happen.
   */
  quiet(): Promise<void>;
  /** Reads once it is quiet: for what must not happen, or must still be so. */
  once<T>(read: () => Promise<T>): Promise<T>;
  /** What the page asked. */
  requests<T = Record<string, unknown>>(method: PageMethod): Requests<T>;
  /** What the page asked since, of any kind. */
  count(of: 'inFlight' | 'mostInFlight' | 'cancelled' | 'requests'): Reading<number>;
  /** How many elements matched at most at any moment from now on, in the document that is open: for "never". */
  most(selector: string): Promise<Reading<number>>;
  /** Begins the record anew. */
  forget(): Promise<void>;
  /** Sets the host, or has it speak. It gives nothing back: what the host was asked, `requests` tells. */
  host(work: (host: FakeHost) => unknown): Promise<void>;
  host<A>(work: (host: FakeHost, argument: A) => unknown, argument: A): Promise<void>;
  /** Options of the host of pages to come, after a reload. */
  nextHost(options: Partial<Omit<FakeHost, 'notify'>>): Promise<void>;
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
  await atStart(page, { [HOST_OPTIONS]: options.host ?? {}, [LONGEST_DELAY]: DELAY });
  await page.goto(`${ORIGIN}/index.html`);
  return wrap(page, complaints, options.host ?? {});
}

async function atStart(page: Page, values: Record<string, unknown>): Promise<void> {
  await page.addInitScript((given) => Object.assign(window, given), values);
}

/**
 * Polls until it holds. A page test asserts by this, or by `once` that something does not happen; a single read right
 * after a sign that the page gives by itself comes too early on a slow machine, and lint forbids it.
 */
export function eventually<T>(read: () => T | Promise<T>): Polled {
  return expect.poll(read, { timeout: PATIENCE });
}

export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
  browser = undefined;
}

function wrap(page: Page, complaints: string[], given: Options['host']): Inspector {
  const id = (testId: string) => page.getByTestId(testId);
  const quiet = () =>
    page.evaluate(
      async ([key, rest, patience]) => {
        const record = Reflect.get(window, key) as HostRecord;
        const called = performance.now();
        let since = called;
        for (let frames = 0; performance.now() - since < rest || frames < 10; frames++) {
          await new Promise(requestAnimationFrame);
          const now = performance.now();
          const { toHost, toPage } = record.underWay;
          if (toHost + toPage + record.open === 0 && record.lastEvent <= since) continue;
          if (now - called > patience) throw new Error(`Not quiet: ${JSON.stringify(record.underWay)}`);
          [since, frames] = [now, 0];
        }
      },
      [RECORD, QUIET, 2 * PATIENCE] as const,
    );
  const reading = <T>(read: () => Promise<T>): Reading<T> => ({
    eventually: <U>(of?: (value: T) => U) =>
      eventually(async () => (of === undefined ? read() : of(await read()))),
    once: () => quiet().then(read),
    map: (of) => reading(async () => of(await read())),
  });
  const asked = <T>(method: PageMethod): Promise<readonly T[]> =>
    page.evaluate(
      ([key, wanted]) =>
        (Reflect.get(window, key) as HostRecord).log
          .filter((entry) => entry.method === wanted)
          .map(({ params }) => params as never),
      [RECORD, method] as const,
    );
  return {
    page,
    complaints,
    id,
    segment: async (testId, value) => {
      const input = id(testId).locator(`input[value=${value}]`);
      await id(testId)
        .locator('label', { has: page.locator(`input[value=${value}]`) })
        .click();
      await eventually(() => input.isChecked()).toBe(true);
    },
    settled: () =>
      page
        .waitForFunction((key) => {
          const { underWay } = Reflect.get(window, key) as HostRecord;
          if (underWay.toHost + underWay.toPage > 0) return false;
          const stage = document.querySelector('[data-testid=stage]');
          const canvases = [...(stage?.querySelectorAll('canvas') ?? [])];
          return (
            stage?.getAttribute('aria-busy') === 'false' &&
            canvases.length > 0 &&
            canvases.every((canvas) => canvas.dataset.drawn && !canvas.classList.contains('is-stale'))
          );
        }, RECORD)
        .then(() => {}),
    quiet,
    once: (read) => quiet().then(read),
    requests: <T>(method: PageMethod): Requests<T> => {
      const atLeast = async (n: number) => {
        await page.waitForFunction(
          ([key, wanted, least]) =>
            (Reflect.get(window, key) as HostRecord).log.filter((entry) => entry.method === wanted).length >=
            least,
          [RECORD, method, n] as const,
          { timeout: PATIENCE },
        );
        return asked<T>(method);
      };
      return {
        ...reading(() => asked<T>(method)),
        atLeast,
        last: async () => (await atLeast(1)).at(-1) as T,
      };
    },
    count: (of) =>
      reading(() =>
        page.evaluate(
          ([key, name]) => {
            const record = Reflect.get(window, key) as HostRecord;
            return name === 'requests' ? record.log.length : record[name];
          },
          [RECORD, of] as const,
        ),
      ),
    most: async (selector) => {
      const watch = await page.evaluateHandle((wanted) => {
        const seen = { most: 0 };
        const look = () => {
          seen.most = Math.max(seen.most, document.querySelectorAll(wanted).length);
        };
        new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true });
        look();
        return seen;
      }, selector);
      return reading(() => watch.evaluate(({ most }) => most));
    },
    forget: () =>
      page.evaluate((key) => {
        const record = Reflect.get(window, key) as HostRecord;
        record.log.length = 0;
        Object.assign(record, { mostInFlight: record.inFlight, cancelled: 0 });
      }, RECORD),
    host: async (work: (host: FakeHost, argument: never) => unknown, argument?: unknown) => {
      const host = await page.evaluateHandle((key) => Reflect.get(window, key) as FakeHost, HOST);
      await host.evaluate(work, argument as never);
      await host.dispose();
    },
    nextHost: (options) => atStart(page, { [HOST_OPTIONS]: { ...given, ...options } }),
    shot: async (name) => {
      await mkdir(SCREENSHOTS, { recursive: true });
      await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
    },
    close: () => page.context().close(),
  };
}

/** What a canvas shows. */
export interface Pixels {
  /** Polls until it shows these RGBA bytes. */
  toEqual(bytes: ArrayLike<number>): Promise<void>;
  /** Polls until it shows what another does. */
  toEqualThoseOf(other: Locator): Promise<void>;
  /** Polls until it shows anything else than these. */
  notToEqual(bytes: ArrayLike<number>): Promise<void>;
  /** Its RGBA bytes when nothing is under way any more. */
  once(inspector: Inspector): Promise<number[]>;
}

export function pixelsOf(canvas: Locator): Pixels {
  return {
    toEqual: (bytes) => eventually(() => bytesOf(canvas)).toEqual(Array.from(bytes)),
    toEqualThoseOf: (other) =>
      eventually(async () => {
        const [these, those] = [await bytesOf(canvas), await bytesOf(other)];
        return (
          these.length > 0 && these.length === those.length && these.every((byte, i) => byte === those[i])
        );
      }).toBe(true),
    notToEqual: (bytes) => eventually(() => bytesOf(canvas)).not.toEqual(Array.from(bytes)),
    once: (inspector) => inspector.once(() => bytesOf(canvas)),
  };
}

function bytesOf(canvas: Locator): Promise<number[]> {
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
