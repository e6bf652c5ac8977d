// Makes the .vsix of one platform: `npm run package -- linux-x64 [--out FILE]`. Each package carries the natives of
// its own platform and no other; one whose natives are not installed is not made.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
// onnxruntime-node has had no macOS x64 build since 1.24.3.
const TARGETS = ['linux-x64', 'linux-arm64', 'darwin-arm64', 'win32-x64', 'win32-arm64'];

/** The natives a platform needs: sharp on Windows carries libvips inside its own package. */
function natives(target) {
  const [platform, arch] = target.split('-');
  const sharp = [`node_modules/@img/sharp-${target}`];
  if (platform !== 'win32') sharp.push(`node_modules/@img/sharp-libvips-${target}`);
  return [`node_modules/onnxruntime-node/bin/napi-v6/${platform}/${arch}`, ...sharp];
}

function ignoreFor(target) {
  const [platform, arch] = target.split('-');
  return readFileSync(path.join(ROOT, '.vscodeignore'), 'utf8')
    .replaceAll('linux/x64', `${platform}/${arch}`)
    .replaceAll('linux-x64', target);
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { out: { type: 'string' } } });
const target = positionals[0] ?? `${process.platform}-${process.arch}`;
if (!TARGETS.includes(target)) {
  console.error(`There is no package for ${target}; possible: ${TARGETS.join(', ')}.`);
  process.exit(2);
}
const missing = natives(target).filter((folder) => !existsSync(path.join(ROOT, folder)));
if (missing.length > 0) {
  const [platform, arch] = target.split('-');
  console.error(`Missing for ${target}: ${missing.join(', ')}.`);
  console.error(`Install them: npm ci --ignore-scripts --os=${platform} --cpu=${arch}`);
  process.exit(2);
}
const ignoreFile = path.join(ROOT, `.vscodeignore.${target}`);
writeFileSync(ignoreFile, ignoreFor(target));
const { version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
const out = path.resolve(values.out ?? path.join(ROOT, `genscope-${target}-${version}.vsix`));
try {
  const vsce = path.join(ROOT, 'node_modules', '@vscode', 'vsce', 'vsce');
  const args = [
    vsce,
    'package',
    '--target',
    target,
    '--ignoreFile',
    ignoreFile,
    '--out',
    out,
    '--no-git-tag-version',
  ];
  const { status } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' });
  process.exitCode = status ?? 1;
} finally {
  rmSync(ignoreFile, { force: true });
}
