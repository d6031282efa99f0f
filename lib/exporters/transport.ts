import { Socket } from 'node:net';

/**
 * The connection beneath an encrypted one; any other is its own. The two stand for the same client: a server is told of
 * the lower one first, and requests come on the upper one. Only the lower one can be reset.
 *
 * Node has no public way down. Where a runtime has none at all, the upper one has to do.
 */
export function transportOf(socket: Socket): Socket {
  const { _parent: lower } = socket as { readonly _parent?: unknown };
  return lower instanceof Socket ? lower : socket;
}
