import { cp } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { installPacked, node, type Project } from './packed.js';

// Others, and an override by npm itself: node scripts/packages-on-promark.mjs
const programs = {
  'express-prom-bundle.mjs': ['express-prom-bundle'],
  'fastify-metrics.mjs': ['fastify-metrics'],
  'hono-prometheus.mjs': ['@hono/prometheus'],
};

const repository = resolve(import.meta.dirname, '../..');
const sources = join(repository, 'scripts/packages');
let project: Project;

beforeAll(async () => {
  project = await installPacked();
  const modules = join(project.folder, 'node_modules');
  const copy = (from: string, to: string) => cp(from, join(modules, to), { recursive: true });
  // As an override of prom-client installs it. Copies, because a link would lead back to the repository's prom-client.
  await copy(join(modules, 'promark'), 'prom-client');
  for (const name of Object.values(programs).flat()) await copy(join(repository, 'node_modules', name), name);
  await project.borrow('express', 'on-finished', 'url-value-parser', 'fastify', 'fastify-plugin', 'hono');
  await cp(sources, project.folder, { recursive: true });
}, 240_000);

afterAll(() => project?.remove());

test.each(Object.keys(programs))('the program %s has the same page as on prom-client', async (program) => {
  const { differences } = await import(join(sources, 'differences.mjs'));
  const [original, ours] = await Promise.all([node(sources, program), project.node(program)]);
  const { compared, differ } = differences(original, ours);
  expect(differ).toEqual([]);
  expect(compared).toBeGreaterThan(60);
});
