import { randomBytes, scryptSync } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import { busy, hashes, memory, seconds } from './metrics.js';

parentPort?.on('message', (password: string) => {
  busy.inc();
  const stop = seconds.startTimer();
  try {
    if (password === '') throw new Error('The password is empty.');
    const hash = scryptSync(password, randomBytes(16), 32).toString('hex');
    hashes.inc({ outcome: 'hashed' });
    parentPort?.postMessage({ hash });
  } catch (error) {
    hashes.inc({ outcome: 'refused' });
    parentPort?.postMessage({ error: String(error) });
  } finally {
    stop();
    busy.dec();
    memory.set(process.memoryUsage().heapUsed);
  }
});
