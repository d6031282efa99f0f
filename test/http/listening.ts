import type { Server } from 'node:http';
import { type LoopbackServer, listenOnLoopback } from '../support/servers.js';

const servers: LoopbackServer[] = [];

/** Starts a server on a free loopback port, until `closeServers`; returns its URL. */
export async function listen(server: Server): Promise<string> {
  const listening = await listenOnLoopback(server);
  servers.push(listening);
  return listening.url;
}

/** Closes all servers. */
export async function closeServers(): Promise<void> {
  await Promise.all(servers.splice(0).map((server) => server.close()));
}
