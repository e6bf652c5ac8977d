/** The licences of everything that ships: what esbuild put into the bundles, and the packages that travel beside them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Travel as packages, not inside a bundle; `@img` is sharp's and libvips' binary part. */
const BESIDE = ['onnxruntime-node', 'onnxruntime-common', 'sharp', 'detect-libc', 'semver'];

/**
 * @param {string} root
 * @param {readonly import('esbuild').Metafile[]} metafiles
 * @returns {string}
 */
export function thirdPartyNotices(root, metafiles) {
  const names = new Set(BESIDE);
  for (const { inputs } of metafiles) {
    for (const file of Object.keys(inputs)) {
      const match = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file);
      if (match?.[1]) names.add(match[1]);
    }
  }
  const parts = [...names].sort().map((name) => notice(join(root, 'node_modules', name), name));
  return `Genscope contains or travels with these packages.\n\n${parts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}

/** @param {string} folder @param {string} name */
function notice(folder, name) {
  const { version, license, repository } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const home = typeof repository === 'string' ? repository : (repository?.url ?? '');
  const file = existsSync(folder)
    ? readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
    : undefined;
  const text = file ? readFileSync(join(folder, file), 'utf8').trim() : `Licence: ${license}`;
  return `${name} ${version} (${license}) ${home}\n\n${text}\n`;
}
