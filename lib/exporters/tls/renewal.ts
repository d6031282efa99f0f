import type { Server } from 'node:http';
import { ConfigError, PromarkError } from '../../model/errors.js';
import { checkTls } from './check-tls.js';
import type { TlsSettings } from './server-tls.js';

/** Checks what a server is to show in place of what it was started with. Throws ConfigError. */
export function checkRenewal(before: TlsSettings | undefined, given: unknown): TlsSettings {
  if (before === undefined) {
    throw new ConfigError(
      'This metrics server was started without tls and speaks plain HTTP. Start it with the option tls.',
    );
  }
  const next = checkTls(given);
  // Node asks for certificates of clients from the start or never; and a forgotten `ca` would let everybody in.
  if ((before.ca === undefined) === (next.ca === undefined)) return next;
  throw new ConfigError(
    before.ca === undefined
      ? 'This metrics server was started without tls.ca and cannot begin to ask for certificates. Start another one with it.'
      : 'This metrics server was started with tls.ca, which is left out now. Give it again, as it is or renewed.',
  );
}

/** Has a server show this from now on. Throws PromarkError where the runtime cannot do that. */
export function renew(server: Server, tls: TlsSettings): void {
  if (!('setSecureContext' in server) || typeof server.setSecureContext !== 'function') {
    throw new PromarkError(
      'The certificate of a running server cannot be changed in this runtime. Close the metrics server and start another one.',
    );
  }
  server.setSecureContext(tls);
}
