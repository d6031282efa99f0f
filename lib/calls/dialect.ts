import { ConfigError, show } from '../model/errors.js';

/** Any method. TypeScript's decorator types require `any`: a method is not assignable to one that takes `unknown`. */
// biome-ignore lint/suspicious/noExplicitAny: see above
export type AnyMethod = (this: any, ...args: any[]) => any;

/** Any class, abstract ones included. */
export type AnyClass = abstract new (...args: never[]) => object;

/**
 * A decorator for methods in both dialects, standard and `experimentalDecorators`. One signature whose rest parameter
 * is a union lets the compiler infer the method's `this`, arguments and result in either.
 */
export type TypedMethodDecorator<This, V extends AnyMethod> = ComposableDecorator &
  ((
    ...on:
      | [value: V, context: ClassMethodDecoratorContext<This, V>]
      | [target: This, key: PropertyKey, descriptor: TypedPropertyDescriptor<V>]
  ) => void) &
  Misplaced<'method', OnMethods> &
  MisplacedOnAccessor;

/**
 * Makes a decorator assignable to TypeScript's `MethodDecorator`, which composers such as Nest's `applyDecorators`
 * take. Where a decorator is applied directly, the key is a literal type and this signature does not match, so that the
 * typed one must.
 */
export type ComposableDecorator = <K extends PropertyKey>(
  target: object,
  key: string extends K ? K : never,
  descriptor: TypedPropertyDescriptor<never>,
) => void;

/** The result of a getter or method that is read at a scrape: a value, or a promise of one. */
export type MaybePromise<R> = R | Promise<R>;

/**
 * A decorator for getters and methods without parameters, in both dialects. `D` is what a legacy descriptor holds: the
 * getter's type itself, or the method.
 */
export type TypedGetterDecorator<This, R, D extends MaybePromise<R> | (() => MaybePromise<R>)> = ComposableDecorator &
  ((
    ...on:
      | [
          value: (this: This) => MaybePromise<R>,
          context:
            | ClassGetterDecoratorContext<This, MaybePromise<R>>
            | ClassMethodDecoratorContext<This, (this: This) => MaybePromise<R>>,
        ]
      | [target: This, key: PropertyKey, descriptor: TypedPropertyDescriptor<D>]
  ) => void) &
  Misplaced<'method' | 'getter', OnGetters>;

type OnMethods = 'This decorator measures methods: it cannot be used on a field, a getter, a setter or an accessor.';
type OnGetters = 'This decorator reads a getter or a method without parameters, not a field or a setter.';

/**
 * Never matches a valid decorator: where a decorator is misplaced, the compiler's error quotes its return type, a
 * sentence. For the `Kinds`, it takes an additional argument, so that errors about them do not mention this signature.
 * A legacy field passes its key in place of a context.
 */
type Misplaced<Kinds extends string, Sentence extends string> = <C>(
  value: unknown,
  context: C,
  ...none: C extends { readonly kind: Kinds } ? [never] : []
) => { readonly error: Sentence };

/** The same for legacy getters and setters, whose descriptors have the type of their values. */
type MisplacedOnAccessor = <T>(
  target: object,
  key: PropertyKey,
  descriptor: TypedPropertyDescriptor<T>,
  ...none: T extends AnyMethod ? [never] : []
) => { readonly error: OnMethods };

/**
 * A decorator for classes, in both dialects. A class with a private constructor is not assignable to `AnyClass`, nor to
 * the type parameter of ClassDecoratorContext.
 */
// biome-ignore lint/complexity/noBannedTypes: as in TypeScript's own ClassDecorator
export type TypedClassDecorator = (...on: [value: Function, context?: { readonly kind: 'class' }]) => void;

/** A decorated member, in either dialect. */
export interface Member {
  /** The decorated function: the method, or the getter's `get`. */
  readonly body: AnyMethod;
  readonly kind: 'method' | 'getter';
  readonly key: PropertyKey;
  readonly isStatic: boolean;
  readonly isPrivate: boolean;
  /** The prototype or, for a static member, the class that declares the member. Known only in the legacy dialect. */
  readonly owner: object | undefined;
  /** Calls `callback` with each new instance, or with the class for a static member. Only in the standard dialect. */
  readonly onInstance: ((callback: (instance: object) => void) => void) | undefined;
}

/**
 * Decorates a member in either dialect: passes the member to `make`, and replaces it with what `make` returns. Throws
 * ConfigError, which names the decorator, if the member is not of one of the kinds.
 */
export function decorateMember(
  decorator: string,
  kinds: readonly Member['kind'][],
  on: readonly unknown[],
  make: (member: Member) => AnyMethod,
): unknown {
  const [first, second, third] = on;
  if (isContext(second)) return make(standardMember(decorator, kinds, first, second));
  const own = ownProperty(first, second);
  const descriptor = (third ?? own) as PropertyDescriptor | undefined;
  const kind = typeof descriptor?.value === 'function' ? 'method' : descriptor?.get ? 'getter' : undefined;
  if (descriptor === undefined || kind === undefined || !kinds.includes(kind)) {
    const name = memberName(first, second);
    if (kind === 'getter' && typeof own?.value === 'function') throw belowGetter(decorator, name);
    throw misplaced(decorator, kinds, legacyKind(on), on.length < 2 ? (first as AnyMethod)?.name : name);
  }
  const slot = kind === 'method' ? 'value' : 'get';
  const owner = first as object;
  const body = descriptor[slot] as AnyMethod;
  const key = second as PropertyKey;
  const isStatic = typeof owner === 'function';
  const made = make({ body, kind, key, isStatic, isPrivate: false, owner, onInstance: undefined });
  const decorated = { ...descriptor, [slot]: made };
  // Composers such as Nest's applyDecorators() ignore what a decorator returns and keep the descriptor, and loops over
  // the methods of a class often drop both.
  if (own?.[slot] === body && own.configurable === true) Object.defineProperty(owner, key, decorated);
  return Reflect.set(descriptor, slot, made) ? descriptor : decorated;
}

