import { useUnits } from '../../../app/context.ts';
import { conceptWords } from '../../../model/conceptChoice.ts';
import { EFFECT_KINDS, type EffectKind } from '../../../model/effectQuestion.ts';
import { counted, duration } from '../../../model/format.ts';
import { t } from '../../../strings.ts';
import { Button } from '../../../ui/Button.tsx';

/** Three questions, each with the button that has it answered, and how long that takes. */
export function Questions() {
  return (
    <ul class="effects-questions">
      {EFFECT_KINDS.map((kind) => (
        <Question key={kind} kind={kind} />
      ))}
    </ul>
  );
}

function Question({ kind }: { kind: EffectKind }) {
  const { effects, concepts } = useUnits();
  const asked = effects.asked(kind);
  const concept = conceptWords(concepts.value, effects.concept.value) || t('effects.theConcept');
  const whyNot = 'whyNot' in asked ? t(asked.whyNot, rankOf(effects.view.value.rank)) : undefined;
  const time = 'question' in asked ? effects.expected(asked.question) : null;
  const samples = 'question' in asked ? asked.question.settings.samples : null;
  return (
    <li class="effects-question" data-testid={`effects-ask-${kind}`}>
      <h3>{t(`effects.ask.${kind}`)}</h3>
      <p class="quiet">{t(`effects.ask.${kind}Hint`, { concept, count: effects.view.value.count })}</p>
      <div class="effects-go">
        <Button
          kind={kind === 'effect' ? 'primary' : 'secondary'}
          testId={`effects-go-${kind}`}
          off={whyNot !== undefined}
          title={whyNot}
          onClick={() => void effects.start(kind)}
        >
          {t(`effects.go.${kind}`)}
        </Button>
        <span class="quiet" title={time === null ? undefined : t('effects.aboutHint')}>
          {whyNot ??
            [
              samples === null ? '' : t('effects.onSamples', { count: counted(samples) }),
              time === null ? '' : t('effects.about', { time: duration(time) }),
            ]
              .filter((part) => part !== '')
              .join(' · ')}
        </span>
      </div>
    </li>
  );
}

function rankOf(rank: 'iou' | 'effect' | 'greedy') {
  return { rank: t(`effects.rank.${rank}`).toLowerCase() };
}
