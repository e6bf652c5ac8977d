import type { ScoreRecord } from '../../../src/shared/scores/scoring.ts';
import { useScores } from '../../app/context.ts';
import { counted } from '../../model/format.ts';
import { editNames, whenText } from '../../model/scoreHistory.ts';
import { scoreProvenance } from '../../model/scoreProvenance.ts';
import { t } from '../../strings.ts';
import { CopyMenu } from './CopyMenu.tsx';
import { DifferenceTable } from './DifferenceTable.tsx';
import { ScoreTable } from './ScoreTable.tsx';

/** The values of the run on show; while one is under way, those that it has so far. */
export function ScoreResult() {
  const scores = useScores();
  const partial = scores.partial.value;
  const record = scores.shown.value;
  const extractor = scores.form.setup.value?.extractor?.description;
  if (partial.length > 0)
    return (
      <section class="scores-result" aria-label={t('scores.partial')} data-testid="scores-partial">
        <h2>{t('scores.partial')}</h2>
        <ScoreTable values={partial} classNames={extractor?.classNames ?? []} />
      </section>
    );
  if (record !== null) return <Run record={record} />;
  if (!scores.loaded.value || scores.running.value !== null) return null;
  return (
    <p class="quiet scores-nothing" data-testid="scores-nothing">
      {t(scores.history.value.length > 0 ? 'scores.nothingHere' : 'scores.nothing')}
    </p>
  );
}

function Run({ record }: { record: ScoreRecord }) {
  const scores = useScores();
  const { run } = record;
  const { edited } = run;
  const { classNames } = run.extractor;
  return (
    <article class="scores-result" aria-label={t('scores.result')} data-testid="scores-result">
      <div class="section-head">
        <h2 class="scores-title">
          {run.model.file} <span class="quiet">{whenText(run.made.date)}</span>
        </h2>
        <CopyMenu ids={[record.id]} name={t('scores.copy.run')} testId="scores-copy" />
      </div>
      {!scores.isOfThisFile(record) && (
        <p class="scores-other" data-testid="scores-other-file">
          {t('scores.otherFile')}
        </p>
      )}
      {edited === null ? (
        <ScoreTable values={run.scores} classNames={classNames} />
      ) : (
        <>
          <p>
            {t('scores.editedBy', {
              names: editNames(edited.edits),
              count: counted(run.settings.samples),
            })}
          </p>
          <DifferenceTable after={run.scores} {...{ edited, classNames }} />
        </>
      )}
      <footer class="effects-made quiet" data-testid="scores-made">
        <p>{scoreProvenance(run)}</p>
        {run.warnings.map((warning) => (
          <p key={warning}>{warning}</p>
        ))}
      </footer>
    </article>
  );
}
