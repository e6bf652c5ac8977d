/** The packaged extension, installed into a real VS Code, shows up where a person looks for it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEMO_GENERATOR } from './harness/paths.ts';
import { openSession, recordFailures, type Session } from './harness/session.ts';
import { packageVsix } from './harness/vsix.ts';

/** Packaging, installing and the window's first load, on cold caches. */
const SETUP_LIMIT_MS = 300_000;

describe('the installed extension', () => {
  let session: Session;

  beforeAll(async () => {
    session = await openSession('install', {
      vsix: await packageVsix(),
      files: { 'generator.onnx': { copy: DEMO_GENERATOR }, 'train.py': 'import torch\n' },
    });
  }, SETUP_LIMIT_MS);
  afterAll(() => session?.close());
  recordFailures(() => session);

  it('offers Preview Samples on an .onnx file and on no other', async () => {
    const { workbench, screenshots } = session;
    // The extension registers its menus a while after the window has loaded.
    await expect
      .poll(() => workbench.contextMenuItems('generator.onnx'), { timeout: 30_000, interval: 500 })
      .toContain('Preview Samples');
    await screenshots.take('installed');
    // From here on the menus are there, so that an absence means something.
    expect(await workbench.contextMenuItems('train.py')).not.toContain('Preview Samples');
  });

  it.each([
    'Genscope: Preview Samples',
    'Genscope: Open Demo Generator',
    'Genscope: Set Up Extractor…',
    'Genscope: Show Log',
    'Genscope: Restart Engine',
  ])('lists %s in the palette', async (title) => {
    expect(await session.workbench.paletteCommands('Genscope:')).toContain(title);
  });
});
