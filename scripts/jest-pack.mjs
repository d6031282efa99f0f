// Before the tests of the package: packs it as `npm publish` would and installs it in a project, once for all test files,
// which copy that project (test/package/packed.ts). Other tests run meanwhile.
import { execFile } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, realpath, rename, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const shipped = [
  'package.json',
  'README.md',
  'LICENSE',
  'lib',
  'live-page',
  'nest',
  'otel',
  'docs',
  'CHANGELOG.md',
  'scripts',
  'tsconfig.base.json',
  'tsconfig.build.json',
];

export default async function startPacking() {
  const temp = await realpath(await mkdtemp(join(tmpdir(), 'promark-package-')));
  process.once('exit', () => rmSync(temp, { recursive: true, force: true }));
  process.env.PROMARK_TEST_PACKED = temp;
  const outcome = packAndInstall(temp).then(() => 'installed', String);
  void outcome.then((text) => writeFile(join(temp, 'outcome'), text));
}

async function packAndInstall(temp) {
  const tarball = await pack(temp);
  const project = join(temp, 'installed');
  await mkdir(project);
  await writeFile(join(project, 'package.json'), '{ "name": "consumer", "private": true, "type": "module" }\n');
  await npm(project, 'install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', tarball);
}

/** Packs a copy of the sources, so that neither a stale `dist/` nor another run's build gets in. */
async function pack(temp) {
  const sources = join(temp, 'sources');
  await mkdir(sources);
  for (const entry of shipped.filter((name) => existsSync(join(root, name))))
    await cp(join(root, entry), join(sources, entry), { recursive: true });
  await symlink(join(root, 'node_modules'), join(sources, 'node_modules'), 'junction');
  await npm(sources, 'pack', '--pack-destination', temp);
  const [name] = (await readdir(temp)).filter((entry) => entry.endsWith('.tgz'));
  if (name === undefined) throw new Error(`npm pack left no tarball in ${temp}`);
  const tarball = join(temp, 'promark.tgz');
  await rename(join(temp, name), tarball);
  return tarball;
}

async function npm(cwd, ...args) {
  // Excludes what Jest and npm add for their children.
  const { NODE_OPTIONS: _, NODE_ENV: __, ...env } = process.env;
  await promisify(execFile)('npm', args, { cwd, env, shell: process.platform === 'win32' }).catch((error) => {
    throw new Error(`npm ${args.join(' ')} failed in ${cwd}:\n${error.stdout}${error.stderr}`);
  });
}
