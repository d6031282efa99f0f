import { type FamilyManifest, type MethodObjective, methodName } from '../../model/manifest.js';
import { bound, type Matcher, selector } from '../promql.js';

/** An objective, and the expressions that evaluate it. */
export interface Slo {
  /** Unique among all objectives of the service: `shop-order-latency`. */
  readonly name: string;
  readonly service: string;
  /** Prefix of the alert's name: `ShopOrderLatency`. */
  readonly alert: string;
  /** Human-readable: `calls of Shop.order`. */
  readonly subject: string;
  readonly target: number;
  readonly latency: number | undefined;
  readonly family: FamilyManifest;
  /** Whether the expressions need native histograms, which older Prometheus servers lack. */
  readonly isNative: boolean;
  /** The number or rate of calls in a window: `fn` is `rate` or `increase`. */
  all(fn: string, window: string): string;
  /** The same for calls that failed or, with a latency, took too long. */
  bad(fn: string, window: string): string;
  /** A selector of series that the family has from the start of the program. */
  readonly presence: string;
  /** Labels of the family's series, and the condition that identifies failures. */
  readonly matchers: readonly Matcher[];
}

/** An objective that gets no rules, and why. */
export interface SkippedObjective {
  readonly subject: string;
  readonly reason: string;
}

export interface Slos {
  readonly slos: readonly Slo[];
  readonly skipped: readonly SkippedObjective[];
}

/** Returns the objectives of a manifest. `extra` adds conditions to all series, such as their job. */
export function slosOf(manifest: readonly FamilyManifest[], service: string, extra: readonly Matcher[] = []): Slos {
  const [slos, skipped, names]: [Slo[], SkippedObjective[], Set<string>] = [[], [], new Set()];
  for (const family of manifest) {
    for (const objective of family.objectives) {
      const reason = skipReason(family, objective);
      if (reason !== undefined) {
        skipped.push({ subject: methodName(objective), reason });
        continue;
      }
      const slo = sloOf(family, objective, service, extra);
      if (names.has(slo.name)) continue;
      names.add(slo.name);
      slos.push(slo);
    }
  }
  return { slos, skipped };
}

function skipReason(family: FamilyManifest, { latency }: MethodObjective): string | undefined {
  if (!['counter', 'histogram', 'summary'].includes(family.type)) return `${family.name} is a ${family.type}`;
  if (latency === undefined && !family.labels.includes('result')) {
    return `${family.name} has no label "result", so failures cannot be distinguished from successes`;
  }
  const shared = new Set(family.objectives.map(methodName));
  if (shared.size > 1 && !family.labels.includes('method')) {
    return `${family.name} has no label "method", but objectives of ${shared.size} methods`;
  }
  return undefined;
}

function sloOf(family: FamilyManifest, objective: MethodObjective, service: string, extra: readonly Matcher[]): Slo {
  const { class: owner, method, target, latency } = objective;
  const { name, type, labels } = family;
  const words = [owner, method, latency === undefined ? 'errors' : 'latency'].filter((word) => word !== '');
  const matchers: Matcher[] = [...extra];
  if (labels.includes('class') && owner !== '') matchers.push(['class', '=', owner]);
  if (labels.includes('method')) matchers.push(['method', '=', method]);
  const isNative = type === 'histogram' && family.buckets?.length === 0;
  const common = {
    name: words.map(kebab).join('-'),
    service,
    alert: [owner, method].map(pascal).join(''),
    subject: `calls of ${methodName(objective)}`,
    target,
    latency,
    family,
    isNative,
    matchers,
  };
  const counts = type === 'counter' || isNative ? name : `${name}_count`;
  const total = (more: readonly Matcher[]) => (fn: string, window: string) => {
    const rates = `${fn}(${selector(counts, [...matchers, ...more])}[${window}])`;
    return `sum(${isNative ? `histogram_count(${rates})` : rates})`;
  };
  const all = total([]);
  const presence = selector(counts, matchers);
  if (latency === undefined) {
    const failed = total([['result', '=', 'error']]);
    return { ...common, all, presence, bad: (fn, window) => `(${failed(fn, window)} or 0 * ${all(fn, window)})` };
  }
  const succeeded: Matcher[] = labels.includes('result') ? [['result', '!=', 'error']] : [];
  const inTime = isNative
    ? fraction(name, [...matchers, ...succeeded], latency)
    : (fn: string, window: string) =>
        `sum(${fn}(${selector(`${name}_bucket`, [...matchers, ...succeeded, bound(latency)])}[${window}]))`;
  return {
    ...common,
    all,
    presence,
    // If no call was fast enough yet, the series may be missing, and all calls are bad.
    bad: (fn, window) => `clamp_min(${all(fn, window)} - (${inTime(fn, window)} or 0 * ${all(fn, window)}), 0)`,
  };
}

function fraction(name: string, matchers: readonly Matcher[], latency: number): Slo['all'] {
  return (fn, window) => {
    const sum = `sum(${fn}(${selector(name, matchers)}[${window}]))`;
    return `(histogram_count(${sum}) * histogram_fraction(0, ${latency}, ${sum}))`;
  };
}

function kebab(word: string): string {
  return word
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .toLowerCase();
}

function pascal(word: string): string {
  return word.replace(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9]|$)/g, (_, letter: string) => letter.toUpperCase());
}
