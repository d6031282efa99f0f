import type { MessagePort } from 'node:worker_threads';
import type { ScrapeAnswer } from '../../replica/mirror/mirror-registry.js';
import type { ServerSettings } from '../server-options.js';
import type { TlsSettings } from '../tls/server-tls.js';
import type { SerializedError } from './serialized-error.js';

/** The `workerData` of a server's thread. */
export interface ThreadData {
  readonly settings: ThreadSettings;
  /** Where shared memory is posted. */
  readonly memory: MessagePort;
  /** Those that run when the server starts: the registry's thread may stall from then on. */
  readonly collectors: readonly ProcessCollector[];
}

/** A server's settings without what cannot be posted. */
export type ThreadSettings = Omit<ServerSettings, 'registry'>;

/** A default collector whose numbers are those of the whole process, which every thread can read. */
export interface ProcessCollector {
  readonly name: string;
  readonly prefix: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** From the server's thread to the registry's. */
export type FromThread =
  | { readonly kind: 'listening'; readonly port: number; readonly url: string }
  | { readonly kind: 'refused'; readonly error: SerializedError }
  /** Requests a sign of life: any message with this or a greater id. */
  | { readonly kind: 'ping'; readonly id: number }
  /** Requests that families be brought up to date. */
  | { readonly kind: 'ask'; readonly id: number; readonly names: readonly string[] }
  | { readonly kind: 'fault'; readonly where: string; readonly error: unknown };

/** From the registry's thread to the server's. */
export type ToThread =
  | { readonly kind: 'pong'; readonly id: number }
  | {
      readonly kind: 'answer';
      readonly id: number;
      readonly answer: ScrapeAnswer;
      readonly collectors: readonly ProcessCollector[];
    }
  /** Replaces the certificate; the outcome is posted to `answer` as a `TlsAnswer`. */
  | { readonly kind: 'tls'; readonly tls: TlsSettings; readonly answer: MessagePort }
  | { readonly kind: 'close' };

/** The outcome of replacing the certificate. */
export interface TlsAnswer {
  /** Undefined where it was replaced. */
  readonly error: SerializedError | undefined;
}

/** A message that shows that the registry's thread is running. */
export type SignOfLife = Extract<ToThread, { kind: 'pong' | 'answer' }>;
