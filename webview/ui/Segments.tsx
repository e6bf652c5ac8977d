import { useId } from 'preact/hooks';

interface SegmentsProps<V extends string> {
  readonly label: string;
  readonly value: V;
  readonly choices: readonly { readonly value: V; readonly label: string; readonly title: string }[];
  readonly onChange: (value: V) => void;
  readonly testId: string;
}

/** A choice of a few, all in sight: native radios drawn as one row of buttons. */
export function Segments<V extends string>({ label, value, choices, onChange, testId }: SegmentsProps<V>) {
  const name = useId();
  return (
    <fieldset class="segments" aria-label={label} data-testid={testId}>
      {choices.map((choice) => (
        <label class="segment" key={choice.value} title={choice.title}>
          <input
            type="radio"
            class="visually-hidden"
            name={name}
            value={choice.value}
            checked={choice.value === value}
            aria-label={`${choice.label}: ${choice.title}`}
            onChange={() => onChange(choice.value)}
          />
          <span aria-hidden="true">{choice.label}</span>
        </label>
      ))}
    </fieldset>
  );
}
