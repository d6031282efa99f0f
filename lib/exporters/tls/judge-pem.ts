import { X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { ConfigError } from '../../model/errors.js';
import { reasonOf } from '../reason-of.js';
import type { TlsSettings } from './server-tls.js';

const BLOCK = /-----BEGIN [^-]*CERTIFICATE-----[^-]*-----END [^-]*CERTIFICATE-----/g;

const NOT_A_PATH = 'Give what stands in the file, not its path';

/**
 * Has what a server will be made with tried, piece by piece, so that the message can name the one that is wrong. Throws
 * ConfigError.
 */
export function judgePem({ cert, key, passphrase, ca, minVersion }: TlsSettings): void {
  attempt({ cert }, `The option tls.cert is no usable certificate in PEM form. ${NOT_A_PATH}`);
  attempt({ key, passphrase }, keyTrouble(key, passphrase));
  attempt({ cert, key, passphrase, minVersion }, 'The options tls.cert and tls.key do not belong together');
  if (ca !== undefined) judgeAuthorities(ca);
}

function attempt(options: SecureContextOptions, trouble: string): void {
  try {
    createSecureContext(options);
  } catch (error) {
    throw refusal(trouble, error);
  }
}

function keyTrouble(key: string, passphrase: string | undefined): string {
  if (!key.includes('ENCRYPTED')) return `The option tls.key is no usable private key in PEM form. ${NOT_A_PATH}`;
  return `The option tls.key is encrypted, and ${passphrase === undefined ? 'there is no tls.passphrase' : 'tls.passphrase does not open it'}`;
}

/** Node passes over what is no certificate, and then knows nobody. */
function judgeAuthorities(ca: string): void {
  const trouble = `The option tls.ca is not one or more certificates in PEM form. ${NOT_A_PATH}`;
  const blocks = ca.match(BLOCK) ?? [];
  if (blocks.length === 0 || blocks.length !== ca.split('-----BEGIN ').length - 1) throw refusal(trouble);
  try {
    for (const block of blocks) new X509Certificate(block);
  } catch (error) {
    throw refusal(trouble, error);
  }
}

/** What OpenSSL says of a key names none of its bytes. */
function refusal(trouble: string, error?: unknown): ConfigError {
  if (error === undefined) return new ConfigError(`${trouble}.`);
  return new ConfigError(`${trouble} (${reasonOf(error)}).`, { cause: error });
}
