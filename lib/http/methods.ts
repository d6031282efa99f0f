/** What the label says of a method that is not registered: clients may send any word, and each would be a series. */
const OTHER = 'other';

/** The methods of RFC 9110, PATCH (RFC 5789) and QUERY. */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH', 'QUERY'];

const KNOWN = new Set(METHODS);

/** The label of a request's method. */
export function methodLabel(method: string | undefined): string {
  return method !== undefined && KNOWN.has(method) ? method : OTHER;
}
