import type { HttpRecorder, ServerReply, ServerRequest } from '../../lib/index.js';

/** What is used of a Fastify app. */
export interface FastifyInstance {
  addHook(name: 'onRequest', hook: (request: FastifyRequest, reply: FastifyReply, done: () => void) => void): unknown;
}

interface FastifyRequest {
  readonly raw: ServerRequest;
  readonly routeOptions: { readonly url?: string | undefined };
}

interface FastifyReply {
  readonly raw: ServerReply;
}

/** Has a Fastify app tell the route of each request. */
export function tellFastifyRoutes(instance: FastifyInstance, recorder: HttpRecorder): void {
  instance.addHook('onRequest', (request, reply, done) => {
    recorder.begin(request.raw, reply.raw, request.routeOptions.url);
    done();
  });
}
