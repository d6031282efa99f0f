import { MessageChannel, type Worker } from 'node:worker_threads';
import { closedError } from '../closed-error.js';
import type { TlsSettings } from '../tls/server-tls.js';
import type { TlsAnswer, ToThread } from './messages.js';
import { errorOf } from './refusal.js';

/** Has a server's thread show other certificates. Resolves when it does, and keeps the process alive until then. */
export async function sendTls(worker: Worker, tls: TlsSettings, ended: Promise<void>): Promise<void> {
  const { port1, port2: answer } = new MessageChannel();
  const answered = new Promise<TlsAnswer>((resolve) => port1.once('message', resolve));
  const message: ToThread = { kind: 'tls', tls, answer };
  worker.postMessage(message, [answer]);
  try {
    const { refusal } = await Promise.race([
      answered,
      ended.then(() => {
        throw closedError();
      }),
    ]);
    if (refusal !== undefined) throw errorOf(refusal);
  } finally {
    port1.close();
  }
}
