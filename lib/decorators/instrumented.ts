import { type AnyClass, decoratedClass, type TypedClassDecorator } from '../calls/dialect.js';
import type { Counter } from '../metrics/counter.js';
import type { Gauge } from '../metrics/gauge.js';
import type { Histogram } from '../metrics/histogram.js';
import type { Summary } from '../metrics/summary.js';
import { ConfigError, show } from '../model/errors.js';
import type { Registry } from '../registry/registry.js';
import { bindRegistry } from './binding.js';
import { CountExceptions, type CountExceptionsOptions } from './count-exceptions.js';
import { Counted, type CountedOptions } from './counted.js';
import { InProgress, type InProgressOptions } from './in-progress.js';
import type { ClassMethod } from './labels.js';
import { sitesOfOwner } from './marks.js';
import { isSkipped } from './skip.js';
import { metricType } from './target.js';
import { Timed, type TimedOptions } from './timed.js';

/** What `@Instrumented` does with the methods of a class. */
export interface InstrumentedOptions {
  /** Measures how long calls take: `true` for the default family, a metric, or options as for `@Timed`. Default: true. */
  readonly timed?: boolean | Histogram<string> | Summary<string> | Gauge<string> | TimedOptions<object, ClassMethod>;
  /** Counts calls: as for `@Counted`. Default: false. */
  readonly counted?: boolean | Counter<string> | CountedOptions<object, ClassMethod>;
  /** Shows how many calls are running: as for `@InProgress`. Default: false. */
  readonly inProgress?: boolean | Gauge<string> | InProgressOptions<object, ClassMethod>;
  /** Counts failures: as for `@CountExceptions`. Default: false. */
  readonly exceptions?: boolean | Counter<string> | CountExceptionsOptions<object, ClassMethod>;
  /** Which methods, by name. Default: all. */
  readonly only?: (method: string | symbol) => boolean;
  /** What the `class` label says, of methods with marks of their own too. Default: the class' name. */
  readonly class?: string;
  /** The registry to bind the class to, methods with marks of their own included. Default: none. */
  readonly registry?: Registry;
}

type Factory = (
  target: never,
  options?: never,
) => (owner: object, key: PropertyKey, member: PropertyDescriptor) => unknown;

const FACTORIES = {
  timed: Timed,
  counted: Counted,
  inProgress: InProgress,
  exceptions: CountExceptions,
} as unknown as Readonly<Record<string, Factory>>;

/**
 * Marks all methods that the class itself declares, static ones included, as if each had the decorator: `@Timed()` where
 * nothing else is said. Left out are methods with `@Skip()`, the constructor, accessors and private methods; where a
 * method has the same decorator itself, that one wins. No getter is read.
 *
 * Throws ConfigError or ConflictError when the class is defined, for options that cannot be used.
 *
 * @example
 * @Instrumented({ counted: true })
 * class Shop {
 *   order() {}
 *
 *   @Skip()
 *   health() {}
 * }
 */
export function Instrumented(options: InstrumentedOptions = {}): TypedClassDecorator {
  if (typeof options !== 'object' || options === null) {
    throw new ConfigError(`@Instrumented() takes an object of options or nothing, not ${show(options)}.`);
  }
  return (...on) => {
    const target = decoratedClass('Instrumented', on);
    const owners = [target.prototype as object, target];
    if (options.class !== undefined) {
      for (const owner of owners) for (const site of sitesOfOwner(owner)) site.rename(options.class);
    }
    if (options.registry !== undefined) bindRegistry(target, options.registry);
    for (const owner of owners) for (const key of methodsOf(owner)) instrument(owner, key, options);
    // The marks that methods had before have another name or registry by now.
    for (const owner of owners) for (const site of sitesOfOwner(owner)) site.zero(owner);
  };
}

function instrument(owner: object, key: string | symbol, options: InstrumentedOptions): void {
  const member = Object.getOwnPropertyDescriptor(owner, key);
  if (member === undefined || isSkipped(member.value as object) || options.only?.(key) === false) return;
  const own = sitesOfOwner(owner).filter(({ place }) => place.key === key);
  let marked = member;
  for (const [kind, factory] of Object.entries(FACTORIES)) {
    const asked = options[kind as keyof typeof options] ?? kind === 'timed';
    const decorator = kind === 'exceptions' ? 'CountExceptions' : `${kind[0].toUpperCase()}${kind.slice(1)}`;
    if (asked === false || own.some((site) => site.decorator === decorator)) continue;
    marked = markOf(factory, asked, options.class)(owner, key, marked) as PropertyDescriptor;
  }
  if (marked !== member) Object.defineProperty(owner, key, marked);
}

function markOf(factory: Factory, asked: unknown, className: string | undefined): ReturnType<Factory> {
  const named = className === undefined ? {} : { class: className };
  if (metricType(asked) !== undefined) return factory(asked as never, named as never);
  return factory((asked === true ? named : { ...named, ...(asked as object) }) as never);
}

/** The methods that an object itself has. What could be a field, or a class in a field, is no method. */
function methodsOf(owner: object): (string | symbol)[] {
  return Reflect.ownKeys(owner).filter((key) => {
    const member = Object.getOwnPropertyDescriptor(owner, key);
    if (key === 'constructor' || typeof member?.value !== 'function' || member.configurable !== true) return false;
    return member.enumerable === false && !isClass(member.value as AnyClass);
  });
}

function isClass(value: AnyClass): boolean {
  return Object.getOwnPropertyDescriptor(value, 'prototype')?.writable === false;
}
