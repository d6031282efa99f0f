import type { AnyMethod, Member } from '../calls/dialect.js';

/** What each promark wrapper wraps: another wrapper if decorators are stacked. */
const wrapped = new WeakMap<object, AnyMethod>();

export function noteWrapper(wrapper: AnyMethod, body: AnyMethod): void {
  wrapped.set(wrapper, body);
}

/** The adjacent promark wrappers around a method, outermost first, followed by what the innermost one wraps. */
export function layersOf(method: unknown): readonly unknown[] {
  const layers: unknown[] = [];
  for (let layer = method; layer !== undefined; layer = wrapped.get(layer as AnyMethod)) {
    layers.push(layer);
    if (typeof layer !== 'function') break;
  }
  return layers;
}

/** Which method of which class a decorator was applied to. */
export class MethodIdentity {
  readonly key: PropertyKey;
  readonly method: string;
  readonly isStatic: boolean;
  /** The prototype or, for a static method, the class that declares the method. */
  private owner: object | undefined;
  private given: string | undefined;
  private found: string | undefined;
  private wrapper: unknown;

  constructor(
    private readonly member: Pick<Member, 'key' | 'isStatic' | 'isPrivate' | 'owner'>,
    names: { readonly class?: string; readonly method?: string },
  ) {
    this.key = member.key;
    this.method = names.method ?? keyName(member.key);
    this.isStatic = member.isStatic;
    this.given = names.class;
    if (member.owner !== undefined) this.declare(member.owner);
  }

  /** The name of the declaring class; undefined while it is unknown. */
  get className(): string | undefined {
    if (this.owner !== undefined) this.found ??= classNameOf(this.owner);
    return this.given ?? this.found;
  }

  /** The object that declares the method; undefined while it is unknown. */
  get declaredBy(): object | undefined {
    return this.owner;
  }

  wrappedBy(wrapper: unknown): void {
    this.wrapper = wrapper;
  }

  /** Gives the class another name than its own. */
  rename(className: string): void {
    this.given ??= className;
  }

  /** Sets which object declares the method. */
  declare(owner: object): void {
    this.owner = owner;
  }

  /**
   * Searches for the declaring class, starting from the `this` of a call: the object of the prototype chain whose own
   * member is the wrapper. Standard decorators do not pass the class, and the instance may be of a subclass.
   */
  find(self: unknown): boolean {
    if (this.owner !== undefined) return true;
    if ((typeof self !== 'object' && typeof self !== 'function') || self === null) return false;
    const owner = this.member.isPrivate ? undefined : (this.holderFrom(self, true) ?? this.holderFrom(self, false));
    if (owner !== undefined) this.declare(owner);
    // A private method is on no prototype: the class of the instance that it is first called on has to do.
    else if (this.member.isPrivate) this.found ??= classNameOf(this.isStatic ? self : Object.getPrototypeOf(self));
    return owner !== undefined;
  }

  /** `exact`: only the object that has this very wrapper, rather than one that another decorator has put around it. */
  private holderFrom(self: object, exact: boolean): object | undefined {
    for (let object: object | null = self; object !== null; object = Object.getPrototypeOf(object) as object | null) {
      const held = Object.getOwnPropertyDescriptor(object, this.member.key);
      if (held === undefined) continue;
      // A method that was copied onto the instance, to bind it, is declared further up.
      const isClass = this.isStatic ? typeof object === 'function' : Object.hasOwn(object, 'constructor');
      if (isClass && (!exact || layersOf(held.value ?? held.get).includes(this.wrapper))) return object;
    }
    return undefined;
  }
}

function classNameOf(owner: object): string {
  try {
    const { name } = (
      typeof owner === 'function' ? owner : (owner as { constructor: unknown }).constructor
    ) as AnyMethod;
    return typeof name === 'string' ? name : '';
  } catch {
    return '';
  }
}

function keyName(key: PropertyKey): string {
  if (typeof key !== 'symbol') return String(key);
  return key.description === undefined || key.description === '' ? 'symbol' : `[${key.description}]`;
}
