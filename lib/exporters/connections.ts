import type { Socket } from 'node:net';
import { transportOf } from './transport.js';

/**
 * The connections of a server, up to a limit. Beyond it, the one that has been idle longest is closed, so that a crowd of
 * silent clients cannot keep a scraper out.
 */
export class Connections {
  /** Those without an unanswered request, longest idle first. */
  private readonly idle = new Set<Socket>();
  /** The others, with the number of unanswered requests. */
  private readonly busy = new Map<Socket, number>();
  /** Busy ones that are closed after their answers. */
  private readonly leaving = new WeakSet<Socket>();
  private closing = false;

  constructor(
    private readonly limit: number,
    /** Whether idle connections keep the process alive; busy ones always do. */
    private readonly keepAlive: boolean,
  ) {}

  /** Adds a connection; with TLS, the TCP connection beneath, before the handshake. */
  add(socket: Socket): void {
    if (this.idle.size + this.busy.size >= this.limit && !this.dropIdlest()) {
      socket.destroy();
      return;
    }
    this.rest(socket);
    socket.once('close', () => {
      this.idle.delete(socket);
      this.busy.delete(socket);
    });
  }

  /** A request came in. */
  begin(on: Socket): void {
    const socket = transportOf(on);
    this.idle.delete(socket);
    this.busy.set(socket, (this.busy.get(socket) ?? 0) + 1);
    socket.ref();
  }

  /** A request was answered. */
  end(on: Socket): void {
    const socket = transportOf(on);
    const left = (this.busy.get(socket) ?? 0) - 1;
    if (left > 0) {
      this.busy.set(socket, left);
      return;
    }
    this.busy.delete(socket);
    if (socket.destroyed) return;
    // Not the TCP connection: bytes may still have to be encrypted.
    if (this.closing || this.leaving.has(socket)) on.destroySoon();
    else this.rest(socket);
  }

  /** Closes idle connections now, and busy ones as soon as they are idle. */
  endAll(): void {
    for (const socket of this.idle) socket.destroy();
    for (const socket of this.busy.keys()) this.leaving.add(socket);
  }

  /** The same, also for connections that are still to come. */
  close(): void {
    this.closing = true;
    this.endAll();
  }

  private rest(socket: Socket): void {
    this.idle.add(socket);
    if (!this.keepAlive) socket.unref();
  }

  private dropIdlest(): boolean {
    for (const socket of this.idle) {
      this.idle.delete(socket);
      socket.destroy();
      return true;
    }
    return false;
  }
}
