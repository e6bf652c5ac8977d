/**
 * `node scripts/effects.mjs [--samples 200] [--json FILE] [--picture FILE.png]`: what switching off 20 units of the demo's
 * l8b takes of four concepts, chosen in three ways and at random, as a Markdown table, and as a picture of the curves.
 * Builds nothing: `npm run build` comes first. Takes minutes a concept; `--json` of an earlier run is read instead of measured.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv, execPath } from 'node:process';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { drawCurves } from './lib/curves.mjs';
import { CACHE, Complaint, fail, ROOT } from './lib/proc.mjs';

/** @typedef {{ mean: number, interval: [number, number] }} Figure */
/** @typedef {{ rank: 'iou' | 'effect' | 'greedy', removed: Figure[] }} Selection */
/** @typedef {{ units: number, mean: number, lowest: number, highest: number }} Chance */
/** @typedef {{ concept: string, settings: { samples: number, seed: number, random: number }, selections: Selection[], random: Chance[] }} Found */

const DEMO = join(ROOT, 'media', 'demo');
const CONCEPTS = ['tree', 'wall', 'cloud', 'water'];

/**
 * @param {string} concept
 * @param {string} samples
 * @returns {Promise<Found>}
 */
function compare(concept, samples) {
  const words = [
    ...[join(ROOT, 'dist', 'cli.js'), 'effect', join(DEMO, 'generator.onnx'), '--layer', 'l8b'],
    ...['--segmenter', join(DEMO, 'segmenter'), '--concept', concept, '--top', '20', '--compare'],
    ...['--samples', samples, '--random', '20', '--cache', join(CACHE, 'effects'), '--json'],
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
    });
    child.on('close', (code, signal) => {
      if (code === 0) resolve(JSON.parse(text));
      else reject(new Complaint(`genscope effect of ${concept} ended with ${code ?? signal}.`));
    });
  });
}

/** @param {number} value */
const percent = (value) => (100 * value).toFixed(1).replace('-', '−');

/** @param {Figure | undefined} figure */
function cell(figure) {
  if (figure === undefined) return '';
  return `${percent(figure.mean)} % (${percent(figure.interval[0])}–${percent(figure.interval[1])})`;
}

/** @param {readonly Found[]} all */
function table(all) {
  const lines = all.map(({ concept, selections, random }) => {
    const ways = ['iou', 'effect', 'greedy'].map((rank) =>
      cell(selections.find((selection) => selection.rank === rank)?.removed.at(-1)),
    );
    const chance = random.at(-1);
    return `| ${[concept, ...ways, chance ? `${percent(chance.mean)} %, ${percent(chance.highest)} %` : ''].join(' | ')} |`;
  });
  return ['| | by IoU | by single effect | greedily | random |', '|---|---|---|---|---|', ...lines].join(
    '\n',
  );
}

async function main() {
  const { values } = parseArgs({
    args: argv.slice(2),
    options: {
      samples: { type: 'string', default: '200' },
      json: { type: 'string' },
      picture: { type: 'string' },
    },
  });
  /** @type {Found[]} */
  let found = [];
  if (values.json !== undefined && existsSync(values.json))
    found = JSON.parse(readFileSync(values.json, 'utf8'));
  else {
    for (const concept of CONCEPTS) {
      console.error(concept);
      found.push(await compare(concept, values.samples));
    }
    if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(found));
  }
  console.log(table(found));
  if (values.picture !== undefined)
    await sharp(Buffer.from(drawCurves(found)), { density: 192 })
      .png({ palette: true })
      .toFile(values.picture);
}

main().catch(fail);
