/** What ships: exactly the allow-list, within its size, and a manifest a reviewer would accept. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { packageVsix } from '../../scripts/lib/vsix.mjs';
import { unzip, zipEntries } from './support/zip.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const MB = 2 ** 20;

let vsix = '';
let entries: ReturnType<typeof zipEntries> = [];

beforeAll(async () => {
  vsix = await packageVsix();
  entries = zipEntries(fs.readFileSync(vsix));
}, 400_000);

const names = () => entries.map(({ name }) => name.replace(/^extension\//, ''));

describe('the package for linux-x64', () => {
  // Of the demo half are its 2,000 reference images, without which Run Metrics could not be tried at once.
  it('is smaller than 60 MB, and its demo than 24 MB', () => {
    expect(fs.statSync(vsix).size).toBeLessThan(60 * MB);
    const demo = entries.filter(({ name }) => name.startsWith('extension/media/demo/'));
    expect(demo.length).toBeGreaterThan(5);
    expect(demo.reduce((sum, { compressed }) => sum + compressed, 0)).toBeLessThan(24 * MB);
  });

  it('has the bundles, the natives of its platform, the demo and the papers', () => {
    expect(names()).toEqual(
      expect.arrayContaining([
        'package.json',
        'package.nls.json',
        'readme.md',
        'changelog.md',
        'LICENSE.txt',
        'dist/extension.js',
        'dist/engine.js',
        'dist/cli.js',
        'dist/THIRD_PARTY_NOTICES.txt',
        'dist/webview/main.js',
        'dist/webview/main.css',
        'media/icon.png',
        'media/demo/generator.onnx',
        'media/demo/generator.genscope.json',
        'media/demo/segmenter/onnx/model.onnx',
        'node_modules/onnxruntime-node/bin/napi-v6/linux/x64/onnxruntime_binding.node',
        'node_modules/sharp/package.json',
      ]),
    );
  });

  it('has nothing else', () => {
    const allowed = [
      /^(package\.json|package\.nls\.json|readme\.md|changelog\.md|LICENSE\.txt)$/,
      /^dist\/((extension|engine|cli)\.js|THIRD_PARTY_NOTICES\.txt)$/,
      /^dist\/webview\/main\.(js|css)$/,
      /^media\/(icon\.png|readme\/[a-z]+\.png|walkthrough\/[a-z]+\.svg|demo\/.*)$/,
      /^node_modules\/(onnxruntime-node|onnxruntime-common|sharp|detect-libc|semver|@img\/(colour|sharp-linux-x64|sharp-libvips-linux-x64))\//,
    ];
    const strangers = names().filter(
      (name) =>
        !/^(extension\.vsixmanifest|\[Content_Types\]\.xml)$/.test(name) &&
        !allowed.some((pattern) => pattern.test(name)),
    );
    expect(strangers).toEqual([]);
    expect(
      names().filter((name) => /\.map$|\.d\.ts$|\.ts$|\.py$|\.pt$|checkpoints\/|win32|darwin/.test(name)),
    ).toEqual([]);
  });

  it('names the licence of every package in it, with the text of the LGPL that libvips is under', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'genscope-vsix-'));
    try {
      unzip(fs.readFileSync(vsix), folder);
      const notices = fs.readFileSync(path.join(folder, 'extension/dist/THIRD_PARTY_NOTICES.txt'), 'utf8');
      const packages = names().flatMap(
        (name) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\/package\.json$/.exec(name)?.[1] ?? [],
      );
      expect(packages).toEqual(
        expect.arrayContaining(['@img/sharp-libvips-linux-x64', '@img/colour', 'sharp']),
      );
      for (const name of packages)
        expect(notices).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(.+\\)`, 'm'));
      expect(notices).toContain('GNU LESSER GENERAL PUBLIC LICENSE');
      expect(notices).toContain('GNU GENERAL PUBLIC LICENSE');
      expect(notices).toMatch(/\| libvips\s+\| LGPLv3/);
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  });

  it('unpacks into something that samples, with nothing installed beside it', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'genscope-vsix-'));
    try {
      unzip(fs.readFileSync(vsix), folder);
      const inside = path.join(folder, 'extension');
      const out = path.join(folder, 'grid.png');
      const demo = path.join(inside, 'media', 'demo', 'generator.onnx');
      execFileSync(process.execPath, [path.join(inside, 'dist', 'cli.js'), 'sample', demo, '--out', out], {
        cwd: folder,
      });
      expect(fs.statSync(out).size).toBeGreaterThan(10_000);
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('the manifest', () => {
  const manifest = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  const strings = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.nls.json'), 'utf8')) as Record<
    string,
    string
  >;

  it('names every string in package.nls.json, and no other', () => {
    const used = new Set([...JSON.stringify(manifest).matchAll(/"%([\w.]+)%"/g)].map((match) => match[1]));
    expect([...used].filter((key) => !((key as string) in strings))).toEqual([]);
    expect(Object.keys(strings).filter((key) => !used.has(key))).toEqual([]);
  });

  it('asks for the VS Code whose types it was written against', () => {
    const types = JSON.parse(
      fs.readFileSync(path.join(ROOT, 'node_modules/@types/vscode/package.json'), 'utf8'),
    );
    expect(manifest.engines.vscode).toBe(`^${types.version.replace(/\.\d+$/, '.0')}`);
  });

  it('runs where the files are, starts for no reason of its own, and is careful with strangers', () => {
    expect(manifest.extensionKind).toEqual(['workspace']);
    expect(manifest.browser).toBeUndefined();
    expect(manifest.activationEvents).toEqual(['onWebviewPanel:genscope.inspector']);
    expect(manifest.capabilities.untrustedWorkspaces).toMatchObject({
      supported: 'limited',
      restrictedConfigurations: ['genscope.engine.nodePath', 'genscope.huggingFace.endpoint'],
    });
    expect(manifest.capabilities.virtualWorkspaces.supported).toBe(false);
    expect(manifest.contributes.configuration.properties['genscope.engine.nodePath'].scope).toBe('machine');
    expect(manifest.contributes.customEditors[0].priority).toBe('option');
  });

  it('shows its menu entry on .onnx files only', () => {
    for (const entries of Object.values(manifest.contributes.menus) as {
      command: string;
      when: string;
    }[][]) {
      for (const { when } of entries) expect(when).toContain('resourceExtname == .onnx');
    }
  });
});
