import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { endWithTests } from '../support/processes.js';
import { PrometheusApi } from './prometheus-api.js';

/** A running Prometheus server and its HTTP API. */
export interface Prometheus {
  readonly api: PrometheusApi;
  /** Stops the server and removes what it stored. */
  stop(): Promise<void>;
}

/** A page to scrape, and the rest of its scrape config. */
export interface Job {
  readonly url: string;
  readonly config: object;
}

/**
 * Starts a Prometheus on a free loopback port that scrapes each job's URL once a second. Resolves when it answers
 * queries; rejects with its log if it does not start.
 *
 * @param jobs the URL of a page for each job name, with the rest of its scrape config if it needs any
 * @param features what to enable: with `native-histograms` this server prefers protobuf
 * @param args further arguments
 */
export async function startPrometheus(
  jobs: Readonly<Record<string, string | Job>>,
  features: readonly string[] = ['exemplar-storage'],
  args: readonly string[] = [],
): Promise<Prometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'promark-prometheus-'));
  // JSON is YAML.
  await writeFile(join(folder, 'prometheus.yml'), JSON.stringify(configFor(jobs)));
  return startPrometheusIn(folder, features, args);
}

/** Starts a Prometheus with the `prometheus.yml` of a folder, which is removed when it stops. With `agent` it is an agent. */
export async function startPrometheusIn(
  folder: string,
  features: readonly string[] = [],
  args: readonly string[] = [],
): Promise<Prometheus> {
  const storage = features.includes('agent') ? 'storage.agent.path' : 'storage.tsdb.path';
  const server = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--${storage}=${join(folder, 'data')}`,
      // The log contains the port.
      '--web.listen-address=127.0.0.1:0',
      ...(features.length > 0 ? [`--enable-feature=${features.join()}`] : []),
      ...args,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  endWithTests(server);
  const exited = once(server, 'exit');
  const stop = async () => {
    server.kill('SIGTERM');
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const api = new PrometheusApi(await addressFrom(server.stderr));
    return { api, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function configFor(jobs: Readonly<Record<string, string | Job>>): object {
  return {
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    scrape_configs: Object.entries(jobs).map(([name, job]) => {
      const { url, config } = typeof job === 'string' ? { url: job, config: {} } : job;
      const { protocol, host, pathname } = new URL(url);
      const target = { scheme: protocol.slice(0, -1), metrics_path: pathname, static_configs: [{ targets: [host] }] };
      return { job_name: name, ...target, ...config };
    }),
  };
}

async function addressFrom(stderr: NodeJS.ReadableStream): Promise<string> {
  const log: string[] = [];
  let address: string | undefined;
  let ready = false;
  for await (const line of createInterface({ input: stderr })) {
    log.push(line);
    address ??= /msg="Listening on" address=(\S+)/.exec(line)?.[1];
    ready ||= line.includes('Server is ready to receive web requests');
    // In any order.
    if (ready && address !== undefined) break;
  }
  // The rest must be read as well, or the server blocks when the pipe is full.
  stderr.resume();
  if (address === undefined) throw new Error(`Prometheus did not come up:\n${log.join('\n')}`);
  return `http://${address}`;
}
