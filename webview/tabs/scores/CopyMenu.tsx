import type { ScoreFormat } from '../../../src/shared/scores/scoring.ts';
import { useScores } from '../../app/context.ts';
import { t } from '../../strings.ts';
import { Menu } from '../../ui/Menu.tsx';

const FORMATS: readonly ScoreFormat[] = ['markdown', 'latex', 'csv', 'json'];

interface CopyMenuProps {
  readonly ids: readonly string[];
  /** What is copied, for who cannot see where the menu stands. */
  readonly name: string;
  readonly testId: string;
}

/** Runs as text for papers, issues and spreadsheets. */
export function CopyMenu({ ids, name, testId }: CopyMenuProps) {
  const scores = useScores();
  return (
    <Menu
      label={t('scores.copy')}
      name={name}
      icon="copy"
      testId={testId}
      items={FORMATS.map((format) => ({
        ...{ id: format, label: t(`scores.copy.${format}`) },
        run: () => void scores.copy(ids, format),
      }))}
    />
  );
}
