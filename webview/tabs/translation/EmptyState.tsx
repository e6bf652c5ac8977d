import type { ImageInputDescription } from '../../../src/shared/generator/model.ts';
import { useModel, useSession, useTranslation } from '../../app/context.ts';
import { wayWords } from '../../model/translationModel.ts';
import { t } from '../../strings.ts';
import { Button } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';

/** Nothing to translate yet: what this is for, what it takes, and the button that starts it. */
export function EmptyState({ label }: { label: string | undefined }) {
  const translation = useTranslation();
  const { imageInput } = useModel();
  const nothing = label !== undefined;
  return (
    <div class="page-centred">
      <section class="empty" data-testid="translation-empty">
        <Icon name="pictures" />
        <h2>{nothing ? t('translation.empty.none', { label }) : t('translation.empty.title')}</h2>
        {nothing ? <p>{t('translation.empty.formats')}</p> : <Explanation />}
        {imageInput !== null && translation.state.value.way === 'forth' && (
          <p class="quiet">{sizeWords(imageInput)}</p>
        )}
        <div class="buttons">
          <Button
            kind="primary"
            icon="folder"
            testId="choose-folder"
            onClick={() => void translation.choose('folder')}
          >
            {t('translation.folder')}
          </Button>
          <Button testId="choose-files" onClick={() => void translation.choose('files')}>
            {t('translation.files')}
          </Button>
        </div>
      </section>
    </div>
  );
}

function Explanation() {
  const session = useSession();
  const { state, setup } = session.translation;
  const file = session.init.value?.fileName ?? '';
  const second = setup.value?.second;
  if (state.value.way === 'back' && second) {
    const way = wayWords(file, second, 'back');
    return <p>{t('translation.empty.explainBack', { way, file: second })}</p>;
  }
  return <p>{t('translation.empty.explain', { file })}</p>;
}

function sizeWords({ size, multiple }: ImageInputDescription): string {
  if (size !== null) return t('translation.empty.fixed', { size: `${size.width}×${size.height}` });
  return multiple > 1 ? t('translation.empty.anyMultiple', { multiple }) : t('translation.empty.any');
}
