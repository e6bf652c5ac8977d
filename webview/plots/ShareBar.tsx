/** A small bar of a value on a scale from 0 that all rows share. */
export function ShareBar({ value, most }: { value: number; most: number }) {
  const share = most > 0 && value > 0 ? Math.min(1, value / most) : 0;
  return (
    <svg class="share-bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
      <rect class="bar-fill" width={100 * share} height="10" />
    </svg>
  );
}
