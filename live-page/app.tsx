import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { type Family, MAX_SAMPLES, Store } from './families.js';
import { FamilyCard } from './family-card.js';
import { matchesRow, matchingRows, parseFilter, toggled } from './filter.js';
import { formatDuration, formatTime, formatValue } from './numbers.js';
import { CallTable, Cardinality, KeyFigures, methodGroups, requestsOf } from './overview.js';
import { type Connection, Poller } from './poll.js';
import { SeriesTable } from './series-table.js';

const WINDOWS = [60, 300] as const;

/** The choices of the user, which the URL keeps over a reload. */
interface View {
  readonly filter: string;
  readonly seconds: number;
}

function readView(): View {
  const params = new URLSearchParams(location.hash.slice(1));
  const seconds = Number(params.get('window'));
  return { filter: params.get('filter') ?? '', seconds: WINDOWS.find((known) => known === seconds) ?? MAX_SAMPLES };
}

/** Families of the runtime and of promark itself, which come after the program's own. */
const RUNTIME_FAMILIES = /^(?:.*_)?(?:nodejs_|process_|promark_)/;

export function App() {
  const [sample, setSample] = useState(0);
  const [connection, setConnection] = useState<Connection>({ state: 'starting' });
  const [view, setView] = useState(readView);
  const [isPaused, setPaused] = useState(false);
  const store = useMemo(() => new Store(), []);
  const poller = useMemo(() => new Poller(store, () => setSample((n) => n + 1), setConnection), []);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    poller.next();
    const onKeyDown = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.key === '/' && target.tagName !== 'INPUT') {
        event.preventDefault();
        field.current?.focus();
      } else if (event.key === 'Escape' && target === field.current) field.current?.blur();
    };
    const theme = matchMedia('(prefers-color-scheme: dark)');
    const redraw = () => setSample((n) => n + 1);
    const onHashChange = () => setView(readView());
    document.addEventListener('keydown', onKeyDown);
    theme.addEventListener('change', redraw);
    addEventListener('hashchange', onHashChange);
    return () => {
      document.removeEventListener('keydown', onKeyDown);
      theme.removeEventListener('change', redraw);
      removeEventListener('hashchange', onHashChange);
    };
  }, []);
  const change = (next: Partial<View>) => {
    const changed = { ...view, ...next };
    setView(changed);
    const params = new URLSearchParams();
    if (changed.filter !== '') params.set('filter', changed.filter);
    if (changed.seconds !== MAX_SAMPLES) params.set('window', String(changed.seconds));
    history.replaceState(null, '', `#${params}`);
  };
  const pause = () => {
    poller.pause(!isPaused);
    setPaused(!isPaused);
  };
  const onLabel = (label: string, value: string) => change({ filter: toggled(view.filter, label, value) });
  const { process } = store;
  return (
    <>
      <header class="bar">
        <h1>{process?.title ?? 'Metrics'}</h1>
        {process !== undefined && (
          <p class="about">
            {process.scope}, {process.scope.startsWith('all') && 'answered by '}pid {process.pid}, up{' '}
            {formatDuration(process.uptimeSeconds)}
          </p>
        )}
        <Scrapes store={store} />
        <ConnectionState connection={connection} />
        <div class="tools">
          <label>
            <span class="hidden">Filter</span>
            <input
              ref={field}
              type="search"
              value={view.filter}
              placeholder="Filter: name, label=value ( / )"
              onInput={(event) => change({ filter: event.currentTarget.value })}
            />
          </label>
          <label>
            <span class="hidden">Time shown</span>
            <select value={view.seconds} onChange={(event) => change({ seconds: Number(event.currentTarget.value) })}>
              {WINDOWS.map((seconds) => (
                <option key={seconds} value={seconds}>
                  {seconds / 60} min
                </option>
              ))}
            </select>
          </label>
          <button type="button" aria-pressed={isPaused} onClick={pause}>
            {isPaused ? 'Resume' : 'Pause'}
          </button>
        </div>
      </header>
      <main class={connection.state === 'lost' ? 'stale' : undefined}>
        {connection.state === 'locked' ? (
          <Login refused={connection.refused} onToken={(token) => poller.logIn(token)} />
        ) : (
          sample > 0 && <Content store={store} sample={sample} view={view} onLabel={onLabel} />
        )}
      </main>
    </>
  );
}

interface ContentProps {
  readonly store: Store;
  readonly sample: number;
  readonly view: View;
  readonly onLabel: (label: string, value: string) => void;
}

