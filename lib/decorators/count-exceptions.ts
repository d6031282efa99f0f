import type { AnyMethod, TypedMethodDecorator } from '../calls/dialect.js';
import { type Ending, exceptionName } from '../calls/ending.js';
import { returned } from '../calls/returned.js';
import { Counter, type CounterChild } from '../metrics/counter.js';
import type { ExemplarLabels } from '../metrics/exemplars.js';
import { ConfigError, show } from '../model/errors.js';
import type { LabelSpec } from '../model/labels.js';
import { rule } from '../model/options.js';
import { type ArgumentRules, decoratorFamily, type FamilyKind, readArguments } from './decorator-family.js';
import {
  ENDING_RULES,
  type EndingOptions,
  FAMILY_RULES,
  type FamilyOptions,
  TARGET_RULES,
  type TargetOptions,
} from './decorator-options.js';
import { decorateMethod, MethodInstrumentation, type MethodSteps } from './instrumentation.js';
import type { TrieNode } from './label-trie.js';
import { CompletionRecorder, type RecorderKit } from './recorders.js';

/** A type of exception: a class, tested by `instanceof`, or the name of an error. */
export type ExceptionType = (abstract new (...args: never[]) => object) | string;

/** Which failures `@CountExceptions` counts. */
export interface ExceptionChoice {
  /** Counts only these. Default: every failure that is not a cancellation. */
  readonly types?: ExceptionType | readonly ExceptionType[];
}

/** Options of `@CountExceptions` without a metric. */
export interface CountExceptionsOptions<This, V extends AnyMethod>
  extends FamilyOptions<This, V>,
    EndingOptions<This, V>,
    ExceptionChoice {
  /** Adds a label `exception` with the error's name. Requires a `name`. Default: false. */
  readonly exception?: boolean;
}

/** Options of `@CountExceptions` with a metric. */
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

const CHOICE = { ...ENDING_RULES, types: rule.any };

const RULES: ArgumentRules<
  CountExceptionsOptions<object, AnyMethod>,
  CountExceptionsTargetOptions<object, AnyMethod, string>
> = {
  create: { ...FAMILY_RULES, ...CHOICE, exception: rule.boolean },
  use: { ...TARGET_RULES, ...CHOICE },
};

/**
 * Counts the calls of the method that fail: the method throws, its promise is rejected or its generator throws. The error
 * is passed on to the caller unchanged.
 *
 * Without arguments it uses the counter `method_exceptions_total{class,method,exception}`; with a `name`, a counter of
 * that name with the labels in `labels`; with a Counter, that one. With classes or names of errors, it counts only
 * those, on the default counter.
 *
 * Throws ConfigError or ConflictError when the class is defined, if the options are invalid. Calls never fail because of
 * it.
 *
 * @example
 * class Shop {
 *   @CountExceptions([TimeoutError, 'AbortError'])
 *   async order(order: Order) {}
 * }
 */
export function CountExceptions<This, V extends AnyMethod, L extends LabelSpec>(
  metric: Counter<L>,
  options?: CountExceptionsTargetOptions<This, V, L>,
): TypedMethodDecorator<This, V>;
export function CountExceptions<This, V extends AnyMethod>(
  types: ExceptionType | readonly ExceptionType[],
): TypedMethodDecorator<This, V>;
export function CountExceptions<This, V extends AnyMethod>(
  options?: CountExceptionsOptions<This, V>,
): TypedMethodDecorator<This, V>;
export function CountExceptions(...args: unknown[]): (...on: unknown[]) => void {
  const [first, ...rest] = args;
  const listed =
    args.length === 1 && (typeof first === 'function' || typeof first === 'string' || Array.isArray(first));
  const target = readArguments('CountExceptions', ['counter'], listed ? [{ types: first }] : [first, ...rest], RULES);
  const { options } = target;
  const types = checkTypes(options.types);
  const family = decoratorFamily(KIND, target);
  return (...on) =>
    decorateMethod('CountExceptions', on, (member) => {
      return new ExceptionInstrumentation({
        decorator: 'CountExceptions',
        member,
        family,
        options: { ...options, types },
        own: ['class', 'method', 'result', 'exception'],
      });
    });
}

const STEPS: MethodSteps = {
  known: (instrumentation, self) => instrumentation.known(self),
  open: (instrumentation, self) => instrumentation.open(self)?.recorder(),
  enter: (recorder) => recorder.enter(),
  succeed: (recorder, token, result, node) => recorder.succeed(token, result, node),
  returned: (result, recorder, token, node) => returned(result, recorder, token, node),
};

class ExceptionInstrumentation extends MethodInstrumentation<CounterChild> {
  override readonly steps = STEPS;

  protected override makeRecorders(kit: RecorderKit<CounterChild>): ExceptionRecorder {
    return new ExceptionRecorder(kit, this.options.types as readonly ExceptionType[] | undefined);
  }
}

class ExceptionRecorder extends CompletionRecorder<CounterChild> {
  constructor(
    kit: RecorderKit<CounterChild>,
    private readonly types: readonly ExceptionType[] | undefined,
  ) {
    super(kit, false);
  }

  override leave(
    _token: number,
    ending: Ending,
    outcome: unknown,
    node?: TrieNode<CounterChild>,
    self?: unknown,
    args?: readonly unknown[],
    exemplar?: ExemplarLabels,
  ): void {
    if (ending === 'ok' && !this.kit.wholeCall) return;
    this.seriesOf(ending, outcome, node, self, args)?.inc(1, exemplar);
  }

  override succeed(): boolean {
    return !this.kit.wholeCall;
  }

  override makeKnownSeries(): void {
    this.kit.trie.only?.makeKnown('error');
  }

  protected override records(ending: Ending, failed: boolean, failure: unknown): boolean {
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
    throw new ConfigError(
      `@CountExceptions(): a type must be an error class or the name of an error, got ${show(type)}.`,
    );
  }
  return list as ExceptionType[];
}
