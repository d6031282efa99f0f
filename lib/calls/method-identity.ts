import type { AnyMethod, Member } from './dialect.js';
import { layersOf } from './wrapper.js';

/** The value of the option `class` that means the class of the instance, rather than the one that declares the method. */
export const RUNTIME_CLASS = 'runtime';

/** Which method of which class a decorator was applied to. */
export class MethodIdentity {
  readonly key: PropertyKey;
  readonly method: string;
  readonly isStatic: boolean;
  /** The prototype or, for a static method, the class that declares the method. */
  private owner: object | undefined;
  private named: string | undefined;
  private found: string | undefined;
  private readonly wrappers: unknown[] = [];

  constructor(
    private readonly member: Pick<Member, 'key' | 'isStatic' | 'isPrivate' | 'owner'>,
    names: { readonly class?: string; readonly method?: string },
  ) {
    this.key = member.key;
    this.method = names.method ?? keyName(member.key);
    this.isStatic = member.isStatic;
    this.named = names.class === RUNTIME_CLASS ? undefined : names.class;
    if (member.owner !== undefined) this.declare(member.owner);
  }

  /** The name of the declaring class; undefined while it is unknown. */
  get className(): string | undefined {
    if (this.named !== undefined) return this.named;
    if (this.owner !== undefined) this.found ??= classNameOf(this.owner) || undefined;
    return this.found;
  }

  /** `Shop.order`, or only the method while the class is unknown; for messages. */
  get fullName(): string {
    const { className, method } = this;
    return className === undefined ? method : `${className}.${method}`;
  }

  /**
   * Whether the class name is fixed by an option, or because the method is private, and so does not depend on the
   * instance.
   */
  get isNamed(): boolean {
    return this.named !== undefined || this.member.isPrivate;
  }

  /** The object that declares the method; undefined while it is unknown. */
  get declaredBy(): object | undefined {
    return this.owner;
  }

  addWrapper(wrapper: unknown): void {
    this.wrappers.push(wrapper);
  }

  /** Renames the class. */
  rename(className: string): void {
    this.named ??= className;
  }

  /** Sets which object declares the method. */
  declare(owner: object): void {
    this.owner = owner;
  }

  /**
   * Searches for the declaring class and its name, starting from the `this` of a call. Standard decorators do not pass the
   * class, and the instance may be of a subclass. Never throws.
   */
  find(self: unknown): boolean {
    if (this.owner !== undefined && this.className !== undefined) return true;
    if ((typeof self !== 'object' && typeof self !== 'function') || self === null) return false;
    // A private method is on no prototype: the class of the first instance that it is called on is used.
    if (this.member.isPrivate) this.found ??= nearestName(this.isStatic ? [self] : chainFrom(self).slice(1));
    else this.findOwner(self);
    return this.owner !== undefined && this.className !== undefined;
  }

  /**
   * Returns the object in the prototype chain of `self` that holds this method, which may be a copy of the original.
   */
  holderFrom(self: object): object | undefined {
    return chainFrom(self).find((object) => {
      if (!this.mayDeclare(object)) return false;
      const property = Object.getOwnPropertyDescriptor(object, this.key);
      const layers = layersOf(property?.value ?? property?.get);
      return this.wrappers.some((wrapper) => layers.includes(wrapper));
    });
  }

  private findOwner(self: object): void {
    const chain = chainFrom(self);
    // Without an exact match, another decorator has wrapped this method once more.
    this.owner ??= this.holderFrom(self) ?? chain.find((object) => this.mayDeclare(object));
    if (this.owner === undefined || this.className !== undefined) return;
    // An anonymous class, such as a mixin, is named like the nearest class that extends it, or else the nearest one
    // that it extends.
    const at = chain.indexOf(this.owner);
    if (at < 0 || (at === 0 && !this.isStatic)) return;
    this.found = nearestName([...chain.slice(0, at).reverse(), ...chain.slice(at)]);
  }

  /**
   * Whether an object has the member and may be the declaring class. A method copied onto an instance is declared
   * further up.
   */
  private mayDeclare(object: object): boolean {
    try {
      if (!Object.hasOwn(object, this.key)) return false;
      return this.isStatic ? typeof object === 'function' : Object.hasOwn(object, 'constructor');
    } catch {
      return false;
    }
  }
}

/** The name of the class of an instance, or of a class itself; empty if there is none. Never throws. */
export function runtimeClassName(self: unknown): string {
  if (typeof self === 'function') return nearestName(chainFrom(self));
  return typeof self === 'object' && self !== null ? nearestName(chainFrom(self).slice(1)) : '';
}

/**
 * Returns an object and its prototypes, up to but without Object.prototype or Function.prototype. A proxy may end the
 * list early.
 */
export function chainFrom(object: unknown): object[] {
  const chain: object[] = [];
  try {
    for (let at = object; chain.length < MAX_DEPTH; at = Object.getPrototypeOf(at)) {
      if ((typeof at !== 'object' && typeof at !== 'function') || at === null) break;
      if (at === Object.prototype || at === Function.prototype) break;
      chain.push(at);
    }
  } catch {
    // The trap of a proxy has thrown.
  }
  return chain;
}

/** A proxy may return new prototypes without end. */
const MAX_DEPTH = 1000;

function nearestName(owners: readonly object[]): string {
  for (const owner of owners) {
    const name = classNameOf(owner);
    if (name !== '') return name;
  }
  return '';
}

/** Returns the name of a class, given the class or its prototype; empty for an anonymous class. */
function classNameOf(owner: object): string {
  try {
    const { name } = (
      typeof owner === 'function' ? owner : (owner as { constructor: unknown }).constructor
    ) as AnyMethod;
    return typeof name === 'string' && !INVENTED_NAME.test(name) ? name : '';
  } catch {
    return '';
  }
}

/** The names that compilers give to anonymous classes: `class_1` (TypeScript), `_class` (SWC, Babel), `_b` (esbuild). */
const INVENTED_NAME = /^(class_\d+|_class\d*|_[a-z]\d*)$/;

function keyName(key: PropertyKey): string {
  if (typeof key !== 'symbol') return String(key);
  return key.description === undefined || key.description === '' ? 'symbol' : `[${key.description}]`;
}
