import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inferRoles, needsAnswers, rolesOf } from '../../../src/onnx/roles/roles.ts';
import { applySidecar, makeSidecar, parseSidecar, sidecarFileName } from '../../../src/onnx/sidecar.ts';
import type { ImageRole, InputRole } from '../../../src/shared/generator/roles.ts';
import { GenscopeError } from '../../../src/shared/kernel/errors.ts';
import { fixtureGraph } from './support.ts';

const complaint = (json: unknown): string => {
  try {
    parseSidecar(typeof json === 'string' ? json : JSON.stringify(json));
  } catch (error) {
    if (error instanceof GenscopeError && error.code === 'sidecar.invalid') return error.message;
    throw error;
  }
  return 'accepted';
};

describe('sidecarFileName', () => {
  it('lies beside the model', () => {
    expect(sidecarFileName('generator.onnx')).toBe('generator.genscope.json');
    expect(sidecarFileName('/runs/a b/G.v2.ONNX')).toBe('/runs/a b/G.v2.genscope.json');
    expect(sidecarFileName('model')).toBe('model.genscope.json');
  });
});

describe('parseSidecar', () => {
  it('names the place that is wrong', () => {
    const rows: [unknown, string][] = [
      ['{', '$ is not JSON'],
      [[], '$ must be an object'],
      [{}, '$.schema must be 1'],
      [{ schema: 2 }, '$.schema must be 1'],
      [{ schema: 1, inputs: [] }, '$.inputs must be an object'],
      [{ schema: 1, inputs: { z: 'latent' } }, '$.inputs.z must be an object'],
      [{ schema: 1, inputs: { z: { role: 'seed' } } }, '$.inputs.z.role must be one of "latent"'],
      [
        { schema: 1, inputs: { y: { role: 'class', encoding: 'hot' } } },
        '$.inputs.y.encoding must be one of',
      ],
      [
        { schema: 1, inputs: { y: { role: 'class', classes: 0 } } },
        '$.inputs.y.classes must be a whole number',
      ],
      [{ schema: 1, inputs: { y: { role: 'constant', value: '1' } } }, '$.inputs.y.value must be a number'],
      [
        { schema: 1, inputs: { w: { role: 'latent', space: 'v' } } },
        '$.inputs.w.space must be one of "z", "w", "w+"',
      ],
      [
        { schema: 1, inputs: { c: { role: 'codes', entries: 0.5 } } },
        '$.inputs.c.entries must be a whole number',
      ],
      [
        { schema: 1, inputs: { e: { role: 'embedding', file: '../e.npy' } } },
        '$.inputs.e.file must be the name of',
      ],
      [{ schema: 1, inputs: { e: { role: 'embedding', file: 7 } } }, '$.inputs.e.file must be the name of'],
      [
        { schema: 1, inputs: { x: { role: 'image', range: 'bytes' } } },
        '$.inputs.x.range must be two numbers',
      ],
      [
        { schema: 1, outputs: { x: { role: 'image', size: { width: 8 } } } },
        '$.outputs.x.size.height must be a whole number',
      ],
      [{ schema: 1, outputs: { x: { role: 'image', layout: 'CHW' } } }, '$.outputs.x.layout must be one of'],
      [{ schema: 1, outputs: { x: { role: 'image', range: [0] } } }, '$.outputs.x.range must be two numbers'],
      [
        { schema: 1, outputs: { x: { role: 'image', range: [0, null] } } },
        '$.outputs.x.range[1] must be a number',
      ],
      [
        { schema: 1, outputs: { x: { role: 'image', range: [1, 1] } } },
        '$.outputs.x.range must be two different',
      ],
      [{ schema: 1, classNames: ['a', 2] }, '$.classNames[1] must be a name'],
    ];
    for (const [json, words] of rows) expect(complaint(json)).toContain(words);
  });

  it('accepts a byte order mark, and drops what it does not know', () => {
    expect(parseSidecar('\uFEFF{"schema":1,"inputs":{"z":{"role":"latent","more":1}},"extra":[]}')).toEqual({
      schema: 1,
      inputs: { z: { role: 'latent' } },
    });
  });

  it('never throws anything else, however roles are mangled', () => {
    const names = ['latent', 'embedding', 'codes', 'image', 'class', 'constant', 'other'];
    const scrap = fc.oneof(fc.jsonValue(), fc.constantFrom('w+', 'NCHW', 'e.npy', -1, 0, 1));
    const role = fc.record(
      {
        role: fc.oneof(fc.constantFrom(...names), scrap),
        space: scrap,
        file: scrap,
        entries: scrap,
        layout: scrap,
        range: fc.oneof(fc.array(scrap, { maxLength: 3 }), scrap),
        size: fc.oneof(fc.record({ width: scrap, height: scrap }), scrap),
        value: scrap,
      },
      { requiredKeys: [] },
    );
    const roles = fc.dictionary(fc.string(), role, { maxKeys: 3 });
    fc.assert(
      fc.property(roles, roles, (inputs, outputs) => {
        complaint({ schema: 1, inputs, outputs });
      }),
      { numRuns: 1000 },
    );
  });

  it('never throws anything else', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.object().map((value) => JSON.stringify({ schema: 1, ...value })),
        ),
        (text) => {
          complaint(text);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('applySidecar', () => {
  const guesses = inferRoles(fixtureGraph('embedded.onnx'));

  it('confirms, and fills what is left open from the guess', () => {
    const { guesses: merged, warnings } = applySidecar(guesses, {
      schema: 1,
      inputs: { y: { role: 'class' } },
      outputs: { image: { role: 'image', range: [0, 1] } },
    });
    expect(warnings).toEqual([]);
    expect(merged.inputs.y).toMatchObject({
      role: { role: 'class', encoding: 'onehot', classes: 16 },
      certainty: 'confirmed',
    });
    expect(merged.outputs.image?.role).toEqual({ role: 'image', layout: 'NCHW', range: [0, 1] });
    expect(merged.inputs.z).toEqual(guesses.inputs.z);
    expect(needsAnswers(merged)).toBe(false);
    expect(merged.inputs.y?.options[0]).toEqual(merged.inputs.y?.role);
  });

  it('reports names that the model does not have', () => {
    const { warnings } = applySidecar(guesses, {
      schema: 1,
      inputs: { w: { role: 'latent' } },
      outputs: { rgb: { role: 'other' } },
    });
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toMatch(/input “w”/);
    expect(warnings[1]).toMatch(/output “rgb”/);
  });

  it('cannot make a class of an input without a number of classes', () => {
    const unknown = inferRoles(fixtureGraph('unknown.onnx'));
    expect(() =>
      applySidecar(unknown, { schema: 1, inputs: { b: { role: 'class', encoding: 'index' } } }),
    ).toThrow('$.inputs.b.classes');
  });

  it('keeps every role whole, and fills what is left open of the new ones', () => {
    const inputs: Record<string, InputRole> = {
      z: { role: 'latent' },
      ws: { role: 'latent', space: 'w+' },
      text: { role: 'embedding', file: 'prompts.npy' },
      blank: { role: 'embedding' },
      codes: { role: 'codes', entries: 512 },
      photo: { role: 'image', layout: 'NHWC', range: [0, 255] },
    };
    const output: ImageRole = {
      role: 'image',
      layout: 'NCHW',
      range: [-1, 1],
      size: { width: 64, height: 32 },
    };
    const sidecar = makeSidecar({ inputs, outputs: { y: output } });
    expect(parseSidecar(JSON.stringify(sidecar))).toEqual(sidecar);
    const guessed = {
      inputs: Object.fromEntries(
        Object.entries(inputs).map(([name, role]) => [
          name,
          { role, certainty: 'ask' as const, reason: '', options: [role] },
        ]),
      ),
      outputs: { y: { role: output, certainty: 'ask' as const, reason: '', options: [output] } },
    };
    const bare = Object.fromEntries(Object.entries(inputs).map(([name, { role }]) => [name, { role }]));
    const { guesses: filled } = applySidecar(guessed, {
      schema: 1,
      inputs: bare,
      outputs: { y: { role: 'image' } },
    });
    expect(rolesOf(filled)).toEqual({ inputs, outputs: { y: output } });
  });

  it('cannot make codes of an input without a number of entries', () => {
    const unknown = inferRoles(fixtureGraph('unknown.onnx'));
    expect(() => applySidecar(unknown, { schema: 1, inputs: { b: { role: 'codes' } } })).toThrow(
      '$.inputs.b.entries',
    );
  });

  it('brings back exactly what makeSidecar kept', () => {
    for (const file of ['label.onnx', 'embedded.onnx', 'noise-input.onnx', 'uint8.onnx', 'truncation.onnx']) {
      const before = inferRoles(fixtureGraph(file));
      const sidecar = makeSidecar(rolesOf(before), ['sea', 'forest']);
      const parsed = parseSidecar(JSON.stringify(sidecar));
      expect(parsed).toEqual(sidecar);
      expect(rolesOf(applySidecar(before, parsed).guesses)).toEqual(rolesOf(before));
    }
    expect(makeSidecar({ inputs: {}, outputs: {} })).toEqual({ schema: 1, inputs: {}, outputs: {} });
  });
});
