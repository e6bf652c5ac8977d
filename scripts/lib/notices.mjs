/** The licences of everything that ships: what esbuild put into the bundles, and the packages that travel beside them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Travel as packages, not inside a bundle; with them `@img`, sharp's binary part and libvips, of which one a platform. */
const BESIDE = ['onnxruntime-node', 'onnxruntime-common', 'sharp', 'detect-libc', 'semver'];
const BINARY = '@img';

/**
 * @param {string} root
 * @param {readonly import('esbuild').Metafile[]} metafiles
 * @returns {string}
 */
export function thirdPartyNotices(root, metafiles) {
  const binary = readdirSync(join(root, 'node_modules', BINARY)).map((name) => `${BINARY}/${name}`);
  const names = new Set([...BESIDE, ...binary]);
  for (const { inputs } of metafiles) {
    for (const file of Object.keys(inputs)) {
      const match = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file);
      if (match?.[1]) names.add(match[1]);
    }
  }
  const parts = [...names].sort().map((name) => notice(join(root, 'node_modules', name), name));
  const gnu = parts.some((part) => part.includes('(LGPL-3.0')) ? gnuLicences(root) : [];
  return `Genscope contains or travels with these packages.\n\n${[...parts, ...gnu].join(`\n${'-'.repeat(80)}\n\n`)}`;
}

/**
 * Who passes libvips on passes both texts on: the second licence is the first with exceptions. The libraries lie in the
 * package as files of their own, so that anybody may put others in their place.
 * @param {string} root
 */
function gnuLicences(root) {
  return ['LGPL-3.0', 'GPL-3.0'].map((name) => {
    const text = readFileSync(join(root, 'scripts', 'licences', `${name}.txt`), 'utf8').trim();
    return `${name}, of the packages above that name it\n\n${text}\n`;
  });
}

/** @param {string} folder @param {string} name */
function notice(folder, name) {
  const { version, license, repository } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const home = typeof repository === 'string' ? repository : (repository?.url ?? '');
  const file = existsSync(folder)
    ? readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
    : undefined;
  const text = file
    ? readFileSync(join(folder, file), 'utf8').trim()
    : (inReadme(folder) ?? `Licence: ${license}`);
  return `${name} ${version} (${license}) ${home}\n\n${text}\n`;
}

/** libvips' package lists the licences of all that is linked into it in its README. @param {string} folder */
function inReadme(folder) {
  const file = join(folder, 'README.md');
  if (!existsSync(file)) return undefined;
  return /^## Licens[^\n]*\n([\s\S]*)/m.exec(readFileSync(file, 'utf8'))?.[1]?.trim();
}
