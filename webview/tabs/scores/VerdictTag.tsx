import type { Verdict } from '../../model/scoreCompare.ts';
import { t } from '../../strings.ts';
import { Icon, type IconName } from '../../ui/Icon.tsx';

const ICONS: Readonly<Record<Verdict, IconName>> = {
  better: 'check',
  worse: 'close',
  higher: 'sortUp',
  lower: 'sortDown',
};

/** What disjoint intervals say, as a word and a shape: a colour alone would not do. */
export function VerdictTag({ verdict }: { verdict: Verdict }) {
  return (
    <span class={`verdict verdict-${verdict}`}>
      <Icon name={ICONS[verdict]} />
      {t(`scores.verdict.${verdict}`)}
    </span>
  );
}
