import type { AnyMethod, Member } from '../calls/dialect.js';

/** What each promark wrapper wraps: another one where marks are stacked. */
const wrapped = new WeakMap<object, AnyMethod>();

export function noteWrapper(wrapper: AnyMethod, body: AnyMethod): void {
  wrapped.set(wrapper, body);
}

/** The method under all promark wrappers that stand directly above each other, and these wrappers, outermost first. */
export function layersOf(method: unknown): readonly unknown[] {
  const layers: unknown[] = [];
  for (let layer = method; layer !== undefined; layer = wrapped.get(layer as AnyMethod)) {
    layers.push(layer);
    if (typeof layer !== 'function') break;
  }
  return layers;
}

/** Where a mark stands: which method of which class. */
export class Place {
  readonly key: PropertyKey;
  readonly method: string;
  readonly isStatic: boolean;
  /** The prototype or, for statics, the class that declares the method. */
  private owner: object | undefined;
  private given: string | undefined;
  private found: string | undefined;
  private wrapper: unknown;

  constructor(
    private readonly member: Pick<Member, 'key' | 'isStatic' | 'isPrivate' | 'owner'>,
    names: { readonly class?: string; readonly method?: string },
  ) {
    this.key = member.key;
    this.method = names.method ?? keyText(member.key);
    this.isStatic = member.isStatic;
    this.given = names.class;
    if (member.owner !== undefined) this.settle(member.owner);
  }

  /** The name of the declaring class; undefined while it is not known. */
  get className(): string | undefined {
    if (this.owner !== undefined) this.found ??= classNameOf(this.owner);
    return this.given ?? this.found;
  }

  /** The class that declares the method; undefined while it is not known. */
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

  /** Notes who declares the method. */
  settle(owner: object): void {
    this.owner = owner;
  }

  /**
   * Looks for the declaring class from what the method was called on: the object of the prototype chain whose own
   * member is the wrapper. Standard decorators do not tell it, and the instance may be of a subclass.
   */
  find(self: unknown): boolean {
    if (this.owner !== undefined) return true;
    if ((typeof self !== 'object' && typeof self !== 'function') || self === null) return false;
    const owner = this.member.isPrivate ? undefined : (this.holderFrom(self, true) ?? this.holderFrom(self, false));
    if (owner !== undefined) this.settle(owner);
    // A private method is no member of any prototype: the class that it was first called on has to do.
    else if (this.member.isPrivate) this.found ??= classNameOf(this.isStatic ? self : Object.getPrototypeOf(self));
    return owner !== undefined;
  }

  /** `exact`: the one that holds this very wrapper, rather than whatever another decorator has put around it. */
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

function keyText(key: PropertyKey): string {
  if (typeof key !== 'symbol') return String(key);
  return key.description === undefined || key.description === '' ? 'symbol' : `[${key.description}]`;
}
