import { once } from 'node:events';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { authority } from './certificates.js';

/** An encrypted connection on which bytes can be sent as one likes, once the handshake is done. */
export async function openSecurely(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca: authority, ...options });
  await once(socket, 'secureConnect');
  // Being cut off is what some tests are about.
  return socket.on('error', () => {});
}
