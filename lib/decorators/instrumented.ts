import {
  type AnyClass,
  type AnyMethod,
  decoratedClass,
  decorateMember,
  isClass,
  refuseBareUse,
  type TypedClassDecorator,
  type TypedMethodDecorator,
} from '../calls/dialect.js';
import { RUNTIME_CLASS } from '../calls/method-identity.js';
import type { Counter } from '../metrics/counter.js';
import type { Gauge } from '../metrics/gauge.js';
import type { Histogram } from '../metrics/histogram.js';
import type { Summary } from '../metrics/summary.js';
import { checkOptions, type OptionRules } from '../model/options.js';
import type { Registry } from '../registry/registry.js';
import { CountExceptions, type CountExceptionsOptions } from './count-exceptions.js';
import { Counted, type CountedOptions } from './counted.js';
import { metricType } from './decorator-family.js';
import { CLASS_RULES, type ClassMethod } from './decorator-options.js';
import { InProgress, type InProgressOptions } from './in-progress.js';
import { decoratedMembersOf } from './instrumented-methods.js';
import { bindRegistry, registryOf } from './registry-binding.js';
import { Timed, type TimedOptions } from './timed.js';

/** Options of `@Instrumented`. */
export interface InstrumentedOptions {
  /** Measures durations: `true` for the default family, a metric, or options as for `@Timed`. Default: true. */
  readonly timed?: boolean | Histogram<string> | Summary<string> | Gauge<string> | TimedOptions<object, ClassMethod>;
  /** Counts calls, like `@Counted`. Default: false. */
  readonly counted?: boolean | Counter<string> | CountedOptions<object, ClassMethod>;
  /** Counts calls in progress, like `@InProgress`. Default: false. */
  readonly inProgress?: boolean | Gauge<string> | InProgressOptions<object, ClassMethod>;
  /** Counts failures, like `@CountExceptions`. Default: false. */
  readonly exceptions?: boolean | Counter<string> | CountExceptionsOptions<object, ClassMethod>;
  /** Selects methods by name. Default: all. */
  readonly only?: (method: string | symbol) => boolean;
  /** Value of the `class` label, also for methods with their own decorators. Default: the name of the class. */
  readonly class?: string;
  /** A registry to bind the class to, which includes methods with their own decorators. Default: none. */
  readonly registry?: Registry;
}

const RULES: OptionRules<InstrumentedOptions> = CLASS_RULES;

type Factory = (target: never, options?: never) => (owner: object, key: PropertyKey) => unknown;

const FACTORIES = {
  timed: Timed,
  counted: Counted,
  inProgress: InProgress,
  exceptions: CountExceptions,
} as unknown as Readonly<Record<string, Factory>>;

/**
 * Decorates all methods that the class itself declares, static ones included, with `@Timed()` by default. Methods with
 * `@Skip()`, the constructor, accessors and private methods are excluded. If a method has the same decorator itself, that
 * one takes precedence. No getter is read.
 *
 * Throws ConfigError or ConflictError when the class is defined, if the options are invalid.
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
export function Instrumented(options?: InstrumentedOptions): TypedClassDecorator;
export function Instrumented(...args: unknown[]): TypedClassDecorator {
  refuseBareUse('Instrumented', args);
  const options: unknown = args[0] ?? {};
  checkOptions<InstrumentedOptions>('@Instrumented()', options, RULES);
  return (...on) => {
    const target = decoratedClass('Instrumented', on);
    const owners = [target.prototype as object, target];
    if (options.class !== undefined && options.class !== RUNTIME_CLASS) {
      for (const owner of owners) for (const member of decoratedMembersOf(owner)) member.rename(options.class);
    }
    if (options.registry !== undefined) bindRegistry(target, options.registry);
    for (const owner of owners) for (const key of methodsOf(owner)) instrument(owner, key, options);
    for (const owner of owners) for (const key of madeGettersOf(owner)) warnOfGetter(target, key);
    // The class name or registry of the methods' own decorators may have changed.
    for (const owner of owners) for (const member of decoratedMembersOf(owner)) member.makeKnownSeries(owner);
  };
}

function instrument(owner: object, key: string | symbol, options: InstrumentedOptions): void {
  const property = Object.getOwnPropertyDescriptor(owner, key);
  if (property === undefined || isSkipped(property.value as object) || options.only?.(key) === false) return;
  const decorated = decoratedMembersOf(owner).filter(({ identity }) => identity.key === key);
  for (const [kind, factory] of Object.entries(FACTORIES)) {
    const choice = options[kind as keyof typeof options] ?? kind === 'timed';
    const decorator = kind === 'exceptions' ? 'CountExceptions' : `${kind[0].toUpperCase()}${kind.slice(1)}`;
    if (choice === false || decorated.some((member) => member.decorator === decorator)) continue;
    // The decorator itself replaces the method.
    decoratorOf(factory, choice, options.class)(owner, key);
  }
}

function decoratorOf(factory: Factory, choice: unknown, className: string | undefined): ReturnType<Factory> {
  const named = className === undefined ? {} : { class: className };
  if (metricType(choice) !== undefined) return factory(choice as never, named as never);
  return factory((choice === true ? named : { ...named, ...(choice as object) }) as never);
}

/** Returns the names of an object's own methods, without fields and nested classes. */
function methodsOf(owner: object): (string | symbol)[] {
  return Reflect.ownKeys(owner).filter((key) => {
    const member = Object.getOwnPropertyDescriptor(owner, key);
    if (key === 'constructor' || typeof member?.value !== 'function' || member.configurable !== true) return false;
    return member.enumerable === false && !isClass(member.value);
  });
}

/**
 * Returns the names of accessors that another decorator may have made of methods, as `@boundClass` does. The getters of
 * genuine accessors have names such as `get size`.
 */
function madeGettersOf(owner: object): (string | symbol)[] {
  const decorated = decoratedMembersOf(owner).map(({ identity }) => identity.key);
  return Reflect.ownKeys(owner).filter((key) => {
    const get = Object.getOwnPropertyDescriptor(owner, key)?.get;
    return get !== undefined && !get.name.startsWith('get ') && key !== '__proto__' && !decorated.includes(key);
  });
}

function warnOfGetter(target: AnyClass, key: string | symbol): void {
  registryOf(target).faults.warn(
    `@Instrumented() on ${target.name} does not measure ${String(key)}, because a decorator below it has made a getter of it. If it ` +
      'is a method, put @Instrumented() below a decorator such as @boundClass, or @Timed() below one such as @boundMethod.',
  );
}

/** A property, because decorators that wrap a method usually copy its properties. */
const SKIPPED = Symbol.for('promark.skip');

/**
 * Excludes a method from `@Instrumented`. Put it above the other decorators of the method.
 *
 * @example
 * @Instrumented()
 * class Shop {
 *   @Skip()
 *   health() {}
 * }
 */
export function Skip<This, V extends AnyMethod>(): TypedMethodDecorator<This, V>;
export function Skip(...args: unknown[]): (...on: unknown[]) => void {
  refuseBareUse('Skip', args);
  return (...on: readonly unknown[]) =>
    decorateMember('Skip', ['method'], on, ({ body }) => {
      Object.defineProperty(body, SKIPPED, { value: true, configurable: true, enumerable: false });
      return body;
    }) as undefined;
}

/** Whether a method was excluded by `@Skip`. */
function isSkipped(method: object): boolean {
  return (method as { readonly [SKIPPED]?: unknown })[SKIPPED] === true;
}
