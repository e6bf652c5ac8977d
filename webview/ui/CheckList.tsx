import { useId } from 'preact/hooks';

export interface CheckItem {
  readonly id: string;
  readonly label: string;
  readonly checked: boolean;
  /** Why it cannot be chosen now. It stays in the tab order, so that this can be read. */
  readonly off?: string | undefined;
  /** What it is, for whoever cannot see the line that shows it. */
  readonly about: string;
}

interface CheckListProps {
  readonly label: string;
  readonly items: readonly CheckItem[];
  readonly onToggle: (id: string) => void;
  /** Told which one the pointer or the focus is on; null: none. */
  readonly onLook: (id: string | null) => void;
  readonly testId: string;
}

/** Several of a few, all in sight: native checkboxes, each with an explanation that shows elsewhere. */
export function CheckList({ label, items, onToggle, onLook, testId }: CheckListProps) {
  const own = useId();
  return (
    <fieldset class="checks" data-testid={testId} onPointerLeave={() => onLook(null)}>
      <legend class="field-label">{label}</legend>
      {items.map(({ id, label: words, checked, off, about }) => (
        <label
          key={id}
          class={off === undefined ? 'check' : 'check is-off'}
          title={off}
          onPointerEnter={() => onLook(id)}
        >
          <input
            type="checkbox"
            checked={checked && off === undefined}
            aria-disabled={off !== undefined}
            aria-describedby={`${own}-${id}`}
            data-testid={`${testId}-${id}`}
            onFocus={() => onLook(id)}
            onBlur={() => onLook(null)}
            onClick={(event) => {
              if (off !== undefined) event.preventDefault();
            }}
            onChange={() => onToggle(id)}
          />
          <span>{words}</span>
          <span class="visually-hidden" id={`${own}-${id}`}>
            {off ?? about}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
