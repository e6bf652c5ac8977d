/** *Copy Edit*: Python that puts edits into an ONNX graph as a Mul and an Add behind each edited layer. */
import type { Edit } from '../../shared/edits/edits.ts';
import type { GraphCode } from '../latent/code.ts';

export interface EditedLayerCode {
  /** As people call it, and its tensor in the file. */
  readonly layer: string;
  readonly tensor: string;
  readonly units: number;
  readonly resolution: readonly [number, number];
  /** The tensor's axis that the units lie on. */
  readonly channelAxis: 1 | 3;
  /** Layers of other types are computed on in float32 and rounded back once. */
  readonly type: 'FLOAT' | 'FLOAT16' | 'BFLOAT16' | 'DOUBLE';
  /** First edit first, with the places in the plan where each holds; null: everywhere. */
  readonly edits: readonly { readonly edit: Edit; readonly places: readonly number[] | null }[];
}

/** The script's part that makes a session on the edited graph: r ← (1 − a·m)·r + a·m·(s·r + t), as `foldEdits` has it. */
export function editedGraphCode(layers: readonly EditedLayerCode[], modelFile: string): GraphCode {
  return {
    imports: ['import onnx', 'from onnx import helper'],
    functions: [
      affineLines(layers.some(({ channelAxis }) => channelAxis === 3)),
      insertLines(layers.some(({ type }) => type !== 'FLOAT')),
    ],
    lines: [
      '# r becomes (1 - a * m) * r + a * m * (scale * r + shift) for the units of each edit, one edit after the other:',
      '# a is its strength, m its region (everywhere, unless said), and it holds for those of the samples that it names.',
      'layers = [',
      ...layers.flatMap(layerLines).map((line) => `    ${line}`),
      ']',
      '',
      `model = onnx.load(${JSON.stringify(modelFile)})`,
      'for k, layer in enumerate(layers):',
      '    insert(model, k, layer)',
      'session = ort.InferenceSession(model.SerializeToString())',
    ],
    feeds: '**affines(layers, i)',
  };
}

/** @param withTurns for layers of which some have their units on the last axis */
const affineLines = (withTurns: boolean) => [
  'def affines(layers, i):',
  '    """The inputs A and B of every edited layer for sample i: its whole stack of edits is A * r + B."""',
  '    feeds = {}',
  '    for k, layer in enumerate(layers):',
  '        A, B = np.ones((1, *layer["shape"])), np.zeros((1, *layer["shape"]))',
  '        for edit in layer["edits"]:',
  '            if i not in edit.get("samples", [i]):',
  '                continue',
  '            units, share = edit["units"], edit["strength"] * np.array(edit.get("region", 1.0))',
  '            scale, shift = (np.reshape(edit[name], (-1, 1, 1)) for name in ("scale", "shift"))',
  '            s = 1 + share * (scale - 1)',
  '            A[0, units] = s * A[0, units]',
  '            B[0, units] = s * B[0, units] + share * shift',
  ...(withTurns
    ? [
        '        if layer.get("axis", 1) == 3:  # this tensor is [N, height, width, units]',
        '            A, B = (np.moveaxis(x, 1, 3) for x in (A, B))',
      ]
    : []),
  '        feeds[f"A{k}"], feeds[f"B{k}"] = A.astype(np.float32), B.astype(np.float32)',
  '    return feeds',
];

function insertLines(withCasts: boolean): string[] {
  const cast = (from: string, type: string, to: string) =>
    `helper.make_node("Cast", [${from}], [${to}], to=${type})`;
  return [
    'def insert(model, k, layer):',
    '    """Whoever reads the layer reads A * r + B instead; A and B are new inputs."""',
    '    graph, r = model.graph, layer["tensor"]',
    '    producer = {name: i for i, node in enumerate(graph.node) for name in node.output}[r]',
    '    outputs = graph.node[producer].output',
    '    outputs[list(outputs).index(r)] = r + "/raw"',
    '    added = [',
    ...(withCasts
      ? [
          `        ${cast('r + "/raw"', 'onnx.TensorProto.FLOAT', 'r + "/float"')},`,
          '        helper.make_node("Mul", [r + "/float", f"A{k}"], [r + "/scaled"]),',
          '        helper.make_node("Add", [r + "/scaled", f"B{k}"], [r + "/edited"]),',
          `        ${cast('r + "/edited"', 'getattr(onnx.TensorProto, layer["type"])', 'r')},`,
        ]
      : [
          '        helper.make_node("Mul", [r + "/raw", f"A{k}"], [r + "/scaled"]),',
          '        helper.make_node("Add", [r + "/scaled", f"B{k}"], [r]),',
        ]),
    '    ]',
    '    for i, node in enumerate(added):',
    '        graph.node.insert(producer + 1 + i, node)',
    '    for name in (f"A{k}", f"B{k}"):',
    '        graph.input.append(helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None))',
  ];
}

function layerLines({
  layer,
  tensor,
  units,
  resolution,
  channelAxis,
  type,
  edits,
}: EditedLayerCode): string[] {
  const shape = `(${[units, ...resolution].join(', ')})`;
  return [
    `{  # ${oneLine(layer)}`,
    `    "tensor": ${JSON.stringify(tensor)}, "shape": ${shape}, "type": "${type}",${channelAxis === 3 ? ' "axis": 3,' : ''}`,
    '    "edits": [',
    ...edits.flatMap(({ edit, places }) => editLines(edit, places)).map((line) => `        ${line}`),
    '    ],',
    '},',
  ];
}

function editLines(edit: Edit, places: readonly number[] | null): string[] {
  return separate(edit.units).flatMap((units) => [
    `{  # ${oneLine(edit.name)}`,
    `    "strength": ${edit.strength}, "units": ${list(units.map(({ unit }) => unit))},`,
    `    "scale": ${alike(units.map(({ scale }) => scale))},`,
    `    "shift": ${alike(units.map(({ shift }) => shift))},`,
    ...(edit.region === null ? [] : [`    "region": ${grid(edit.region)},`]),
    ...(places === null ? [] : [`    "samples": ${list(places)},`]),
    '},',
  ]);
}

/** A unit that an edit names twice is changed twice, which one indexed assignment would not do. */
function separate(units: Edit['units']): Edit['units'][number][][] {
  const groups: Edit['units'][number][][] = [];
  let seen = new Set<number>();
  for (const change of units) {
    if (groups.length === 0 || seen.has(change.unit)) {
      groups.push([]);
      seen = new Set();
    }
    groups.at(-1)?.push(change);
    seen.add(change.unit);
  }
  return groups;
}

function list(values: readonly number[]): string {
  return `[${values.join(', ')}]`;
}

/** One number where all are the same. */
function alike(values: readonly number[]): string {
  const [first] = values;
  return values.every((value) => value === first) ? String(first ?? 0) : list(values);
}

function grid({ height, width, weights }: NonNullable<Edit['region']>): string {
  const rows = Array.from({ length: height }, (_, y) => list(weights.slice(y * width, (y + 1) * width)));
  return `[${rows.join(', ')}]`;
}

/** What a person wrote stays inside its comment. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}
