/** The curves of switched-off units as an SVG, one panel a concept: for the README, which shows no live panel. */

/** @typedef {import('../effects.mjs').Found} Found */
/** @typedef {import('../effects.mjs').Figure} Figure */

const PANEL = { width: 230, height: 190, left: 46, top: 34, gap: 16 };
const INK = '#24292f';
const QUIET = '#57606a';
/** Told apart by dash as well as by colour. */
const WAYS = {
  greedy: { label: 'greedily, as a set', colour: '#0a6d3b', dash: '' },
  effect: { label: 'by single effect', colour: '#0550ae', dash: '7 3' },
  iou: { label: 'by IoU', colour: '#bc4c00', dash: '2 3' },
};
const RANDOM = { label: 'random sets: mean, range', colour: '#8c959f' };

/**
 * Share removed, 0 at the bottom; a little below for sets that add.
 * @param {number} share
 */
const y = (share) => PANEL.top + PANEL.height * (1 - (Math.max(-0.2, share) + 0.2) / 1.2);

/**
 * @param {readonly [number, number][]} points
 * @param {number} left
 * @param {number} most
 */
function path(points, left, most) {
  return points
    .map(
      ([units, share], k) =>
        `${k === 0 ? 'M' : 'L'}${(left + (PANEL.width * units) / most).toFixed(1)} ${y(share).toFixed(1)}`,
    )
    .join('');
}

/**
 * @param {Found} found
 * @param {number} left
 * @param {boolean} first
 */
function panel({ concept, selections, random }, left, first) {
  const most = Math.max(...selections.map(({ removed }) => removed.length - 1));
  const bottom = PANEL.top + PANEL.height;
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const at = y(share).toFixed(1);
    const label = first
      ? `<text x="${left - 6}" y="${Number(at) + 4}" text-anchor="end" fill="${QUIET}">${share * 100} %</text>`
      : '';
    return `<line x1="${left}" x2="${left + PANEL.width}" y1="${at}" y2="${at}" stroke="${share === 0 ? QUIET : '#d0d7de'}"/>${label}`;
  });
  const ticks = [0, 5, 10, 15, 20]
    .filter((units) => units <= most)
    .map((units) => {
      const at = left + (PANEL.width * units) / most;
      return `<text x="${at}" y="${bottom + 15}" text-anchor="middle" fill="${QUIET}">${units}</text>`;
    });
  /** @type {[number, number][]} */
  const upper = random.map(({ units, highest }) => [units, highest]);
  /** @type {[number, number][]} */
  const lower = random.map(({ units, lowest }) => [units, lowest]);
  /** @type {[number, number][]} */
  const mean = random.map((chance) => [chance.units, chance.mean]);
  const band = `<path d="${path([...upper, ...lower.reverse()], left, most)}Z" fill="${RANDOM.colour}" opacity=".25"/>`;
  const lines = selections.map(({ rank, removed }) => {
    const { colour, dash } = WAYS[rank];
    const points = /** @type {[number, number][]} */ (removed.map((figure, units) => [units, figure.mean]));
    const low = /** @type {[number, number][]} */ (
      removed.map((figure, units) => [units, figure.interval[0]])
    );
    const high = /** @type {[number, number][]} */ (
      removed.map((figure, units) => [units, figure.interval[1]])
    );
    return `<path d="${path([...high, ...low.reverse()], left, most)}Z" fill="${colour}" opacity=".12"/><path d="${path(points, left, most)}" fill="none" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"/>`;
  });
  const chance = `<path d="${path(mean, left, most)}" fill="none" stroke="${RANDOM.colour}" stroke-width="1.5"/>`;
  const title = `<text x="${left}" y="${PANEL.top - 10}" font-size="15" font-weight="bold" fill="${INK}">${concept}</text>`;
  return [title, ...grid, ...ticks, band, chance, ...lines].join('');
}

/** @param {readonly Found[]} all */
export function drawCurves(all) {
  const width = PANEL.left + all.length * (PANEL.width + PANEL.gap);
  const bottom = PANEL.top + PANEL.height;
  const height = bottom + 58;
  const panels = all.map((found, k) => panel(found, PANEL.left + k * (PANEL.width + PANEL.gap), k === 0));
  const entries = [...Object.values(WAYS), { ...RANDOM, dash: '' }];
  const legend = entries.map(({ label, colour, dash }, k) => {
    const x = PANEL.left + k * 190;
    return `<line x1="${x}" x2="${x + 30}" y1="${height - 10}" y2="${height - 10}" stroke="${colour}" stroke-width="2.5" stroke-dasharray="${dash}"/><text x="${x + 36}" y="${height - 6}" fill="${INK}">${label}</text>`;
  });
  const axis = `<text x="${PANEL.left}" y="${bottom + 32}" fill="${QUIET}">units of l8b switched off; share of the concept’s area that goes (shaded: 95 %)</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="DejaVu Sans, sans-serif" font-size="12"><rect width="100%" height="100%" fill="#fff"/>${panels.join('')}${axis}${legend.join('')}</svg>`;
}
