import { type AnyMethod, decorateMember, type Member } from '../calls/dialect.js';
import { type Instrumentation, measure } from '../calls/measure.js';
import { type MarkedSite, noteOwner, noteSite } from './marks.js';
import { noteWrapper } from './place.js';

/** Decorates a method with the mark that `make` makes for it. */
export function markMethod(
  decorator: string,
  on: readonly unknown[],
  make: (member: Member) => Instrumentation & MarkedSite,
): undefined {
  return decorateMember(decorator, ['method'], on, (member) => wrapMember(member, make(member))) as undefined;
}

/** Wraps a method for a mark. */
export function wrapMember(member: Member, site: Instrumentation & MarkedSite): AnyMethod {
  const wrapper = measure(member.body, site);
  noteWrapper(wrapper, member.body);
  noteSite(wrapper, site);
  if (member.owner !== undefined) {
    noteOwner(site);
    site.zero(member.owner);
  }
  let known = false;
  const meet = (instance: object): void => {
    if (known) return;
    known = site.place.find(instance);
    noteOwner(site);
    site.zero(instance);
  };
  // A class that is just being made may not have its name yet: esbuild gives it afterwards.
  member.onInstance?.(member.isStatic ? (target) => queueMicrotask(() => meet(target)) : meet);
  return wrapper;
}
