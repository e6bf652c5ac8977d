import { useEffect } from 'preact/hooks';
import type { EditTarget } from '../../../../src/shared/edits/interventions.ts';
import { useEdits, useModel, useSamples, useSession } from '../../../app/context.ts';
import { editName } from '../../../model/fileNames.ts';
import { columnsFor } from '../../../model/layout.ts';
import { gridPlan } from '../../../model/samplesModel.ts';
import { t } from '../../../strings.ts';
import { Menu, type MenuItem } from '../../../ui/Menu.tsx';
import { NameField } from '../../../ui/NameField.tsx';

/** Stacks of this workspace, and of files. */
export function KeptMenu({ onKeep }: { readonly onKeep: () => void }) {
  const { editFiles } = useSession();
  const edits = useEdits();
  const model = useModel();
  useEffect(() => {
    void editFiles.load();
  }, [editFiles]);
  const stack = edits.edits.value;
  const none = stack.length === 0 ? t('edits.none') : undefined;
  const kept = editFiles.kept.value;
  const name = edits.name.value;
  const own = name !== null && kept.some((file) => file.name === name) ? name : null;
  const items: MenuItem[] = [
    { id: 'keep', label: t('edits.keepHere'), off: none, run: onKeep },
    ...kept.map((file, i) => ({
      ...{ id: `open-${i}`, label: t('edits.openNamed', { name: file.name }), separated: i === 0 },
      run: () => edits.open(file),
    })),
    ...(own === null
      ? []
      : [{ id: 'forget', label: t('edits.forget', { name: own }), run: () => void editFiles.forget(own) }]),
    { id: 'open-file', label: t('edits.openFile'), separated: true, run: () => void editFiles.openFile() },
    {
      ...{ id: 'save-file', label: t('edits.saveFile'), off: none },
      run: () => {
        const file = { schema: 1, name: name ?? editName(model, stack), edits: stack } as const;
        void editFiles.save({ what: 'json', file });
      },
    },
    { id: 'clear', label: t('edits.clear'), off: none, separated: true, run: () => edits.clear() },
  ];
  return (
    <Menu label={t('edits.keepMenu')} name={t('edits.keepMenuName')} items={items} testId="edits-kept" />
  );
}

/** The name under which the stack is kept. */
export function KeepAs({ onDone }: { readonly onDone: () => void }) {
  const { editFiles } = useSession();
  const edits = useEdits();
  return (
    <div class="keep-as">
      <span class="field-label" aria-hidden="true">
        {t('edits.keepAs')}
      </span>
      <NameField
        label={t('edits.keepAs')}
        value={edits.name.peek() ?? edits.edits.peek()[0]?.name ?? ''}
        placeholder={t('edits.keepHint')}
        onCommit={(name) => {
          onDone();
          void editFiles.keep(name);
        }}
        onCancel={onDone}
        testId="keep-as"
      />
    </div>
  );
}

/** What the edits make: a model, pictures, code. */
export function ExportMenu() {
  const { editFiles } = useSession();
  const edits = useEdits();
  const samples = useSamples();
  const model = useModel();
  const stack = edits.edits.value;
  const none = stack.length === 0 ? t('edits.none') : undefined;
  const focused = edits.focused.value;
  const name = editName(model, stack);
  const plan = () => gridPlan(samples.state.peek());
  const save = (target: EditTarget) => () => void editFiles.save(target);
  const sweep = (format: 'gif' | 'webp') => () => {
    if (focused === null) return;
    const side = samples.cell.peek();
    const area = samples.area.peek() ?? { width: side, height: side };
    const columns = columnsFor(area, { width: side, height: side }, samples.state.peek().count);
    const swept = [focused];
    void editFiles.save({
      what: 'sweep',
      edits: stack,
      plan: plan(),
      swept,
      from: 0,
      to: 1,
      columns,
      format,
      name,
    });
  };
  const sweepOff = none ?? (focused === null ? t('edits.sweepNone') : undefined);
  const items: MenuItem[] = [
    { id: 'onnx', label: t('edits.exportOnnx'), off: none, run: save({ what: 'onnx', edits: stack, name }) },
    {
      ...{ id: 'pairs', label: t('edits.exportPairs'), off: none },
      run: () => save({ what: 'pairs', edits: stack, plan: plan(), name })(),
    },
    { id: 'gif', label: t('edits.exportGif'), off: sweepOff, run: sweep('gif') },
    { id: 'webp', label: t('edits.exportWebp'), off: sweepOff, run: sweep('webp') },
    {
      ...{ id: 'code', label: t('edits.exportCode'), off: none, separated: true },
      run: () => void editFiles.copyCode(plan(), stack),
    },
  ];
  return <Menu label={t('edits.export')} name={t('edits.exportName')} items={items} testId="edits-export" />;
}
