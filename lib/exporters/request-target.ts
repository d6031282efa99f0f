/** `http://host` before the path: what a client sends to a proxy (RFC 9112, section 3.2.2). */
const ORIGIN = /^https?:\/\/[^/?]*/i;

/** The path of a request as it was sent, without the query. */
export function pathOf(target: string): string {
  const path = target.replace(ORIGIN, '').split('?', 1)[0];
  return path === '' ? '/' : path;
}

/** The names of `?name[]=a&name[]=b`, each once. */
export function namesOf(target: string): string[] {
  const query = target.indexOf('?');
  if (query < 0) return [];
  const names = new URLSearchParams(target.slice(query)).getAll('name[]');
  return [...new Set(names.filter((name) => name !== ''))];
}
