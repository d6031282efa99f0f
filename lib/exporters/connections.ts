import type { Socket } from 'node:net';
import { reset, transportOf } from './transport.js';

interface BusyConnection {
  /** The socket that receives requests: with TLS, the TLS socket. */
  readonly on: Socket;
  unanswered: number;
}

/**
 * The connections of a server, up to a limit. Beyond it, the connection that has been idle longest is closed. If none
 * is idle, the oldest one whose client does not read its response is reset, so that many stalled clients cannot lock
 * out a scraper.
 */
export class Connections {
  /** Connections without an unanswered request, longest idle first. */
  private readonly idle = new Set<Socket>();
  /** The others, longest busy first. */
  private readonly busy = new Map<Socket, BusyConnection>();
  /** Busy connections to close after their responses. */
  private readonly leaving = new WeakSet<Socket>();
  private closing = false;

  constructor(
    private readonly limit: number,
    /** Whether idle connections keep the process alive; busy ones always do. */
    private readonly keepAlive: boolean,
  ) {}

  /** Adds a connection before its TLS handshake, if any. */
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

  /** Marks the start of a request. */
  begin(on: Socket): void {
    const socket = transportOf(on);
    this.idle.delete(socket);
    const busy = this.busy.get(socket);
    if (busy === undefined) this.busy.set(socket, { on, unanswered: 1 });
    else busy.unanswered += 1;
    socket.ref();
  }

  /** Marks the end of a response. */
  end(on: Socket): void {
    const socket = transportOf(on);
    const busy = this.busy.get(socket);
    this.busy.delete(socket);
    if (busy !== undefined && busy.unanswered > 1) {
      // The client has read a response, so this connection is no longer the oldest.
      this.busy.set(socket, { on, unanswered: busy.unanswered - 1 });
      return;
    }
    if (socket.destroyed) return;
    // Not the TCP connection: bytes may still have to be encrypted.
    if (this.closing || this.leaving.has(socket)) on.destroySoon();
    else this.rest(socket);
  }

  /** Closes idle connections immediately, and busy ones as soon as they become idle. */
  endAll(): void {
    for (const socket of this.idle) socket.destroy();
    for (const socket of this.busy.keys()) this.leaving.add(socket);
  }

  /** Does the same, also for future connections. */
  close(): void {
    this.closing = true;
    this.endAll();
  }

  private rest(socket: Socket): void {
    this.idle.add(socket);
    if (!this.keepAlive) socket.unref();
  }

  /**
   * Resets the oldest connection with bytes that its client does not read. Connections waiting for a page have none.
   */
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
