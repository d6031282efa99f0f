/**
 * The URL of a gateway that would be where a redirection points to; undefined where that is nowhere on the web. Without
 * credentials and query, which may repeat secrets of the request.
 *
 * @param asked The URL of the gateway that answered.
 * @param path What it was asked for, below that.
 */
export function pointedTo(location: string | undefined, asked: string, path: string): string | undefined {
  if (location === undefined || !URL.canParse(location, asked + path)) return undefined;
  const { protocol, origin, pathname } = new URL(location, asked + path);
  if (protocol !== 'http:' && protocol !== 'https:') return undefined;
  return origin + (pathname.endsWith(path) ? pathname.slice(0, -path.length) : pathname);
}
