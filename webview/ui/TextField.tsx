import { Field } from './Field.tsx';

interface TextFieldProps {
  readonly label: string;
  readonly placeholder: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly onEnter?: () => void;
  /** What is wrong with the words as they are. */
  readonly complaint?: string | undefined;
  readonly testId: string;
}

/** Words that take effect as they are typed; Escape takes them away. */
export function TextField(props: TextFieldProps) {
  const { label, placeholder, value, onInput, onEnter, complaint, testId } = props;
  return (
    <Field label={label} hideLabel>
      <vscode-text-field
        class={complaint === undefined ? 'text-field' : 'text-field is-invalid'}
        aria-invalid={complaint === undefined ? 'false' : 'true'}
        title={complaint}
        value={value}
        aria-label={label}
        placeholder={placeholder}
        data-testid={testId}
        onInput={(event) => onInput((event.currentTarget as HTMLInputElement).value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') onEnter?.();
          if (event.key !== 'Escape' || value === '') return;
          event.stopPropagation();
          onInput('');
        }}
      />
      {complaint !== undefined && (
        <span class="field-complaint" role="alert">
          {complaint}
        </span>
      )}
    </Field>
  );
}
