import type { RecentPart } from '../../../src/shared/scores/scoring.ts';
import { useScores } from '../../app/context.ts';
import { extractorFacts, referenceFacts } from '../../model/scoreParts.ts';
import { t } from '../../strings.ts';
import { Menu, type MenuItem } from '../../ui/Menu.tsx';

/** The two things that pictures are measured with, each with what it is. */
export function Parts() {
  return (
    <div class="scores-parts">
      <ReferenceMenu />
      <ExtractorMenu />
    </div>
  );
}

export function ReferenceMenu({ strong = false }: { strong?: boolean }) {
  const { form } = useScores();
  const setup = form.setup.value;
  const reference = setup?.reference ?? null;
  const choose = (from: 'demo' | 'folder' | 'file' | 'model' | 'none') => ({
    id: from,
    label: t(`scores.reference.${from}`),
    run: () => void form.choose({ part: 'reference', from }),
  });
  return (
    <Part
      part="reference"
      label={reference?.label ?? t(strong ? 'scores.extractorNone' : 'scores.referenceNone')}
      place={reference?.place}
      facts={reference?.description ? referenceFacts(reference.description) : []}
      problem={reference?.problem ?? null}
      items={[
        ...(setup?.isDemo ? [choose('demo')] : []),
        ...(['folder', 'file', 'model'] as const).map(choose),
        ...(reference === null ? [] : [choose('none')]),
        ...recentItems(setup?.recent.references ?? [], (recent) =>
          form.choose({ part: 'reference', from: 'recent', recent }),
        ),
      ]}
    />
  );
}

export function ExtractorMenu() {
  const { form } = useScores();
  const setup = form.setup.value;
  const extractor = setup?.extractor ?? null;
  const choose = (from: 'demo' | 'inception' | 'folder' | 'file') => ({
    id: from,
    label: t(
      from === 'inception' && !setup?.inceptionReady
        ? 'scores.extractor.inceptionSetUp'
        : `scores.extractor.${from}`,
    ),
    run: () => void form.choose({ part: 'extractor', from }),
  });
  return (
    <Part
      part="extractor"
      label={extractor?.label ?? t('scores.extractorNone')}
      place={extractor?.place}
      facts={extractor?.description ? extractorFacts(extractor.description) : []}
      problem={extractor?.problem ?? null}
      items={[
        ...(setup?.isDemo ? [choose('demo')] : []),
        ...(['inception', 'folder', 'file'] as const).map(choose),
        ...recentItems(setup?.recent.extractors ?? [], (recent) =>
          form.choose({ part: 'extractor', from: 'recent', recent }),
        ),
      ]}
    />
  );
}

interface PartProps {
  readonly part: 'extractor' | 'reference';
  readonly label: string;
  readonly place: string | undefined;
  readonly facts: readonly string[];
  readonly problem: string | null;
  readonly items: readonly MenuItem[];
}

function Part({ part, label, place, facts, problem, items }: PartProps) {
  const { form } = useScores();
  const shown = form.choosing.value === part ? t('scores.choosing') : label;
  return (
    <div class="scores-part" data-testid={`scores-${part}-part`}>
      <span class="field-label" aria-hidden="true">
        {t(`scores.${part}`)}
      </span>
      <Menu
        label={shown}
        name={t('scores.pick', { part: t(`scores.${part}`), label: shown })}
        testId={`scores-${part}`}
        items={items}
      />
      {facts.length > 0 && (
        <p class="quiet scores-facts" title={place}>
          {facts.join(', ')}
        </p>
      )}
      {problem !== null && (
        <p class="scores-problem" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}

function recentItems(
  recent: readonly RecentPart[],
  choose: (id: string) => Promise<void>,
): readonly MenuItem[] {
  return recent.map(({ id, label, place }, i) => ({
    ...{ id: `recent-${i}`, label: t('scores.recent', { label, place }) },
    ...{ run: () => void choose(id), separated: i === 0 },
  }));
}
