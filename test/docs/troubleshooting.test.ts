import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import * as promark from 'promark';
import { repository } from '../support/processes.js';

const page = readFileSync(join(repository, 'docs/troubleshooting.md'), 'utf8');

const sources = ['lib', 'nest', 'otel'].flatMap((folder) =>
  readdirSync(join(repository, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(repository, folder, name), 'utf8')),
);

test('names every error class', () => {
  const classes = Object.entries(promark).filter(([, value]) => Object.prototype.isPrototypeOf.call(Error, value));
  expect(classes.length).toBeGreaterThan(5);
  expect(classes.map(([name]) => name).filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

test('names every metric that counts faults', () => {
  const log = readFileSync(join(repository, 'lib/registry/fault-log.ts'), 'utf8');
  const names = (log.match(/'promark_[a-z_]+'/g) ?? []).map((name) => name.slice(1, -1));
  expect(names.length).toBeGreaterThan(3);
  expect(names.filter((name) => !page.includes(name))).toEqual([]);
});

test('explains every warning', () => {
  // `warn(message)`, `warn?.(message)` and `logOnce(key, message)` of the fault log, where the message is written out.
  const calls = /(?:\bwarn\??\.?\(|this\.logOnce\(\s*`[^`]*`,)\s*(`[^`]*`|'[^']*')/g;
  const messages = sources.flatMap((text) => Array.from(text.matchAll(calls), ([, message]) => message.slice(1, -1)));
  expect(messages.length).toBeGreaterThan(8);
  // What is fixed in a message, in pieces.
  const pieces = messages.map((message) => message.split(/\$\{[^}]*\}/).map((piece) => piece.trim()));
  const isExplained = (parts: string[]) => parts.some((part) => part.length > 7 && page.includes(firstWords(part)));
  expect(pieces.filter((parts) => !isExplained(parts)).map((parts) => parts.join('…'))).toEqual([]);
});

function firstWords(text: string): string {
  return text
    .split(/[:;(,]/)[0]
    .split(' ')
    .slice(0, 6)
    .join(' ')
    .trim();
}
