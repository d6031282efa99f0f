import { type HttpServerOptions, type MetricsServer, startHttpServer } from 'promark';

const servers: MetricsServer[] = [];

/** Starts a server on a free loopback port, in the main thread unless the options say otherwise. */
export async function start(options: HttpServerOptions): Promise<MetricsServer> {
  return ending(await startHttpServer({ port: 0, host: '127.0.0.1', thread: false, ...options }));
}

/** Registers a server to be closed with the others. */
export function ending(server: MetricsServer): MetricsServer {
  servers.push(server);
  return server;
}

/** Closes all servers that were started. */
export async function closeAll(): Promise<void> {
  await Promise.all(servers.splice(0).map((server) => server.close()));
}
