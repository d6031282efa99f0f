import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** An instance of Fastify. Its own types are not needed to install promark. */
export interface FastifyLike {
  addHook(...given: never[]): unknown;
  route(...given: never[]): unknown;
}

/** A plugin of Fastify. */
export type FastifyPlugin = (fastify: FastifyLike, options: object, done: (error?: Error) => void) => void;

/** A request, as far as it is looked at here. */
export interface FastifyRequestLike {
  readonly raw: IncomingMessage;
  /** The route that takes the request; without a URL where there is none. */
  readonly routeOptions?: { readonly url?: string | undefined };
}

/** A reply, likewise. */
export interface FastifyReplyLike {
  readonly raw: ServerResponse;
  /** Tells Fastify that somebody else answers. */
  hijack(): unknown;
}

/** An instance by what is called here. */
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

/** Makes a plugin whose hooks and routes belong to the instance that it is registered with, not to one within. */
export function pluginOf(name: string, install: (fastify: FastifyCalls) => void): FastifyPlugin {
  const plugin: FastifyPlugin = (fastify, _options, done) => {
    install(fastify as FastifyCalls);
    done();
  };
  // What the package fastify-plugin does.
  return Object.assign(plugin, { [Symbol.for('skip-override')]: true, [Symbol.for('fastify.display-name')]: name });
}
