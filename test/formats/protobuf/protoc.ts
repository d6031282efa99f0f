import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Message, readTextFormat } from './text-format.js';

const folder = dirname(fileURLToPath(import.meta.url));

/** The families of a delimited page as protoc reads them. Throws if protoc finds an unknown field. */
export function decodeFamilies(page: Uint8Array): Message[] {
  return [...delimited(page)].map((message) => readTextFormat(protoc(message)));
}

function protoc(message: Uint8Array): string {
  const args = ['--decode=io.prometheus.client.MetricFamily', `--proto_path=${folder}`, 'metrics.proto'];
  const { status, stdout, stderr } = spawnSync('protoc', args, { input: message, maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(`protoc: ${stderr}`);
  return stdout.toString();
}

/** Splits a page at the length prefixes of its messages. */
function* delimited(page: Uint8Array): Generator<Uint8Array> {
  let at = 0;
  while (at < page.length) {
    let length = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = page[at++];
      if (byte === undefined) throw new Error('The page ends within a length.');
      length += (byte & 0x7f) * shift;
      if (byte < 0x80) break;
    }
    if (at + length > page.length) throw new Error(`A message of ${length} bytes ends behind the page.`);
    yield page.subarray(at, at + length);
    at += length;
  }
}
