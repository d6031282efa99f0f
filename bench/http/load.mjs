import { Agent, request } from 'node:http';
import { percentile } from './percentile.mjs';

/**
 * Asks for an address over and over on some kept connections, for a time. Gives requests a second and the 99th
 * percentile in milliseconds.
 */
export async function load(url, { connections, seconds }) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const times = [];
  const start = performance.now();
  const until = start + seconds * 1000;
  const client = async () => {
    while (performance.now() < until) {
      const sent = performance.now();
      await get(url, agent);
      times.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  const took = (performance.now() - start) / 1000;
  agent.destroy();
  return { perSecond: times.length / took, p99Ms: percentile(times, 0.99) };
}

function get(url, agent) {
  return new Promise((done, fail) => {
    const sent = request(url, { agent }, (response) => {
      if (response.statusCode !== 200) fail(new Error(`bench: ${url} answered ${response.statusCode}`));
      response.resume().once('end', done);
    });
    sent.once('error', fail).end();
  });
}
