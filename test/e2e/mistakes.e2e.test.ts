/** What a person meets who opens the wrong thing: one sentence in the panel, a way on, and nothing else broken. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEMO_GENERATOR, ROOT } from './harness/paths.ts';
import { openSession, recordFailures, type Session } from './harness/session.ts';
import { packageVsix } from './harness/vsix.ts';
import { byTestId, drawn, settled } from './support.ts';

const SETUP_LIMIT_MS = 300_000;
const model = (name: string) => ({ copy: join(ROOT, 'test', 'fixtures', 'models', name) });
const CHECKPOINT = Uint8Array.from([
  0x50,
  0x4b,
  3,
  4,
  ...new TextEncoder().encode('archive/data.pkl'),
  ...new Array<number>(64).fill(0),
]);

describe('opening what is no generator, or not obviously one', () => {
  let session: Session;

  beforeAll(async () => {
    session = await openSession('mistakes', {
      vsix: await packageVsix(),
      files: {
        'generator.onnx': { copy: DEMO_GENERATOR },
        'embedded.onnx': model('embedded.onnx'),
        'stuck.onnx': model('embedded.onnx'),
        // A folder where the sidecar would go: it cannot be written, whoever runs this.
        'stuck.genscope.json/keep.txt': '',
        'classifier.onnx': model('classifier.onnx'),
        'checkpoint.onnx': CHECKPOINT,
        'pointer.onnx': 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n',
        'nan.onnx': model('nan.onnx'),
        'external-missing.onnx': model('external-missing.onnx'),
      },
    });
  }, SETUP_LIMIT_MS);
  afterAll(() => session?.close());
  recordFailures(() => session);

  it.each([
    ['classifier.onnx', 'model.notGenerator', 'image classifier'],
    ['checkpoint.onnx', 'model.checkpoint', 'checkpoint'],
    ['pointer.onnx', 'model.lfsPointer', 'Git LFS'],
    ['external-missing.onnx', 'model.externalDataMissing', 'external-missing.onnx.data'],
    ['nan.onnx', 'model.nonFinite', 'not finite'],
  ])('%s: %s', async (name, code, says) => {
    const { workbench, screenshots } = session;
    await workbench.contextMenu(name, 'Preview Samples');
    const page = await workbench.webview(new RegExp(`${name} · Genscope`));
    const failure = byTestId(page, 'failure');
    await failure.waitFor({ timeout: 30_000 });
    expect(await failure.getAttribute('data-code')).toBe(code);
    expect(await failure.innerText()).toContain(says);
    await screenshots.take(name);
    if (code === 'model.checkpoint') {
      const code = await workbench.copiedBy(() => byTestId(page, 'next-copyExportCode').click());
      expect(code).toContain('torch.onnx.export(');
    }
    await workbench.closeTab(new RegExp(name));
  });

  it('asks what cannot be guessed, keeps the answer beside the model, and draws', async () => {
    const { workbench, screenshots, folder } = session;
    await workbench.contextMenu('embedded.onnx', 'Preview Samples');
    const page = await workbench.webview(/embedded.onnx · Genscope/);
    await byTestId(page, 'roles-form').waitFor({ timeout: 30_000 });
    await screenshots.take('asks');
    await byTestId(page, 'use-roles').click();
    await settled(page, 'grid', 16);
    await screenshots.take('answered');
    const sidecar = JSON.parse(await readFile(join(folder, 'embedded.genscope.json'), 'utf8'));
    expect(sidecar.schema).toBe(1);
    expect(Object.keys(sidecar.inputs)).toHaveLength(2);
    await workbench.closeTab(/embedded.onnx/);
  });

  it('uses the answer for this window where it cannot be kept, and says so', async () => {
    const { workbench, screenshots } = session;
    await workbench.contextMenu('stuck.onnx', 'Preview Samples');
    const page = await workbench.webview(/stuck.onnx · Genscope/);
    await byTestId(page, 'roles-form').waitFor({ timeout: 30_000 });
    await byTestId(page, 'use-roles').click();
    await settled(page, 'grid', 16);
    expect(await byTestId(page, 'banner-warning').innerText()).toContain('could not be written');
    await screenshots.take('stuck');
    await workbench.closeTab(/stuck.onnx/);
  });

  it('the demo opens from the palette, and Open With… shows the same page as an editor', async () => {
    const { workbench, screenshots } = session;
    await workbench.runCommand('Genscope: Open Demo Generator');
    const panel = await workbench.webview(/generator.onnx · Genscope/);
    await drawn(panel, 16, 0);
    await workbench.closeTab(/generator.onnx · Genscope/);
    await workbench.contextMenu('generator.onnx', 'Open With...');
    await workbench.quickInput.pick('Genscope');
    const editor = await workbench.webview(/generator.onnx/);
    await drawn(editor, 16, 0);
    await screenshots.take('as an editor');
  });

  it('draws from raw pixels as well as from WebP', async () => {
    const { workbench } = session;
    await workbench.closeTab(/generator.onnx/);
    await workbench.changeSettings({ 'genscope.frames': 'rgba' });
    await workbench.contextMenu('generator.onnx', 'Preview Samples');
    await drawn(await workbench.webview(/generator.onnx · Genscope/), 16, 0);
  });
});
