import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** A Fastify instance, typed structurally so that promark does not depend on Fastify. */
export interface FastifyLike {
  addHook(...args: never[]): unknown;
  route(...args: never[]): unknown;
}

/** A Fastify plugin. */
export type FastifyPlugin = (fastify: FastifyLike, options: object, done: (error?: Error) => void) => void;

/** The part of a Fastify request that is used. */
export interface FastifyRequestLike {
  readonly raw: IncomingMessage;
  /** The matched route; without a URL if no route matched. */
  readonly routeOptions?: { readonly url?: string | undefined };
}

/** The part of a Fastify reply that is used. */
export interface FastifyReplyLike {
  readonly raw: ServerResponse;
  /** Tells Fastify not to answer. */
  hijack(): unknown;
}

/** The methods of a Fastify instance that are called. */
export interface FastifyCalls {
  readonly server?: EventEmitter;
  addHook(
    name: 'onRequest',
    hook: (request: FastifyRequestLike, reply: FastifyReplyLike, done: () => void) => void,
  ): unknown;
  route(options: {
    readonly method: string;
    readonly url: string;
    readonly exposeHeadRoute: boolean;
    readonly logLevel: string;
    readonly handler: (request: FastifyRequestLike, reply: FastifyReplyLike) => void;
  }): unknown;
}

/** Returns a plugin whose hooks and routes belong to the instance it is registered on, not to a nested one. */
export function pluginOf(name: string, install: (fastify: FastifyCalls) => void): FastifyPlugin {
  const plugin: FastifyPlugin = (fastify, _options, done) => {
    install(fastify as FastifyCalls);
    done();
  };
  // This is what the package fastify-plugin does.
  return Object.assign(plugin, { [Symbol.for('skip-override')]: true, [Symbol.for('fastify.display-name')]: name });
}
