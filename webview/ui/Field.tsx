import type { ComponentChildren } from 'preact';

interface FieldProps {
  readonly label: string;
  readonly children: ComponentChildren;
  readonly stacked?: boolean;
  readonly hideLabel?: boolean;
}

/** A label with its control. The control carries the same words as its accessible name, so the label is not read twice. */
export function Field({ label, children, stacked = false, hideLabel = false }: FieldProps) {
  return (
    <div class={stacked ? 'field field-stacked' : 'field'}>
      {!hideLabel && (
        <span class="field-label" aria-hidden="true">
          {label}
        </span>
      )}
      {children}
    </div>
  );
}
