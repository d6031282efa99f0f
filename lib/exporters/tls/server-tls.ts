import type { Server } from 'node:http';
import { ConfigError, PromarkError } from '../../model/errors.js';
import { builtin } from '../../model/load-at-runtime.js';
import { checkOptions, isOptionsObject, type OptionRules, rule } from '../../model/options.js';
import { checkPem, type TlsSettings } from './pem.js';

/**
 * The certificate of a server and, with a `ca`, the authorities for client certificates. All in PEM form: file
 * contents, as a string or as returned by `readFileSync`.
 *
 * @example
 * const tls = { cert: readFileSync('server.crt'), key: readFileSync('server.key'), ca: readFileSync('clients-ca.crt') };
 */
export interface ServerTls {
  /** The server's certificate, followed by any intermediate certificates. */
  readonly cert: string | Uint8Array;
  /** The private key of the certificate. */
  readonly key: string | Uint8Array;
  /** Decrypts the key. Default: the key is not encrypted. */
  readonly passphrase?: string;
  /**
   * One or more CA certificates, for mutual TLS: a client whose certificate is not signed by any of them is
   * disconnected before it can send a request. Default: clients need no certificate.
   */
  readonly ca?: string | Uint8Array;
  /** The minimum TLS version. Default: `TLSv1.2`, or `TLSv1.3` if Node was started with `--tls-min-v1.3`. */
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
}

export type { TlsSettings };

const pemRule = {
  expected: 'a PEM string or a Buffer with one',
  accepts: (value: unknown) => typeof value === 'string' || ArrayBuffer.isView(value),
  secret: true,
};

const rules: OptionRules<ServerTls> = {
  cert: pemRule,
  key: pemRule,
  passphrase: { ...rule.string, secret: true },
  ca: pemRule,
  minVersion: rule.oneOf('TLSv1.2', 'TLSv1.3'),
};

/** Validates the option `tls` and applies its defaults. Throws ConfigError, whose message never contains secrets. */
export function checkTls(tls: unknown): TlsSettings {
  if (!isOptionsObject(tls)) {
    throw new ConfigError(`Option tls must be an object such as { cert, key }, got a value of type ${typeof tls}.`);
  }
  checkOptions('tls', tls, rules);
  for (const option of ['cert', 'key'] as const) {
    if (tls[option] === undefined)
      throw new ConfigError(`tls: option ${option} is missing. It must be ${pemRule.expected}.`);
  }
  const { cert, key, passphrase, ca, minVersion } = tls;
  const settings: TlsSettings = {
    cert: toPemString(cert),
    key: toPemString(key),
    passphrase,
    ca: ca === undefined ? undefined : toPemString(ca),
    // Determined here because the server's thread does not see Node's command line.
    minVersion: minVersion ?? (builtin('node:tls').DEFAULT_MIN_VERSION === 'TLSv1.3' ? 'TLSv1.3' : 'TLSv1.2'),
  };
  checkPem(settings);
  return settings;
}

function toPemString(pem: string | Uint8Array): string {
  return typeof pem === 'string' ? pem : Buffer.from(pem.buffer, pem.byteOffset, pem.byteLength).toString();
}

/** Validates a new certificate for a running server. Throws ConfigError. */
export function checkRenewal(current: TlsSettings | undefined, tls: unknown): TlsSettings {
  if (current === undefined) {
    throw new ConfigError(
      'This metrics server was started without tls and speaks plain HTTP. Start it with the option tls.',
    );
  }
  const next = checkTls(tls);
  // Node decides when the server starts whether to request client certificates. A forgotten `ca` would let everyone in.
  if ((current.ca === undefined) === (next.ca === undefined)) return next;
  throw new ConfigError(
    current.ca === undefined
      ? 'This metrics server was started without tls.ca and cannot start requesting client certificates. Start another server with it.'
      : 'This metrics server was started with tls.ca, which is missing now. Pass it again, unchanged or renewed.',
  );
}

/** Applies a new certificate to a running server. Throws PromarkError if the runtime does not support this. */
export function renew(server: Server, tls: TlsSettings): void {
  if (!('setSecureContext' in server) || typeof server.setSecureContext !== 'function') {
    throw new PromarkError(
      'The certificate of a running server cannot be changed in this runtime. Close the metrics server and start another one.',
    );
  }
  server.setSecureContext(tls);
}
