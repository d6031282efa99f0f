import { createRequire } from 'node:module';
import os from 'node:os';
import { CLIENTS } from './clients.mjs';
import { OPENTELEMETRY } from './opentelemetry.mjs';

const require = createRequire(import.meta.url);

/** The machine and the versions measured. */
export function machine() {
  const [cpu] = os.cpus();
  return {
    cpu: cpu?.model.trim() ?? 'unknown',
    cores: os.cpus().length,
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    system: `${os.type()} ${os.arch()}`,
    node: process.version,
    v8: process.versions.v8,
    versions: Object.fromEntries([...CLIENTS, OPENTELEMETRY].map((name) => [name, versionOf(name)])),
  };
}

function versionOf(name) {
  return require(name === 'promark' ? '../../package.json' : `${name}/package.json`).version;
}
