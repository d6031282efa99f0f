import type { MessagePort } from 'node:worker_threads';
import { ConfigError, PromarkError } from '../../model/errors.js';
import type { GroupView } from '../../processes/group-view.js';
import type { ProcessCollector } from '../../registry/running-collectors.js';
import type { ScrapeAnswer } from '../../replica/mirror/mirror-registry.js';
import type { ForwardedMessage } from '../../replica/threads/messages.js';
import type { ServerSettings } from '../server-options.js';
import type { TlsSettings } from '../tls/server-tls.js';

/** The `workerData` of a server's thread. */
export interface ThreadData {
  readonly settings: ThreadSettings;
  /** Receives shared memory. */
  readonly memory: MessagePort;
  /** One word of shared memory: 1 if pages can be rendered without the registry's thread, else 0. */
  readonly isSelfContained: Int32Array;
  /** Collectors running when the server starts. The registry's thread may stall before it can report them. */
  readonly collectors: readonly ProcessCollector[];
  /** Whether pages include the values of worker threads. */
  readonly mergesThreads: boolean;
  /** The path of the part of the program that is loaded when needed. */
  readonly laterParts: string;
  /** The path of the package that reads memory of mapped files. */
  readonly mappingLibrary: string;
}

/** A server's settings, without those that cannot be posted. */
export type ThreadSettings = Omit<ServerSettings, 'registry'>;

/** From the server's thread to the registry's. */
export type FromThread =
  | { readonly kind: 'listening'; readonly port: number; readonly url: string }
  | { readonly kind: 'failed'; readonly error: SerializedError }
  /** Requests any message with this or a greater id. */
  | { readonly kind: 'ping'; readonly id: number }
  /** Requests that families be refreshed. */
  | { readonly kind: 'refresh'; readonly id: number; readonly names: readonly string[] }
  | { readonly kind: 'fault'; readonly where: string; readonly error: unknown }
  | { readonly kind: 'warning'; readonly message: string }
  /** A family is left out, because a newer one is defined differently or has samples of the same name. */
  | { readonly kind: 'conflict'; readonly family: string; readonly source: string; readonly rival: string | undefined };

/** From the registry's thread to the server's. */
export type ToThread =
  | { readonly kind: 'pong'; readonly id: number }
  | {
      readonly kind: 'refreshed';
      readonly id: number;
      readonly answer: ScrapeAnswer;
      readonly collectors: readonly ProcessCollector[];
    }
  /** Replaces the certificate; the result is posted to `replyTo` as a `TlsResult`. */
  | { readonly kind: 'tls'; readonly tls: TlsSettings; readonly replyTo: MessagePort }
  /** Forwards messages of worker threads, and which of them have ended. */
  | { readonly kind: 'thread'; readonly message: ForwardedMessage }
  /** The other processes shown on pages; undefined for none. */
  | { readonly kind: 'group'; readonly view: GroupView | undefined }
  | { readonly kind: 'close' };

/** The result of replacing the certificate. */
export interface TlsResult {
  /** Undefined on success. */
  readonly error: SerializedError | undefined;
}

/** A response to a `ping` or `refresh`, which proves that the registry's thread is running. */
export type Reply = Extract<ToThread, { kind: 'pong' | 'refreshed' }>;

/** An error in a form that can be posted to another thread without losing its class. */
export interface SerializedError {
  readonly name: string;
  readonly message: string;
  /** Usually a system error, whose code would otherwise be lost. */
  readonly cause: { readonly message: string; readonly code: string | undefined } | undefined;
}

export function serializeError(error: unknown): SerializedError {
  const { name, message, cause } = error as Error & { cause?: NodeJS.ErrnoException };
  return { name, message, cause: cause && { message: cause.message, code: cause.code } };
}

export function deserializeError({ name, message, cause }: SerializedError): PromarkError {
  const options = cause && { cause: Object.assign(new Error(cause.message), { code: cause.code }) };
  return name === 'ConfigError' ? new ConfigError(message, options) : new PromarkError(message, options);
}
