import type { MessagePort } from 'node:worker_threads';
import type { ScrapeAnswer } from '../../replica/mirror/mirror-registry.js';
import type { ServerSettings } from '../server-options.js';
import type { TlsSettings } from '../tls/server-tls.js';
import type { Refusal } from './refusal.js';

/** What a server's thread is started with. */
export interface ThreadData {
  readonly settings: ThreadSettings;
  /** Where memory is handed over. */
  readonly memory: MessagePort;
  /** Those that run when the server starts: the registry's thread may stand still from then on. */
  readonly collectors: readonly ProcessCollector[];
}

/** A server's settings without what cannot be sent. */
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
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** Wants a sign of life, which is every message with this or a greater id. */
  | { readonly kind: 'ping'; readonly id: number }
  /** Wants families brought up to date. */
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
  /** Wants other certificates shown, and a word of it: a `TlsAnswer`. */
  | { readonly kind: 'tls'; readonly tls: TlsSettings; readonly answer: MessagePort }
  | { readonly kind: 'close' };

/** Whether a server's thread shows other certificates now, or why not. */
export interface TlsAnswer {
  readonly refusal: Refusal | undefined;
}

/** What shows that the registry's thread turns. */
export type SignOfLife = Extract<ToThread, { kind: 'pong' | 'answer' }>;
