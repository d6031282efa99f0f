import type { Server } from 'node:http';
import { type LoopbackServer, listenOnLoopback } from '../support/servers.js';

const servers: LoopbackServer[] = [];

/** Has a server listen on a free port of this machine only, until `closeServers`; returns its address. */
export async function listen(server: Server): Promise<string> {
  const listening = await listenOnLoopback(server);
  servers.push(listening);
  return listening.url;
}

/** Ends all servers. */
export async function closeServers(): Promise<void> {
  await Promise.all(servers.splice(0).map((server) => server.close()));
}
