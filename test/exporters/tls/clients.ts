import { once } from 'node:events';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { authority } from './certificates.js';

/** An encrypted connection for sending arbitrary bytes, once the handshake is done. */
export async function openSecurely(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca: authority, ...options });
  await once(socket, 'secureConnect');
  // Some tests expect to be disconnected.
  return socket.on('error', () => {});
}
