import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

export interface Answer {
  readonly hash?: string;
  readonly error?: string;
}

/** Worker threads that take turns. */
export class Pool {
  private readonly idle: Worker[];
  private readonly waiting: ((worker: Worker) => void)[] = [];

  constructor(size: number) {
    this.idle = Array.from({ length: size }, () => new Worker(new URL('./hasher.js', import.meta.url)));
  }

  async hash(password: string): Promise<Answer> {
    const worker = this.idle.shift() ?? (await new Promise<Worker>((resolve) => this.waiting.push(resolve)));
    try {
      worker.postMessage(password);
      const [answer] = (await once(worker, 'message')) as [Answer];
      return answer;
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.idle.push(worker);
      else next(worker);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.idle.map((worker) => worker.terminate()));
  }
}
