/** Python for the samples of a plan: `z`, float32 [N, d], and `classes`, float32 [N, K], as `plan.ts` makes them. */
import type { LatentKey, LatentPlan } from '../../shared/samples/latents.ts';

export interface SampleCode {
  /** Functions besides `draw`, each a list of lines. */
  readonly functions: readonly (readonly string[])[];
  readonly lines: readonly string[];
}

type Of<K extends LatentPlan['kind']> = Extract<LatentPlan, { kind: K }>;

/** `index` picks one sample; `classes` is 0 for a generator without classes. */
export function sampleCode(plan: LatentPlan, size: number, classes: number, index?: number): SampleCode {
  if (plan.kind === 'seeds') return { functions: [], lines: seedLines(plan, size, classes, index) };
  if (plan.kind === 'picks') return { functions: [], lines: pickLines(plan, size, classes, index) };
  const lines =
    plan.kind === 'path' ? pathLines(plan, size, classes, index) : gridLines(plan, size, classes, index);
  return { functions: [plan.method === 'slerp' ? SLERP : LERP], lines };
}

function pickLines(plan: Of<'picks'>, size: number, classes: number, index?: number): string[] {
  const { indices, ...rest } = plan;
  const places = index === undefined ? indices : indices.slice(index, index + 1);
  return [
    ...seedLines({ ...rest, kind: 'seeds' }, size, classes),
    `z = z[[${places.join(', ')}]]`,
    ...(classes > 0 ? [`classes = classes[[${places.join(', ')}]]`] : []),
  ];
}

function seedLines(plan: Of<'seeds'>, size: number, classes: number, index?: number): string[] {
  const { seed, count, source } = plan;
  const first = seed + (index ?? 0);
  const last = index === undefined ? seed + count - 1 : first;
  const label = plan.classes === 'all' ? `[s % ${classes} for s in seeds]` : `[${plan.classes}] * len(seeds)`;
  const isStream = source.layout === 'stream';
  const pick = index === undefined ? '' : `[${index}:${index + 1}]`;
  const list = first === last ? `[${first}]` : `range(${first}, ${last + 1})`;
  const seeds = `seeds = ${list}${isStream ? '  # they only set the classes: all latents are one draw' : ''}`;
  return [
    ...(isStream && classes === 0 ? [] : [seeds]),
    isStream
      ? `z = draw(${seed}, ${count}, ${size})${pick}`
      : `z = np.stack([draw(s, ${size}) for s in seeds])  # a generator of its own for each seed`,
    ...(classes > 0 ? [`classes = np.eye(${classes}, dtype=np.float32)[${label}]`] : []),
  ];
}

function pathLines(plan: Of<'path'>, size: number, classes: number, index?: number): string[] {
  const { keys, steps, loop, method } = plan;
  const segments = loop ? keys.length : keys.length - 1;
  const intervals = loop ? steps : Math.max(steps - 1, 1);
  return [
    ...keyLines(keys, size, classes),
    ...frameLines(steps, classes, index, [
      `k, rest = divmod(i * ${segments}, ${intervals})${loop ? '  # back to the first key at the end' : ''}`,
      `a, b, t = k, (k + 1) % ${keys.length}, rest / ${intervals}`,
      `z.append(${method}(keys[a], keys[b], t))`,
      ...(classes > 0 ? ['classes.append((1 - t) * key_classes[a] + t * key_classes[b])'] : []),
    ]),
  ];
}

function gridLines(plan: Of<'grid'>, size: number, classes: number, index?: number): string[] {
  const { corners, rows, columns, method } = plan;
  return [
    '# The corners: top-left, top-right, bottom-left, bottom-right.',
    ...keyLines(corners, size, classes),
    ...frameLines(rows * columns, classes, index, [
      `row, column = divmod(i, ${columns})`,
      `u, v = column / ${Math.max(columns - 1, 1)}, row / ${Math.max(rows - 1, 1)}`,
      `top, bottom = ${method}(keys[0], keys[1], u), ${method}(keys[2], keys[3], u)`,
      `z.append(${method}(top, bottom, v))`,
      ...(classes > 0
        ? [
            'shares = np.float32([(1 - u) * (1 - v), u * (1 - v), (1 - u) * v, u * v])',
            'classes.append(shares @ key_classes)',
          ]
        : []),
    ]),
  ];
}

function keyLines(keys: readonly LatentKey[], size: number, classes: number): string[] {
  const seeds = keys.map((key) => key.seed).join(', ');
  const indices = keys.map((key) => key.classIndex).join(', ');
  return [
    `keys = [draw(s, ${size}) for s in [${seeds}]]`,
    ...(classes > 0 ? [`key_classes = np.eye(${classes}, dtype=np.float32)[[${indices}]]`] : []),
  ];
}

function frameLines(count: number, classes: number, index: number | undefined, body: string[]): string[] {
  return [
    classes > 0 ? 'z, classes = [], []' : 'z = []',
    index === undefined ? `for i in range(${count}):` : `for i in [${index}]:  # of ${count}`,
    ...body.map((line) => `    ${line}`),
    classes > 0 ? 'z, classes = np.stack(z), np.stack(classes)' : 'z = np.stack(z)',
  ];
}

const LERP = ['def lerp(a, b, t):', '    return ((1 - t) * a.astype(np.float64) + t * b).astype(np.float32)'];

const SLERP = [
  'def slerp(a, b, t):',
  '    """Along the great circle (Shoemake 1985); the norm goes linearly from |a| to |b|."""',
  '    a, b = a.astype(np.float64), b.astype(np.float64)',
  '    na, nb = np.linalg.norm(a), np.linalg.norm(b)',
  '    angle = 2 * np.arctan2(np.linalg.norm(na * b - nb * a), np.linalg.norm(na * b + nb * a))',
  '    if np.sin(angle) < 1e-4:  # nearly parallel: a straight line',
  '        return ((1 - t) * a + t * b).astype(np.float32)',
  '    direction = (np.sin((1 - t) * angle) * a / na + np.sin(t * angle) * b / nb) / np.sin(angle)',
  '    return (((1 - t) * na + t * nb) * direction).astype(np.float32)',
];
