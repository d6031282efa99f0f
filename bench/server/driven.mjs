import { fork } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('program.mjs', import.meta.url));

/**
 * Calls `work` with a program that has this many series, in a separate process: `request(what, options)` resolves with
 * its answer.
 */
export async function driven(series, work) {
  const child = fork(program, [String(series)]);
  const ended = once(child, 'exit');
  const answer = () => {
    const gone = ended.then(() => Promise.reject(new Error('bench: the program has ended before it was done')));
    return Promise.race([once(child, 'message').then(([{ done }]) => done), gone]);
  };
  try {
    await answer();
    return await work((what, options) => {
      child.send({ what, ...options });
      return answer();
    });
  } finally {
    if (child.connected) child.disconnect();
    await ended;
  }
}

/** Scrapes a page. Returns the page, and the milliseconds until its last byte arrived. */
export async function scrape(url) {
  const from = performance.now();
  const [response] = await once(request(url, { agent: false }).end(), 'response');
  const chunks = await response.toArray();
  const ms = performance.now() - from;
  if (response.statusCode !== 200) throw new Error(`bench: ${url} answered ${response.statusCode}`);
  return { ms, page: Buffer.concat(chunks).toString() };
}
