import { DEFAULT_MIN_VERSION } from 'node:tls';
import { ConfigError, show } from '../../model/errors.js';
import { checkKnown } from '../check-known.js';
import { judgePem } from './judge-pem.js';
import type { ServerTls, TlsSettings } from './server-tls.js';

const KNOWN: Readonly<Record<keyof ServerTls, true>> = {
  cert: true,
  key: true,
  passphrase: true,
  ca: true,
  minVersion: true,
};

/** Checks the option `tls` and puts its default in. Throws ConfigError, which shows nothing of what may be a secret. */
export function checkTls(given: unknown): TlsSettings {
  if (typeof given !== 'object' || given === null) {
    throw new ConfigError(`The option tls is an object such as { cert, key }, not of type ${typeof given}.`);
  }
  checkKnown('The option tls', given, KNOWN);
  const { cert, key, passphrase, ca, minVersion } = given as { readonly [option in keyof ServerTls]?: unknown };
  const settings = {
    cert: checkPem('cert', cert),
    key: checkPem('key', key),
    passphrase: checkPassphrase(passphrase),
    ca: ca === undefined ? undefined : checkPem('ca', ca),
    minVersion: checkVersion(minVersion),
  };
  judgePem(settings);
  return settings;
}

function checkPem(option: string, pem: unknown): string {
  if (typeof pem === 'string') return pem;
  if (ArrayBuffer.isView(pem)) return Buffer.from(pem.buffer, pem.byteOffset, pem.byteLength).toString();
  throw new ConfigError(
    `The option tls.${option} is text in PEM form, or a Buffer of it, not ${pem === undefined ? 'left out' : `of type ${typeof pem}`}.`,
  );
}

function checkPassphrase(passphrase: unknown): string | undefined {
  if (passphrase === undefined || typeof passphrase === 'string') return passphrase;
  throw new ConfigError(`The option tls.passphrase is text, not of type ${typeof passphrase}.`);
}

function checkVersion(version: unknown): TlsSettings['minVersion'] {
  // A server's own thread does not know what Node was started with.
  if (version === undefined) return DEFAULT_MIN_VERSION === 'TLSv1.3' ? DEFAULT_MIN_VERSION : 'TLSv1.2';
  if (version === 'TLSv1.2' || version === 'TLSv1.3') return version;
  throw new ConfigError(`The option tls.minVersion is "TLSv1.2" or "TLSv1.3", not ${show(version)}.`);
}
