/** Values that a router has found in a part of the path. */
export type Params = Readonly<Record<string, unknown>>;

/**
 * The templates of the places that a request has come through. A router tells only what it has taken from the path,
 * `/shops/42`, and the values that it has found there, `{ shop: '42' }`; the template is `/shops/:shop`.
 */
export class Mounts {
  private readonly templates = new Map<string, string>();

  /** A router leads from one place to one further in, having found these values between them. */
  enter(from: string, to: string, params: Params): void {
    const part = to.slice(from.length).split('/').map(namedBy(params)).join('/');
    this.templates.set(to, this.templateOf(from) + part);
  }

  /** The template of a place. */
  templateOf(place: string): string {
    return this.templates.get(place) ?? place;
  }
}

/** Replaces the segments that are a parameter's value. */
function namedBy(params: Params): (segment: string) => string {
  const names = new Map<string, string>();
  for (const [name, value] of Object.entries(params)) {
    // A wildcard has an array of segments.
    for (const text of [value].flat()) names.set(String(text), Array.isArray(value) ? `*${name}` : `:${name}`);
  }
  return (segment) => (segment === '' ? '' : (names.get(decoded(segment)) ?? segment));
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