function Content({ store, sample, view, onLabel }: ContentProps) {
  const filter = useMemo(() => parseFilter(view.filter), [view.filter]);
  const requests = requestsOf(store);
  const matching = [...store.families.values()].flatMap((family) => {
    const rows = matchingRows(family, filter);
    return rows === undefined ? [] : [{ family, rows }];
  });
  const ofProgram = matching.filter(({ family }) => !RUNTIME_FAMILIES.test(family.head.name));
  const others = matching.filter(({ family }) => RUNTIME_FAMILIES.test(family.head.name));
  const cards = (list: readonly { family: Family; rows: readonly number[] }[]) => (
    <div class="cards">
      {list.map(({ family, rows }) => (
        <FamilyCard
          key={family.head.name}
          store={store}
          family={family}
          rows={rows}
          seconds={view.seconds}
          sample={sample}
          onLabel={onLabel}
        />
      ))}
    </div>
  );
  const calls = view.filter === '';
  return (
    <>
      <KeyFigures store={store} sample={sample} />
      {calls && requests !== undefined && <CallTable store={store} sample={sample} title="Routes" {...requests} />}
      {calls &&
        methodGroups(store).map((group) => (
          <CallTable
            key={group.family.head.name}
            store={store}
            sample={sample}
            title={`Methods by ${group.family.head.name}`}
            {...group}
          />
        ))}
      {matching.length === 0 && <p>No family matches “{view.filter}”.</p>}
      {ofProgram.length > 0 && (
        <section aria-label="Families of this program">
          <h2>Families of this program</h2>
          {cards(ofProgram)}
        </section>
      )}
      {others.length > 0 && (
        <section aria-label="Runtime">
          <h2>Runtime</h2>
          {cards(others)}
        </section>
      )}
      <AllSeries store={store} sample={sample} filter={view.filter} />
      <Cardinality store={store} sample={sample} />
    </>
  );
}

/** Hosts the table of all series, which is not a Preact component. */
function AllSeries({
  store,
  sample,
  filter,
}: {
  readonly store: Store;
  readonly sample: number;
  readonly filter: string;
}) {
  const host = useRef<HTMLDivElement>(null);
  const [count, setCount] = useState<readonly [number, number]>([0, 0]);
  const table = useRef<SeriesTable | undefined>(undefined);
  useEffect(() => {
    if (host.current === null) return;
    if (table.current === undefined) {
      let parsed: readonly [string, ReturnType<typeof parseFilter>] = ['', parseFilter('')];
      const matches = (family: Family, row: number, text: string) => {
        if (parsed[0] !== text) parsed = [text, parseFilter(text)];
        return matchesRow(family, row, parsed[1]);
      };
      table.current = new SeriesTable(store, matches, (now, all) =>
        setCount((before) => (before[0] === now && before[1] === all ? before : [now, all])),
      );
      host.current.append(table.current.element);
    }
    table.current.setFilter(filter);
    table.current.update();
  }, [sample, filter]);
  return (
    <section aria-label="All series">
      <h2>
        All series <small>{count[0] === count[1] ? count[1] : `${count[0]} of ${count[1]}`}</small>
      </h2>
      <div ref={host} />
    </section>
  );
}

/** The last scrape, and the number of faults that promark has counted. */
function Scrapes({ store }: { readonly store: Store }) {
  const scrape = store.process?.scrape;
  const faults = [...store.families.values()]
    .filter(({ head }) => /promark_\w+_total$/.test(head.name))
    .reduce(
      (sum, family) => sum + family.live.reduce((faulty, row) => faulty + (family.values[row * family.lines] || 0), 0),
      0,
    );
  return (
    <p class="about">
      {scrape === undefined
        ? 'no scrape yet'
        : `last scrape ${formatDuration(scrape.secondsAgo)} ago: ${formatValue(scrape.bytes, 'bytes')} in ${formatValue(scrape.milliseconds / 1000, 'seconds')}`}
      {', '}
      <span class={faults > 0 ? 'bad' : undefined}>
        {faults} {faults === 1 ? 'fault' : 'faults'}
      </span>
    </p>
  );
}

function ConnectionState({ connection }: { readonly connection: Connection }) {
  return (
    <p class={`state ${connection.state}`} role="status">
      {describe(connection)}
    </p>
  );
}

function describe(connection: Connection): string {
  if (connection.state === 'lost') {
    const { lastAnswer } = connection;
    return `No answer, ${lastAnswer === undefined ? 'never seen' : `last seen ${formatTime(lastAnswer / 1000)}`}`;
  }
  return { starting: 'Connecting …', live: 'Live', paused: 'Paused', hidden: 'Waiting', locked: 'A token is needed' }[
    connection.state
  ];
}

function Login({ refused, onToken }: { readonly refused: boolean; readonly onToken: (token: string) => void }) {
  const [token, setToken] = useState('');
  return (
    <form
      class="login"
      onSubmit={(event) => {
        event.preventDefault();
        onToken(token);
      }}
    >
      <h2>These metrics need a token</h2>
      {refused && <p class="bad">That token was refused.</p>}
      <label>
        Bearer token{' '}
        <input
          type="password"
          autoComplete="off"
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
        />
      </label>
      <button type="submit">Show the metrics</button>
      <p>It stays in the memory of this page until it is closed or reloaded.</p>
    </form>
  );
}
