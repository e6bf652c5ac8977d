import { useState } from 'preact/hooks';
import type { InputDescription, OutputDescription } from '../../src/shared/generator/model.ts';
import type { InputRole, OutputRole } from '../../src/shared/generator/roles.ts';
import type { NextStep } from '../../src/shared/kernel/errors.ts';
import { shape } from '../model/format.ts';
import {
  answers,
  type Choices,
  firstChoices,
  optionsOf,
  roleSentence,
  sidecarName,
} from '../model/roleWords.ts';
import { t } from '../strings.ts';
import { Button, LinkButton } from '../ui/Button.tsx';
import { Dropdown } from '../ui/Dropdown.tsx';
import { Message } from '../ui/Message.tsx';
import { Banners } from './Banners.tsx';
import { useModel, useSession } from './context.ts';
import { NextSteps } from './NextSteps.tsx';

/** What the form itself is for. */
const HERE: readonly NextStep[] = ['answerRoles', 'retry'];

/** Asks what the inputs and outputs mean where the graph does not say; the best guess is chosen already. */
export function RolesForm() {
  const session = useSession();
  const model = useModel();
  const [choices, setChoices] = useState(firstChoices(model));
  const init = session.init.value;
  const busy = session.answering.value;
  const sidecar = init?.sidecarName ?? sidecarName(init?.fileName ?? '');
  return (
    <main class="page page-scroll">
      <Banners />
      <form class="roles" data-testid="roles-form" onSubmit={(event) => event.preventDefault()}>
        <h1>{t('roles.title')}</h1>
        <p>{t('roles.explain', { file: init?.fileName ?? '' })}</p>
        {model.inputs.map((input) => (
          <RoleRow
            key={input.name}
            kind={t('roles.input')}
            tensor={input}
            chosen={choices.inputs[input.name] ?? 0}
            file={choices.files[input.name]}
            onFile={(file) => setChoices((now) => withFile(now, input.name, file))}
            onChoose={(index) =>
              setChoices({ ...choices, inputs: { ...choices.inputs, [input.name]: index } })
            }
          />
        ))}
        {model.outputs.map((output) => (
          <RoleRow
            key={output.name}
            kind={t('roles.output')}
            tensor={output}
            chosen={choices.outputs[output.name] ?? 0}
            onChoose={(index) =>
              setChoices({ ...choices, outputs: { ...choices.outputs, [output.name]: index } })
            }
          />
        ))}
        <p class="quiet">{t('roles.kept', { sidecar })}</p>
        <RolesError />
        <div class="buttons">
          <Button
            kind="primary"
            testId="use-roles"
            off={busy}
            title={busy ? t('roles.trying') : undefined}
            onClick={() => void session.answerRoles(answers(model, choices))}
          >
            {t('roles.use')}
          </Button>
          {(!model.needsAnswers || model.refusal !== null) && (
            <Button testId="cancel-roles" onClick={() => session.leaveRoles()}>
              {t('roles.cancel')}
            </Button>
          )}
        </div>
      </form>
    </main>
  );
}

/** Why the answers do not hold; the choices stay, to be changed. */
function RolesError() {
  const error = useSession().rolesError.value;
  if (error === null) return null;
  return (
    <Message
      kind="error"
      text={error.message}
      advice={error.advice}
      detail={error.detail}
      detailLabel={t('error.details')}
      testId="roles-error"
      actions={<NextSteps error={error} without={HERE} quiet />}
    />
  );
}

interface RoleRowProps {
  readonly kind: string;
  readonly tensor: InputDescription | OutputDescription;
  readonly chosen: number;
  readonly onChoose: (index: number) => void;
  /** The rows of an embedding. */
  readonly file?: string | undefined;
  readonly onFile?: (file: string | undefined) => void;
}

function RoleRow({ kind, tensor, chosen, onChoose, file, onFile }: RoleRowProps) {
  const options: readonly (InputRole | OutputRole)[] = optionsOf<InputRole | OutputRole>(tensor.guess);
  const asked = tensor.guess.certainty === 'ask';
  return (
    <section class={asked ? 'role-row is-asked' : 'role-row'} data-testid={`role-${tensor.name}`}>
      <div class="tensor-head">
        <span class="quiet">{kind}</span>
        <code>{tensor.name}</code>
        <span class="quiet">
          {tensor.dtype} [{shape(tensor.shape)}]
        </span>
        <span class={`certainty certainty-${tensor.guess.certainty}`}>
          {t(`certainty.${tensor.guess.certainty}`)}
        </span>
      </div>
      {options.length > 1 ? (
        <Dropdown
          label={`${t('roles.isA')} (${tensor.name})`}
          hideLabel
          value={chosen}
          choices={options.map((role, value) => ({ value, label: roleSentence(role) }))}
          onChange={onChoose}
          testId={`role-choice-${tensor.name}`}
        />
      ) : (
        <p>{options[0] && roleSentence(options[0])}</p>
      )}
      {onFile && options[chosen]?.role === 'embedding' && (
        <EmbeddingFile input={tensor.name} file={file} onFile={onFile} />
      )}
      <p class="quiet">{tensor.guess.reason}</p>
    </section>
  );
}

interface EmbeddingFileProps {
  readonly input: string;
  readonly file: string | undefined;
  readonly onFile: (file: string | undefined) => void;
}

/** Where the numbers come from that another network has made. */
function EmbeddingFile({ input, file, onFile }: EmbeddingFileProps) {
  const session = useSession();
  const choose = () =>
    session.tried(async () => {
      const { file: chosen } = await session.bridge.request('chooseEmbedding', { input });
      if (chosen !== null) onFile(chosen);
    });
  return (
    <div class="embedding-file" data-testid={`embedding-${input}`}>
      <Button testId={`choose-npy-${input}`} onClick={() => void choose()}>
        {t(file === undefined ? 'roles.npy' : 'roles.npyAnother')}
      </Button>
      {file === undefined ? (
        <span class="quiet">{t('roles.npyNone')}</span>
      ) : (
        <>
          <code>{file}</code>
          <span class="quiet">{t('roles.npyRows')}</span>
          <LinkButton onClick={() => onFile(undefined)}>{t('roles.npyAway')}</LinkButton>
        </>
      )}
    </div>
  );
}

function withFile(choices: Choices, input: string, file: string | undefined): Choices {
  const { [input]: _, ...others } = choices.files;
  return { ...choices, files: file === undefined ? others : { ...others, [input]: file } };
}
