import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { ConfigError } from '../../model/errors.js';
import { reasonOf } from '../reason-of.js';
import type { TlsSettings } from './server-tls.js';

const BLOCK = /-----BEGIN [^-]*CERTIFICATE-----[^-]*-----END [^-]*CERTIFICATE-----/g;

const NOT_A_PATH = 'Give what stands in the file, not its path';

/**
 * Tries what a server will be made with, piece by piece, so that the message can name the one that is wrong; not every
 * runtime would refuse it by itself. Throws ConfigError.
 */
export function judgePem({ cert, key, passphrase, ca, minVersion }: TlsSettings): void {
  const certificate = attempt(
    () => new X509Certificate(cert),
    `The option tls.cert is no usable certificate in PEM form. ${NOT_A_PATH}`,
  );
  const privateKey = attempt(() => createPrivateKey({ key, passphrase }), keyTrouble(key, passphrase));
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new ConfigError(
      'The options tls.cert and tls.key do not belong together: the key is of another certificate than the first one.',
    );
  }
  attempt(
    () => createSecureContext({ cert, key, passphrase, minVersion }),
    'The options tls.cert and tls.key cannot be used for a server',
  );
  // Node passes over what is no certificate here, and then knows nobody.
  if (ca !== undefined) {
    attempt(() => certificatesIn(ca), `The option tls.ca is not one or more certificates in PEM form. ${NOT_A_PATH}`);
  }
}

/** What OpenSSL says of a key names none of its bytes. */
function attempt<T>(work: () => T, trouble: string): T {
  try {
    return work();
  } catch (error) {
    throw new ConfigError(`${trouble} (${reasonOf(error)}).`, { cause: error });
  }
}

function keyTrouble(key: string, passphrase: string | undefined): string {
  if (!key.includes('ENCRYPTED')) return `The option tls.key is no usable private key in PEM form. ${NOT_A_PATH}`;
  return passphrase === undefined
    ? 'The option tls.key is encrypted, and there is no tls.passphrase'
    : 'The option tls.key is encrypted, and tls.passphrase does not open it';
}

function certificatesIn(pem: string): X509Certificate[] {
  const blocks = pem.match(BLOCK) ?? [];
  if (blocks.length === 0 || blocks.length !== pem.split('-----BEGIN ').length - 1) {
    throw new Error('no certificate, or a part of one');
  }
  return blocks.map((block) => new X509Certificate(block));
}
