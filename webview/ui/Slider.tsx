import { Field } from './Field.tsx';

interface SliderProps {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  /** The value in words, shown beside the slider. */
  readonly text: string;
  readonly title?: string;
  readonly onInput: (value: number) => void;
  /** The person let go of it: what it does next is something else. */
  readonly onSettle?: () => void;
  readonly hideLabel?: boolean;
  readonly testId?: string;
}

/** The toolkit has no slider: a native range input in VS Code's colours. */
export function Slider(props: SliderProps) {
  const { label, value, min, max, step, text, title, onInput, onSettle, hideLabel = false, testId } = props;
  return (
    <Field label={label} hideLabel={hideLabel}>
      <input
        type="range"
        class="slider"
        aria-label={label}
        aria-valuetext={text}
        {...{ min, max, step, value, title }}
        data-testid={testId}
        onInput={(event) => onInput(event.currentTarget.valueAsNumber)}
        onChange={onSettle}
      />
      <output class="slider-value" aria-hidden="true">
        {text}
      </output>
    </Field>
  );
}
