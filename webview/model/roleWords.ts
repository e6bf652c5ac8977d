/** Roles in a person's words, and the answers of the roles form as `Roles`. Pure. */
import type {
  InputDescription,
  ModelDescription,
  OutputDescription,
} from '../../src/shared/generator/model.ts';
import type { InputRole, OutputRole, Roles } from '../../src/shared/generator/roles.ts';
import { t } from '../strings.ts';
import { signed } from './format.ts';

type Role = InputRole | OutputRole;

export function roleWord(role: Role): string {
  switch (role.role) {
    case 'latent':
      return t(role.space && role.space !== 'z' ? `role.latent.${role.space}` : 'role.latent');
    case 'embedding':
      return role.file ? t('role.embeddingFile', { file: role.file }) : t('role.embedding');
    case 'codes':
      return t('role.codes', { last: role.entries - 1 });
    case 'class':
      return role.encoding === 'onehot'
        ? t('role.class.onehot', { classes: role.classes })
        : t('role.class.index', { last: role.classes - 1 });
    case 'labelMap':
      return t('role.labelMap', { last: role.classes - 1 });
    case 'mask':
      return t('role.mask', { low: signed(role.range[0]), high: signed(role.range[1]) });
    case 'constant':
      return t('role.constant', { value: signed(role.value) });
    case 'image':
      return t('role.image', {
        layout: t(`role.image.${role.layout}`),
        low: signed(role.range[0]),
        high: signed(role.range[1]),
      });
    default:
      return t(`role.${role.role}`);
  }
}

/** Longer, for the form's choices. */
export function roleSentence(role: Role): string {
  switch (role.role) {
    case 'latent':
      return t(role.space && role.space !== 'z' ? `role.latent.${role.space}Long` : 'role.latentLong');
    case 'codes':
      return t('role.codesLong', { last: role.entries - 1 });
    case 'embedding':
    case 'truncation':
    case 'noise':
    case 'other':
      return t(`role.${role.role}Long`);
    default:
      return roleWord(role);
  }
}

/** The index of the chosen option for each input and output, by name. */
export interface Choices {
  readonly inputs: Readonly<Record<string, number>>;
  readonly outputs: Readonly<Record<string, number>>;
  /** Files with the rows of embeddings, by input. */
  readonly files: Readonly<Record<string, string>>;
}

export function firstChoices(model: ModelDescription): Choices {
  const files: Record<string, string> = {};
  for (const { name, guess } of model.inputs)
    if (guess.role.role === 'embedding' && guess.role.file) files[name] = guess.role.file;
  return { inputs: zeros(model.inputs), outputs: zeros(model.outputs), files };
}

export function answers(model: ModelDescription, choices: Choices): Roles {
  const inputs: Record<string, InputRole> = {};
  for (const { name, guess } of model.inputs) {
    inputs[name] = withFile(chosen(guess, choices.inputs[name]), choices.files[name]);
  }
  const outputs: Record<string, OutputRole> = {};
  for (const output of model.outputs)
    outputs[output.name] = chosen(output.guess, choices.outputs[output.name]);
  return { inputs, outputs };
}

function withFile(role: InputRole, file: string | undefined): InputRole {
  if (role.role !== 'embedding') return role;
  return file === undefined ? { role: 'embedding' } : { role: 'embedding', file };
}

/** The options of a form row; a guess without options can only be itself. */
export function optionsOf<R>(guess: { readonly role: R; readonly options: readonly R[] }): readonly R[] {
  return guess.options.length > 0 ? guess.options : [guess.role];
}

function chosen<R>(guess: { readonly role: R; readonly options: readonly R[] }, index = 0): R {
  return optionsOf(guess)[index] ?? guess.role;
}

function zeros(list: readonly (InputDescription | OutputDescription)[]): Record<string, number> {
  return Object.fromEntries(list.map(({ name }) => [name, 0]));
}

export function sidecarName(file: string): string {
  const base = file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
  return `${base.replace(/\.onnx$/i, '')}.genscope.json`;
}
