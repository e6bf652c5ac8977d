import { Icon } from './Icon.tsx';

interface ChipProps {
  readonly label: string;
  /** What its × does. */
  readonly away: string;
  readonly onAway: () => void;
  readonly testId: string;
}

/** Something that narrows what is on show, and the way back. */
export function Chip({ label, away, onAway, testId }: ChipProps) {
  return (
    <span class="chip" data-testid={testId}>
      {label}
      <button type="button" class="chip-away" title={away} aria-label={away} onClick={onAway}>
        <Icon name="close" />
      </button>
    </span>
  );
}
