/** Parameters that a router has found in a part of the path. */
export type Params = Readonly<Record<string, unknown>>;

/** A path segment: the text that no parameter has claimed yet, and the finished template after it. */
interface Segment {
  readonly raw: string;
  text: string;
  done: string;
}

/**
 * Returns the template of a part of the path: `/shops/42` with `{ shop: '42' }` is `/shops/:shop`. Parameters are
 * matched from the right, since `/shops/:shop` is more common than `/:shop/shops`.
 *
 * @param inherited The values that come from the places further out: they need not be in this part.
 */
export function partTemplate(part: string, params: Params, inherited: Params): string {
  const segments = part.split('/').map((raw): Segment => ({ raw, text: decoded(raw), done: '' }));
  for (const [name, value] of Object.entries(params).reverse()) {
    if (Array.isArray(value)) replaceRun(segments, value.map(String), `*${name}`);
    else if (typeof value === 'string' && value !== '') {
      const found =
        replaceRun(segments, [value], `:${name}`) ||
        // A wildcard of Express 4.
        (value.includes('/') && replaceRun(segments, value.split('/'), `:${name}`));
      if (!found && inherited[name] !== value) replaceInside(segments, value, `:${name}`);
    }
  }
  return segments.map(({ raw, text, done }) => (done === '' ? raw : text + done)).join('/');
}

/** Replaces whole segments that equal these values by a name. */
function replaceRun(segments: Segment[], texts: readonly string[], name: string): boolean {
  for (let start = segments.length - texts.length; start >= 0; start--) {
    if (!texts.every((text, i) => segments[start + i].done === '' && segments[start + i].text === text)) continue;
    segments.splice(start, texts.length, { raw: '', text: '', done: name });
    return true;
  }
  return false;
}

/** Replaces a part of a segment by a name, as for `/:from-:to` or a group of a regular expression. */
function replaceInside(segments: readonly Segment[], value: string, name: string): void {
  for (let i = segments.length - 1; i >= 0; i--) {
    const segment = segments[i];
    const at = segment.text.lastIndexOf(value);
    if (at < 0) continue;
    segment.done = name + segment.text.slice(at + value.length) + segment.done;
    segment.text = segment.text.slice(0, at);
    return;
  }
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
