import { useUnits } from '../../app/context.ts';
import { percent, plural } from '../../model/format.ts';
import { conceptColour, css } from '../../model/overlays.ts';
import { type ConceptBar, conceptBars } from '../../model/unitsModel.ts';
import { BarList } from '../../plots/BarList.tsx';
import { finishedOf } from '../../stores/units.ts';
import { t } from '../../strings.ts';
import { Menu } from '../../ui/Menu.tsx';

/** How many units of the layer stand for each concept; a bar filters the table. */
export function Concepts() {
  const units = useUnits();
  if (units.dissected.value === null) return null;
  const shares = finishedOf(units)?.conceptShare ?? [];
  const bars = conceptBars(units.rows.value, units.concepts.value, shares);
  const concept = units.concept.value;
  return (
    <section class="units-section" aria-label={t('concepts.title')} data-testid="concepts">
      <div class="section-head">
        <h2 title={t('concepts.hint')}>{t('concepts.title')}</h2>
        <ConceptMenu />
      </div>
      {bars.length === 0 ? (
        <p class="quiet">{t('concepts.none')}</p>
      ) : (
        <>
          <BarList
            label={t('concepts.label')}
            testId="concept-bars"
            bars={bars.map((bar) => ({
              id: String(bar.concept),
              label: bar.name,
              value: bar.units,
              text: String(bar.units),
              title: wordsOf(bar, shares.length > 0),
              selected: concept.includes(bar.concept),
              swatch: css(conceptColour(bar.concept)),
            }))}
            several
            onPick={(id, joins) => units.pick(Number(id), joins)}
          />
          <ConceptTable bars={bars} />
        </>
      )}
    </section>
  );
}

/** Every concept of the segmenter, also those that no unit stands for: a door is part of a house all the same. */
function ConceptMenu() {
  const units = useUnits();
  const chosen = units.concept.value;
  const concept = units.conceptName.value;
  const first = chosen.length === 0;
  return (
    <Menu
      label={t(first ? 'concepts.pick' : 'concepts.join')}
      name={first ? t('concepts.pickName') : t('concepts.joinName', { concept })}
      testId="concept-menu"
      items={units.concepts.value.map((name, i) => ({
        ...{ id: String(i), label: name, run: () => units.pick(i, true) },
        off: chosen.includes(i) ? t('concepts.joined') : undefined,
      }))}
    />
  );
}

function ConceptTable({ bars }: { bars: readonly ConceptBar[] }) {
  return (
    <details data-testid="concept-table">
      <summary>{t('concepts.table')}</summary>
      <div class="table-scroll">
        <table class="layer-table">
          <thead>
            <tr>
              <th scope="col">{t('units.column.concept')}</th>
              <th scope="col">{t('concepts.column.units')}</th>
              <th scope="col">{t('concepts.column.share')}</th>
            </tr>
          </thead>
          <tbody>
            {bars.map(({ concept, name, units, share }) => (
              <tr key={concept}>
                <th scope="row">{name}</th>
                <td>{units}</td>
                <td>{percent(share)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function wordsOf({ name, units, share }: ConceptBar, known: boolean): string {
  const counted = plural('units.status', units);
  return known
    ? t('concepts.bar', { concept: name, units: counted, share: percent(share) })
    : `${name}: ${counted}`;
}
