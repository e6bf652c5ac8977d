import { useSession, useTranslation } from '../../app/context.ts';
import { Stage } from '../shared/Stage.tsx';
import { Controls } from './Controls.tsx';
import { CycleBar } from './CycleBar.tsx';
import { EmptyState } from './EmptyState.tsx';
import { LargeRow } from './LargeRow.tsx';
import { Rows } from './Rows.tsx';
import { SkippedDrawer } from './SkippedDrawer.tsx';
import { StatusLine } from './StatusLine.tsx';

/** The Samples tab of a model that makes images of images: pictures of a person's own, and what becomes of them. */
export function TranslationTab() {
  const { drawer } = useSession();
  const translation = useTranslation();
  const setup = translation.setup.value;
  const chosen = setup?.inputs[translation.state.value.way] ?? null;
  const large = translation.opened.value !== null;
  const started = setup !== null && (chosen !== null || setup.second !== null);
  return (
    <>
      {started && <Controls />}
      {started && setup.second !== null && <CycleBar />}
      <Stage work={translation} view={large ? 'single' : 'grid'}>
        {setup !== null && (chosen === null || chosen.pictures === 0) && <EmptyState label={chosen?.label} />}
        {chosen !== null && chosen.pictures > 0 && (large ? <LargeRow /> : <Rows />)}
      </Stage>
      <StatusLine />
      {drawer.value === 'skipped' && <SkippedDrawer />}
    </>
  );
}
