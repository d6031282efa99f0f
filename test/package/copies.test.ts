import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { installPacked, type Project } from './packed.js';

let project: Project;

beforeAll(async () => {
  project = await installPacked();
  await project.borrow('@nestjs', 'rxjs', 'reflect-metadata');
  const modules = join(project.folder, 'node_modules');
  const programs = join(import.meta.dirname, 'consumers/copies');
  await cp(join(programs, 'copies.mjs'), join(project.folder, 'copies.mjs'));
  // A package that brings promark along, as where versions do not agree.
  const library = join(modules, 'shop-lib');
  await mkdir(join(library, 'node_modules'), { recursive: true });
  await cp(join(modules, 'promark'), join(library, 'node_modules/promark'), { recursive: true });
  await cp(join(programs, 'shop-lib.mjs'), join(library, 'index.mjs'));
  await writeFile(join(library, 'package.json'), '{ "name": "shop-lib", "exports": "./index.mjs" }');
}, 240_000);

afterAll(() => project?.remove());

test('metrics of a package with its own copy of promark are on the page of the app, and the copy is logged once', async () => {
  const printed = await project.node('copies.mjs');
  expect(printed).toMatch(/^two copies\n/);
  const none = 'exception="none"';
  expect(printed).toContain(`method_calls_total{class="Shop",method="order",result="ok",${none}} 1\n`);
  expect(printed).toContain(`method_calls_total{class="Shop",method="watch",result="ok",${none}} 1\n`);
  expect(printed).toContain('method_duration_seconds_count{class="Shop",method="cancel",result="ok"} 1\n');
  expect(printed).toContain('shop_open 7\n');
  expect(printed).toContain('default registry: has none\n');
  expect(printed).toMatch(
    /1 warning: promark: promark is loaded from two folders, \S*node_modules\/promark\/dist and \S*shop-lib\/node_modules\/promark\/dist\. /,
  );
});
