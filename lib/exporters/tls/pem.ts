import type { X509Certificate } from 'node:crypto';
import { ConfigError, reasonOf } from '../../model/errors.js';
import { builtin } from '../../model/load-at-runtime.js';

/** The option `tls` with its defaults, in a form that can be sent to another thread. */
export interface TlsSettings {
  readonly cert: string;
  readonly key: string;
  readonly passphrase: string | undefined;
  readonly ca: string | undefined;
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
}

const BLOCK = /-----BEGIN [^-]*CERTIFICATE-----[^-]*-----END [^-]*CERTIFICATE-----/g;

const NOT_A_PATH = 'Pass the contents of the file, not its path';

/**
 * Checks certificate, key and authorities one by one, so that the error can name the invalid one; some runtimes would
 * accept it. Throws ConfigError.
 */
export function checkPem({ cert, key, passphrase, ca, minVersion }: TlsSettings): void {
  const certificate = attempt(
    () => new (builtin('node:crypto').X509Certificate)(cert),
    `Option tls.cert is not a usable certificate in PEM form. ${NOT_A_PATH}`,
  );
  const privateKey = attempt(
    () => builtin('node:crypto').createPrivateKey({ key, passphrase }),
    describeKeyProblem(key, passphrase),
  );
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new ConfigError(
      'Options tls.cert and tls.key do not match: the key does not belong to the first certificate.',
    );
  }
  attempt(
    () => builtin('node:tls').createSecureContext({ cert, key, passphrase, minVersion }),
    'Options tls.cert and tls.key cannot be used for a server',
  );
  // Node ignores anything here that is not a certificate, and would then trust no client.
  if (ca !== undefined) {
    attempt(() => certificatesIn(ca), `Option tls.ca is not one or more certificates in PEM form. ${NOT_A_PATH}`);
  }
}

/** Quotes OpenSSL's messages, which contain no part of a key. */
function attempt<T>(work: () => T, problem: string): T {
  try {
    return work();
  } catch (error) {
    throw new ConfigError(`${problem} (${reasonOf(error)}).`, { cause: error });
  }
}

function describeKeyProblem(key: string, passphrase: string | undefined): string {
  if (!key.includes('ENCRYPTED')) return `Option tls.key is not a usable private key in PEM form. ${NOT_A_PATH}`;
  return passphrase === undefined
    ? 'Option tls.key is encrypted, but tls.passphrase is missing'
    : 'Option tls.key is encrypted, but tls.passphrase does not decrypt it';
}

function certificatesIn(pem: string): X509Certificate[] {
  const blocks = pem.match(BLOCK) ?? [];
  if (blocks.length === 0 || blocks.length !== pem.split('-----BEGIN ').length - 1) {
    throw new Error('no certificate, or an incomplete one');
  }
  return blocks.map((block) => new (builtin('node:crypto').X509Certificate)(block));
}
