import { useEffect, useRef, useState } from 'preact/hooks';
import type { Family } from './families.js';
import { type ChartProps, FamilyChart } from './family-chart.js';
import { holdsTimestamps, InfoTable, labelsOf, States, Timestamps } from './family-tables.js';
import { formatValue, shortened } from './numbers.js';
import { budgetUsed } from './rates.js';

interface CardProps extends ChartProps {
  readonly onLabel: (label: string, value: string) => void;
}

/** Maximum number of buttons per label, and of characters on one. */
const MAX_VALUES = 8;
const MAX_VALUE_LENGTH = 40;

/** The card of a family: metadata, chart, labels, methods and objectives. */
export function FamilyCard(props: CardProps) {
  const { family, rows, store, onLabel } = props;
  const { head } = family;
  const host = useRef<HTMLElement>(null);
  const isVisible = useVisibility(host);
  return (
    <article class="card" ref={host} aria-label={head.name}>
      <header>
        <h3>{head.name}</h3>
        <span class="type">{head.type}</span>
        {head.unit !== '' && <span class="type">{head.unit}</span>}
      </header>
      <p class="help" title={head.help}>
        {head.help}
      </p>
      {isVisible && <CardBody {...props} />}
      <Labels family={family} rows={rows} onLabel={onLabel} />
      {head.methods.length > 0 && (
        <p class="methods">
          On{' '}
          {head.methods.slice(0, 12).map(({ decorator, class: owner, method }) => (
            <code key={`${decorator} ${owner} ${method}`}>
              @{decorator} {owner === '' ? method : `${owner}.${method}`}
            </code>
          ))}
          {head.methods.length > 12 && ` and ${head.methods.length - 12} more`}
        </p>
      )}
      <Objectives family={family} sample={props.sample} times={store.times.length} />
    </article>
  );
}

function CardBody({ store, family, rows, seconds, sample }: CardProps) {
  const { type } = family.head;
  if (type === 'info') return <InfoTable family={family} rows={rows} />;
  if (type === 'stateset')
    return <States store={store} family={family} rows={rows} seconds={seconds} sample={sample} />;
  if (holdsTimestamps(family, rows)) return <Timestamps family={family} rows={rows} />;
  return <FamilyChart store={store} family={family} rows={rows} seconds={seconds} sample={sample} />;
}

/** The values of each label, as buttons that filter by a value. */
function Labels({ family, rows, onLabel }: Pick<CardProps, 'family' | 'rows' | 'onLabel'>) {
  if (family.head.type === 'info') return null;
  const filled = labelsOf(family, rows);
  if (filled.length === 0) return null;
  return (
    <dl class="labels">
      {filled.map(([label, values]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>
            {values.slice(0, MAX_VALUES).map((value) => (
              <button
                type="button"
                key={value}
                title={`Only ${label}=${value}`}
                aria-label={value}
                onClick={() => onLabel(label, value)}
              >
                {shortened(value, MAX_VALUE_LENGTH)}
              </button>
            ))}
            {values.length > MAX_VALUES && <span> and {values.length - MAX_VALUES} more</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** The ratio of each objective's error budget that was spent since the page was opened. */
function Objectives({ family }: { readonly family: Family; readonly sample: number; readonly times: number }) {
  const { objectives, labels } = family.head;
  if (objectives.length === 0) return null;
  return (
    <ul class="objectives">
      {objectives.map(({ class: owner, method, target, latency }) => {
        const at = (name: string, row: number) => family.rows[row]?.[labels.indexOf(name)];
        const rows = family.live.filter(
          (row) =>
            (!labels.includes('method') || at('method', row) === method) &&
            (!labels.includes('class') || at('class', row) === owner),
        );
        const used = budgetUsed(family, rows, target, latency);
        const state = Number.isNaN(used)
          ? 'no calls yet'
          : `${formatValue(used, 'ratio')} of the budget used since this page was opened`;
        return (
          <li key={`${owner} ${method} ${latency}`}>
            <strong>{owner === '' ? method : `${owner}.${method}`}</strong> {formatValue(target, 'ratio')}
            {latency !== undefined && ` within ${formatValue(latency, 'seconds')}`}: {state}
            {used > 1 && <em class="bad"> exceeded</em>}
            <meter
              low={0.5}
              high={0.9}
              optimum={0}
              min={0}
              max={1}
              value={Number.isNaN(used) ? 0 : Math.min(1, used)}
              aria-label="Budget used"
            />
          </li>
        );
      })}
    </ul>
  );
}

/** Whether an element is on the screen or close to it; the others are not rendered. */
function useVisibility(host: { readonly current: HTMLElement | null }): boolean {
  const [isVisible, setVisible] = useState(false);
  useEffect(() => {
    if (host.current === null) return undefined;
    const element = host.current;
    const observer = new IntersectionObserver(
      (entries) => {
        const isNear = entries.at(-1)?.isIntersecting === true;
        // Keeps its height, or the page would jump.
        if (!isNear && wasVisible) element.style.minHeight = `${element.offsetHeight}px`;
        wasVisible ||= isNear;
        setVisible(isNear);
      },
      { rootMargin: '200px' },
    );
    let wasVisible = false;
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  // Once rendered again, it has a height of its own, which may differ after a resize.
  useEffect(() => {
    if (isVisible) host.current?.style.removeProperty('min-height');
  }, [isVisible]);
  return isVisible;
}