/**
 * Throws ConfigError if a decorator factory was itself used as a decorator: `@Timed m() {}` instead of `@Timed() m()
 * {}`. `given` are its arguments.
 */
export function refuseBareUse(decorator: string, args: readonly unknown[]): void {
  const [first, second] = args;
  const isTarget = (typeof first === 'object' && first !== null) || typeof first === 'function';
  const legacyMember = isTarget && (typeof second === 'string' || typeof second === 'symbol');
  const standard = isContext(second) && typeof second.addInitializer === 'function';
  const legacyClass = args.length === 1 && isClass(first);
  if (!legacyMember && !standard && !legacyClass) return;
  const name = standard ? second.name : legacyMember ? memberName(first, second) : first;
  throw new ConfigError(`@${decorator}${onMember(name)} needs parentheses: write @${decorator}().`);
}

/** ` on Shop.order`, for messages; empty for a member without a name. */
function onMember(name: unknown): string {
  const shown = isClass(name) ? name.name : name;
  return shown === undefined || shown === '' ? '' : ` on ${String(shown)}`;
}

/** Whether a value is a class rather than a function. */
export function isClass(value: unknown): value is AnyClass {
  return typeof value === 'function' && Object.getOwnPropertyDescriptor(value, 'prototype')?.writable === false;
}

function ownProperty(target: unknown, key: unknown): PropertyDescriptor | undefined {
  const isTarget = (typeof target === 'object' && target !== null) || typeof target === 'function';
  const isKey = typeof key === 'string' || typeof key === 'symbol';
  return isTarget && isKey ? Object.getOwnPropertyDescriptor(target, key) : undefined;
}

/** `Shop.order`, for messages. In the standard dialect, the class is not known yet. */
function memberName(owner: unknown, key: unknown): unknown {
  if (typeof key !== 'string') return key;
  const className: unknown = typeof owner === 'function' ? owner.name : (owner as object | null)?.constructor?.name;
  return typeof className === 'string' && className !== '' ? `${className}.${key}` : key;
}

/** For a method that another decorator, such as `@boundMethod`, has replaced with a getter for a bound copy. */
function belowGetter(decorator: string, key: unknown): ConfigError {
  return new ConfigError(
    `@${decorator}() applies to methods, but the decorator below it has made a getter of ${showName(key)}. Put ` +
      `@${decorator}() below that decorator.`,
  );
}

/**
 * Returns the class that a class decorator is applied to. Throws ConfigError, which names the decorator, for anything
 * else.
 */
export function decoratedClass(decorator: string, on: readonly unknown[]): AnyClass {
  const [value, second] = on;
  const isClass = isContext(second) ? second.kind === 'class' : second === undefined && typeof value === 'function';
  if (isClass) return value as AnyClass;
  const kind = isContext(second) ? second.kind : legacyKind(on);
  throw new ConfigError(
    `@${decorator}() applies to classes, not to ${withArticle(kind)}. Put it above the class, or use @Timed() on methods.`,
  );
}

function standardMember(
  decorator: string,
  kinds: readonly Member['kind'][],
  body: unknown,
  context: StandardContext,
): Member {
  const kind = kinds.find((possible) => possible === context.kind);
  if (kind === undefined || typeof body !== 'function') throw misplaced(decorator, kinds, context.kind, context.name);
  return {
    body: body as AnyMethod,
    kind,
    key: context.name ?? '',
    isStatic: context.static === true,
    isPrivate: context.private === true,
    owner: undefined,
    onInstance: (callback) =>
      context.addInitializer(function (this: object) {
        callback(this);
      }),
  };
}

/** The properties of a decorator's context that are used. `metadata` is not: older compilers and engines omit it. */
interface StandardContext {
  readonly kind: string;
  readonly name?: PropertyKey;
  readonly static?: boolean;
  readonly private?: boolean;
  addInitializer(initializer: (this: object) => void): void;
}

/** The second argument of a legacy decorator is a key or missing, never an object. */
function isContext(second: unknown): second is StandardContext {
  return typeof second === 'object' && second !== null && 'kind' in second;
}

function legacyKind(on: readonly unknown[]): string {
  const [target, key, descriptor] = on;
  if (key === undefined && typeof target === 'function') return on.length > 2 ? 'parameter' : 'class';
  if (typeof descriptor === 'number') return 'parameter';
  if (typeof descriptor !== 'object' || descriptor === null) return 'field';
  const { get, set, value } = descriptor as PropertyDescriptor;
  if (get !== undefined) return 'getter';
  if (set !== undefined) return 'setter';
  return typeof value === 'function' ? 'method' : 'field';
}

function misplaced(decorator: string, kinds: readonly string[], kind: string, name: unknown): ConfigError {
  const takes = kinds.map((possible) => `${possible}s`).join(' and ');
  const what = name === undefined || name === '' ? withArticle(kind) : `the ${kind} ${showName(name)}`;
  const way = kind === 'class' ? 'To decorate all methods of a class, use @Instrumented().' : 'Move it to a method.';
  return new ConfigError(`@${decorator}() applies to ${takes}, not to ${what}. ${way}`);
}

function showName(name: unknown): string {
  return typeof name === 'symbol' ? String(name) : show(name);
}

function withArticle(kind: string): string {
  return `${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind}`;
}
