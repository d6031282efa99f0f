import type { AnyMethod, TypedMethodDecorator } from '../calls/dialect.js';
import { type Ending, exceptionName } from '../calls/ending.js';
import { Counter, type CounterChild } from '../metrics/counter.js';
import { ConfigError, show } from '../model/errors.js';
import type { LabelSpec } from '../model/labels.js';
import { type FamilyKind, familySource } from './family-source.js';
import { markMethod } from './mark.js';
import type { EndingOptions, FamilyOptions, TargetOptions } from './options.js';
import { EndRecorder, type RecorderKit } from './recorder.js';
import type { Node } from './series-tree.js';
import { MarkSite } from './site.js';
import { targetOf } from './target.js';

/** Which exceptions: a class, for `instanceof`, or the name of an error. */
export type ExceptionType = (abstract new (...args: never[]) => object) | string;

/** Which failures `@CountExceptions` counts. */
export interface ExceptionChoice {
  /** Only these. Default: every failure that is not a cancellation. */
  readonly types?: ExceptionType | readonly ExceptionType[];
}

/** What `@CountExceptions` can be told where it makes its family, or uses the default one. */
export interface CountExceptionsOptions<This, V extends AnyMethod>
  extends FamilyOptions<This, V>,
    EndingOptions<This, V>,
    ExceptionChoice {
  /** Whether the family has a label `exception` with the error's name. Only with a `name`. Default: false. */
  readonly exception?: boolean;
}

/** What `@CountExceptions` can be told where it records on a metric of the user's. */
export interface CountExceptionsTargetOptions<This, V extends AnyMethod, L extends LabelSpec>
  extends TargetOptions<This, V, L>,
    EndingOptions<This, V>,
    ExceptionChoice {}

const KIND: FamilyKind = {
  decorator: 'CountExceptions',
  make: Counter,
  type: 'counter',
  name: 'method_exceptions_total',
  help: 'Method calls that failed',
  labelNames: ['class', 'method', 'exception'],
  added: [],
  passed: [],
};

/**
 * Counts the calls of the method that fail: that throw, whose promise is rejected, whose generator throws. The error
 * goes on to the caller as it is.
 *
 * Without a target: counter `method_exceptions_total{class,method,exception}`. With options that have a `name`: a
 * family of that name with the labels in `labels`. With a Counter: counted there. Given classes or names of errors, it
 * counts only those, with the default family.
 *
 * Throws ConfigError or ConflictError when the class is defined, for options that cannot be used; a call is never
 * affected.
 *
 * @example
 * class Shop {
 *   @CountExceptions([TimeoutError, 'AbortError'])
 *   async order(order: Order) {}
 * }
 */
export function CountExceptions<This, V extends AnyMethod, const L extends LabelSpec>(
  metric: Counter<L>,
  options?: CountExceptionsTargetOptions<This, V, L>,
): TypedMethodDecorator<This, V>;
export function CountExceptions<This, V extends AnyMethod>(
  types: ExceptionType | readonly ExceptionType[],
): TypedMethodDecorator<This, V>;
export function CountExceptions<This, V extends AnyMethod>(
  options?: CountExceptionsOptions<This, V>,
): TypedMethodDecorator<This, V>;
export function CountExceptions(first?: unknown, second?: unknown): (...on: unknown[]) => void {
  const listed = typeof first === 'function' || typeof first === 'string' || Array.isArray(first);
  const target = targetOf('CountExceptions', ['counter'], listed ? { types: first } : first, second);
  const types = checkTypes(target.options.types);
  const source = familySource(KIND, target);
  return (...on) =>
    markMethod('CountExceptions', on, (member) => {
      return new ExceptionSite(
        {
          decorator: 'CountExceptions',
          member,
          source,
          options: target.options,
          own: ['class', 'method', 'result', 'exception'],
        },
        types,
      );
    });
}

class ExceptionSite extends MarkSite<CounterChild> {
  constructor(
    plan: ConstructorParameters<typeof MarkSite<CounterChild>>[0],
    private readonly types: readonly ExceptionType[] | undefined,
  ) {
    super(plan);
  }

  protected override make(kit: RecorderKit<CounterChild>): Exceptions {
    return new Exceptions(kit, this.types);
  }
}

class Exceptions extends EndRecorder<CounterChild> {
  constructor(
    kit: RecorderKit<CounterChild>,
    private readonly types: readonly ExceptionType[] | undefined,
  ) {
    super(kit, false);
  }

  override leave(
    _mark: number,
    ending: Ending,
    outcome: unknown,
    spot?: Node<CounterChild>,
    self?: unknown,
    args?: readonly unknown[],
  ): void {
    if (ending === 'ok' && !this.kit.wholeCall) return;
    this.seriesOf(ending, outcome, spot, self, args)?.inc();
  }

  override begin(): void {
    this.kit.tree.only?.known('error');
  }

  protected override concerns(ending: Ending, failed: boolean, failure: unknown): boolean {
    if (this.types === undefined) return ending === 'error';
    return failed && this.types.some((type) => isOfType(failure, type));
  }
}

function isOfType(failure: unknown, type: ExceptionType): boolean {
  return typeof type === 'string' ? exceptionName(failure) === type : failure instanceof type;
}

function checkTypes(types: unknown): readonly ExceptionType[] | undefined {
  if (types === undefined) return undefined;
  const list: unknown[] = Array.isArray(types) ? types : [types];
  for (const type of list) {
    if (typeof type === 'function' || (typeof type === 'string' && type !== '')) continue;
    throw new ConfigError(`@CountExceptions(): a type is an error class or the name of an error, not ${show(type)}.`);
  }
  return list as ExceptionType[];
}
