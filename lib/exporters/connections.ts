import type { Socket } from 'node:net';
import { transportOf } from './transport.js';

/**
 * The connections of a server, up to a limit. Where there are too many, the one that has been idle for the longest time
 * makes room, so that a crowd of silent clients cannot keep a scraper out.
 */
export class Connections {
  /** Those on which nothing is being answered, by the time since when. */
  private readonly idle = new Set<Socket>();
  /** The others, with the number of requests that are not answered yet. */
  private readonly busy = new Map<Socket, number>();
  /** Busy ones that end when they have their answers. */
  private readonly leaving = new WeakSet<Socket>();
  private closing = false;

  constructor(
    private readonly limit: number,
    /** Whether idle connections keep the process alive; busy ones do in any case. */
    private readonly keepAlive: boolean,
  ) {}

  /** One came in; of an encrypted one, what is beneath, before any handshake. */
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
    // Not what is beneath: bytes may still have to be encrypted.
    if (this.closing || this.leaving.has(socket)) on.destroySoon();
    else this.rest(socket);
  }

  /** Ends those that are idle now, and those that are busy as soon as they are not. */
  endAll(): void {
    for (const socket of this.idle) socket.destroy();
    for (const socket of this.busy.keys()) this.leaving.add(socket);
  }

  /** The same, also for those that are still to come. */
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
