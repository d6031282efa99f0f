import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { endWithTests } from '../support/processes.js';
import { until } from '../support/until.js';

/** A group as the gateway's API shows it. */
export interface Group {
  readonly labels: Readonly<Record<string, string>>;
  /** The families in it, by name, without those that the gateway adds. */
  readonly families: Readonly<Record<string, GroupFamily>>;
}

interface GroupFamily {
  readonly type: string;
  readonly help: string;
  readonly metrics: readonly { labels: Readonly<Record<string, string>>; value?: string; count?: string }[];
}

/** A running Pushgateway and its API. */
export interface RealGateway {
  readonly url: string;
  /** All groups that it holds. */
  groups(): Promise<Group[]>;
  /** Suspends it: it still accepts connections, but does not answer. Resolves when that is so. */
  halt(): Promise<void>;
  goOn(): void;
  stop(): Promise<void>;
}

const OWN_FAMILIES = ['push_time_seconds', 'push_failure_time_seconds'];

/** Starts a Pushgateway on a loopback port, a free one for 0; rejects with its log if it does not start. */
export async function startPushgateway(port = 0): Promise<RealGateway> {
  const folder = await mkdtemp(join(tmpdir(), 'promark-pushgateway-'));
  const server = spawn('prometheus-pushgateway', [`--web.listen-address=127.0.0.1:${port}`, '--persistence.file='], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  endWithTests(server);
  const exited = once(server, 'exit');
  const stop = async () => {
    server.kill('SIGTERM');
    // A suspended process ends once it is resumed.
    server.kill('SIGCONT');
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const url = await urlFrom(server.stderr);
    return {
      url,
      groups: () => groupsAt(url),
      halt: async () => {
        server.kill('SIGSTOP');
        await until('the gateway to stand still', () => silence(url));
      },
      goOn: () => void server.kill('SIGCONT'),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function groupsAt(url: string): Promise<Group[]> {
  const answer = await fetch(`${url}/api/v1/metrics`);
  const { data } = (await answer.json()) as { data: Record<string, unknown>[] };
  return data.map(({ labels, last_push_successful: _, ...families }) => ({
    labels: labels as Group['labels'],
    families: Object.fromEntries(
      Object.entries(families).filter(([name]) => !OWN_FAMILIES.includes(name)),
    ) as Group['families'],
  }));
}

/** True if there is no answer for a while, else undefined. */
async function silence(url: string): Promise<true | undefined> {
  try {
    await fetch(url, { signal: AbortSignal.timeout(200) });
    return undefined;
  } catch {
    return true;
  }
}

async function urlFrom(stderr: NodeJS.ReadableStream): Promise<string> {
  const log: string[] = [];
  let address: string | undefined;
  for await (const line of createInterface({ input: stderr })) {
    log.push(line);
    address = /msg="Listening on" address=(\S+)/.exec(line)?.[1];
    if (address !== undefined) break;
  }
  // The rest must be read as well, or the server blocks when the pipe is full.
  stderr.resume();
  if (address === undefined) throw new Error(`Pushgateway did not come up:\n${log.join('\n')}`);
  return `http://${address}`;
}
