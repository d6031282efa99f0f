import type { Socket } from 'node:net';
import { reset, transportOf } from './transport.js';

interface BusyConnection {
  /** The socket that requests arrive on: with TLS, the TLS socket. */
  readonly requestSocket: Socket;
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
  /** Busy connections to close once they are idle. */
  private readonly closeWhenIdle = new WeakSet<Socket>();
  private closing = false;

  constructor(
    private readonly limit: number,
    /** Whether idle connections keep the process alive; busy ones always do. */
    private readonly keepAlive: boolean,
  ) {}

  /** Adds a new connection, before its TLS handshake if there is one. */
  add(socket: Socket): void {
    if (this.idle.size + this.busy.size >= this.limit && !this.closeLongestIdle() && !this.resetStalled()) {
      socket.destroy();
      return;
    }
    this.markIdle(socket);
    socket.once('close', () => {
      this.idle.delete(socket);
      this.busy.delete(socket);
    });
  }

  /** Marks the start of a request. */
  begin(requestSocket: Socket): void {
    const socket = transportOf(requestSocket);
    this.idle.delete(socket);
    const busy = this.busy.get(socket);
    if (busy === undefined) this.busy.set(socket, { requestSocket, unanswered: 1 });
    else busy.unanswered += 1;
    socket.ref();
  }

  /** Marks the end of a response. */
  end(requestSocket: Socket): void {
    const socket = transportOf(requestSocket);
    const busy = this.busy.get(socket);
    this.busy.delete(socket);
    if (busy !== undefined && busy.unanswered > 1) {
      // The client has read a response, so this connection is no longer the oldest.
      this.busy.set(socket, { requestSocket, unanswered: busy.unanswered - 1 });
      return;
    }
    if (socket.destroyed) return;
    // Not the TCP connection: bytes may still have to be encrypted.
    if (this.closing || this.closeWhenIdle.has(socket)) requestSocket.destroySoon();
    else this.markIdle(socket);
  }

  /** Closes idle connections immediately, and busy ones as soon as they become idle. */
  endAll(): void {
    for (const socket of this.idle) socket.destroy();
    for (const socket of this.busy.keys()) this.closeWhenIdle.add(socket);
  }

  /** Does the same, and from now on for new connections too. */
  close(): void {
    this.closing = true;
    this.endAll();
  }

  private markIdle(socket: Socket): void {
    this.idle.add(socket);
    if (!this.keepAlive) socket.unref();
  }

  /** Resets the oldest connection with unread bytes. A connection that waits for its page has none. */
  private resetStalled(): boolean {
    for (const [socket, { requestSocket }] of this.busy) {
      if (requestSocket.writableLength === 0 && socket.writableLength === 0) continue;
      this.busy.delete(socket);
      reset(socket);
      return true;
    }
    return false;
  }

  private closeLongestIdle(): boolean {
    for (const socket of this.idle) {
      this.idle.delete(socket);
      socket.destroy();
      return true;
    }
    return false;
  }
}
