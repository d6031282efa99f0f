/**
 * How a server proves who it is and whether its clients have to as well. All in PEM form: what stands in the files, as
 * text or as what `readFileSync` gives.
 *
 * @example
 * const tls = { cert: readFileSync('server.crt'), key: readFileSync('server.key'), ca: readFileSync('clients-ca.crt') };
 */
export interface ServerTls {
  /** The server's certificate, and behind it those that lead to a root that clients know. */
  readonly cert: string | Uint8Array;
  /** The private key of the certificate. */
  readonly key: string | Uint8Array;
  /** What the key is encrypted with. Default: it is not encrypted. */
  readonly passphrase?: string;
  /**
   * The certificates of one or more authorities, for mutual TLS: every client has to show a certificate that one of them
   * has signed, or its connection ends before it has asked for anything. Default: clients need no certificate.
   */
  readonly ca?: string | Uint8Array;
  /** The oldest version that is spoken. Default: `TLSv1.2`, or `TLSv1.3` where Node was started with `--tls-min-v1.3`. */
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
}

/** The same with its default, as it may be sent to another thread. */
export interface TlsSettings {
  readonly cert: string;
  readonly key: string;
  readonly passphrase: string | undefined;
  readonly ca: string | undefined;
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
}
