import type { Socket } from 'node:net';
import { reset, transportOf } from './transport.js';

interface BusyConnection {
  /** Where the requests come in: with TLS, the socket above the connection. */
  readonly on: Socket;
  unanswered: number;
}

/**
 * The connections of a server, up to a limit. Beyond it, the one that has been idle longest is closed or, where none is
 * idle, the oldest whose client does not take its answer, so that a crowd of silent clients cannot keep a scraper out.
 */
export class Connections {
  /** Those without an unanswered request, longest idle first. */
  private readonly idle = new Set<Socket>();
  /** The others, longest busy first. */
  private readonly busy = new Map<Socket, BusyConnection>();
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
    if (this.idle.size + this.busy.size >= this.limit && !this.dropIdlest() && !this.dropStuck()) {
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
    const busy = this.busy.get(socket);
    if (busy === undefined) this.busy.set(socket, { on, unanswered: 1 });
    else busy.unanswered += 1;
    socket.ref();
  }

  /** A request was answered. */
  end(on: Socket): void {
    const socket = transportOf(on);
    const busy = this.busy.get(socket);
    this.busy.delete(socket);
    if (busy !== undefined && busy.unanswered > 1) {
      // An answer was taken: it is not the oldest one any more.
      this.busy.set(socket, { on, unanswered: busy.unanswered - 1 });
      return;
    }
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

  /** Resets the oldest one with bytes that the client does not take. Those that wait for a page have none. */
  private dropStuck(): boolean {
    for (const [socket, { on }] of this.busy) {
      if (on.writableLength === 0 && socket.writableLength === 0) continue;
      this.busy.delete(socket);
      reset(socket);
      return true;
    }
    return false;
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
