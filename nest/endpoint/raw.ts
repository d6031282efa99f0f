/** A request or response as Express hands it over, or as Fastify does: with Node's own inside. */
export type Raw<T> = T | { readonly raw: T };

/** Node's own request or response. */
export function rawOf<T extends object>(given: Raw<T>): T {
  return 'raw' in given ? given.raw : given;
}
