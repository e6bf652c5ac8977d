import { useId } from 'preact/hooks';

export interface RadioChoice<V extends string> {
  readonly value: V;
  readonly label: string;
  /** One line on what this choice means. */
  readonly hint?: string;
}

interface RadioGroupProps<V extends string> {
  readonly label: string;
  readonly value: V;
  readonly choices: readonly RadioChoice<V>[];
  readonly onChange: (value: V) => void;
  readonly testId: string;
}

/** Native radios, since each choice carries an explanation that the toolkit's cannot hold. */
export function RadioGroup<V extends string>({
  label,
  value,
  choices,
  onChange,
  testId,
}: RadioGroupProps<V>) {
  const name = useId();
  return (
    <fieldset class="radios" data-testid={testId}>
      <legend>{label}</legend>
      {choices.map((choice) => (
        <label class="radio" key={choice.value}>
          <input
            type="radio"
            name={name}
            value={choice.value}
            checked={choice.value === value}
            onChange={() => onChange(choice.value)}
          />
          <span>
            {choice.label}
            {choice.hint && <small>{choice.hint}</small>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
