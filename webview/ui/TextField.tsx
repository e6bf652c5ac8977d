import { Field } from './Field.tsx';

interface TextFieldProps {
  readonly label: string;
  readonly placeholder: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly testId: string;
}

/** Words that take effect as they are typed; Escape takes them away. */
export function TextField({ label, placeholder, value, onInput, testId }: TextFieldProps) {
  return (
    <Field label={label} hideLabel>
      <vscode-text-field
        class="text-field"
        value={value}
        aria-label={label}
        placeholder={placeholder}
        data-testid={testId}
        onInput={(event) => onInput((event.currentTarget as HTMLInputElement).value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || value === '') return;
          event.stopPropagation();
          onInput('');
        }}
      />
    </Field>
  );
}
