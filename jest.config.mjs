import { availableParallelism } from 'node:os';

// A project for each decorator dialect, and for each once more with other compilers, for the decorator suite alone.
// Types are checked by `npm run typecheck`; here files are only transpiled.
const common = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  resolver: '<rootDir>/scripts/jest-resolver.cjs',
  runtime: '<rootDir>/scripts/jest-runtime.cjs',
  moduleNameMapper: {
    '^promark$': '<rootDir>/lib/promark.ts',
    '^promark/(express|fastify|fetch|hono|koa)$': '<rootDir>/lib/$1.ts',
    '^promark/nest$': '<rootDir>/nest/index.ts',
    '^promark/otel$': '<rootDir>/otel/index.ts',
    '^promark/testing$': '<rootDir>/lib/testing/index.ts',
    '^promark/testing/(jest|vitest)$': '<rootDir>/lib/testing/$1.ts',
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/node_modules/promark/'],
};

/** Sources without decorators, which are the same in every dialect, as the fastest compiler has them. */
const sources = {
  '^(?!.*/(test|node_modules)/).*/(lib|otel)/.+\\.ts$': ['<rootDir>/scripts/jest-esbuild.mjs', {}],
};

const dialect = (tsconfig) => ({
  ...sources,
  '^.+\\.ts$': ['ts-jest', { useESM: true, tsconfig }],
});

/** Nest needs the legacy dialect. How TypeScript compiles it is tried with programs that are installed (test/package). */
const nest = {
  '^.*/test/nest/.+\\.ts$': ['<rootDir>/scripts/jest-swc.mjs', { legacy: true }],
  ...dialect('<rootDir>/test/tsconfig.legacy.json'),
};

/** The standard dialect. Only what is about decorators goes through TypeScript, which takes ten times as long. */
const standard = {
  '^(?!.*/test/decorators/)(?!.*\\.legacy\\.test).*/test/.+\\.ts$': [
    '<rootDir>/scripts/jest-esbuild.mjs',
    { keepNames: true },
  ],
  ...dialect('<rootDir>/tsconfig.json'),
};

// Jest reads every argument after --selectProjects as a project name. A path there would silently select nothing, and
// all the tests of the project would run.
const selected = process.argv.indexOf('--selectProjects');
if (selected >= 0) {
  const rest = process.argv.slice(selected + 1);
  const end = rest.findIndex((argument) => argument.startsWith('-'));
  const path = rest.slice(0, end < 0 ? undefined : end).find((name) => name.includes('/'));
  if (path !== undefined) throw new Error(`Put ${path} before --selectProjects, which reads it as a project name.`);
}

/** Tests of decorators that are the same in every dialect and by every compiler: `standard` alone runs them. */
const ONCE = '\\.once\\.test\\.ts$';

/** The decorator suite as esbuild or swc compile it. */
const compiledBy = (compiler, legacy, ignored = []) => ({
  ...common,
  displayName: `${legacy ? 'legacy' : 'standard'}-${compiler}`,
  // Without keepNames, esbuild calls a class that mentions itself `_Shop`, and so would its label be.
  transform: { ...sources, '^.+\\.ts$': [`<rootDir>/scripts/jest-${compiler}.mjs`, { legacy, keepNames: true }] },
  testMatch: ['<rootDir>/test/decorators/**/*.test.ts'],
  testPathIgnorePatterns: [
    '/node_modules/',
    ONCE,
    legacy ? '\\.standard\\.test\\.ts$' : '\\.legacy\\.test\\.ts$',
    ...ignored,
  ],
});

export default {
  // Generous: it ends what hangs, and says nothing about speed.
  testTimeout: 240_000,
  // Many tests wait for processes, timers and scrapes, so there are more workers than cores. As a percentage, Jest would
  // take 150 % for 150 workers.
  maxWorkers: Math.ceil(availableParallelism() * 1.5),
  testSequencer: '<rootDir>/scripts/jest-sequencer.mjs',
  // A worker keeps the modules of every test file that it has run.
  workerIdleMemoryLimit: '1GB',
  globalSetup: '<rootDir>/scripts/jest-set-up.mjs',
  reporters: ['default', '<rootDir>/scripts/jest-closing-line.mjs'],
  projects: [
    {
      ...common,
      displayName: 'standard',
      transform: standard,
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/(nest|package)/', '\\.legacy\\.test\\.ts$'],
    },
    {
      ...common,
      displayName: 'package',
      transform: standard,
      testMatch: ['<rootDir>/test/package/**/*.test.ts'],
      globalSetup: '<rootDir>/scripts/jest-pack.mjs',
    },
    {
      ...common,
      displayName: 'legacy',
      transform: nest,
      testMatch: ['<rootDir>/test/{decorators,nest}/**/*.test.ts', '<rootDir>/test/**/*.legacy.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', ONCE, '\\.standard\\.test\\.ts$'],
    },
    {
      ...common,
      displayName: 'nest-11',
      transform: nest,
      testMatch: ['<rootDir>/test/nest/**/*.test.ts'],
      // They start programs on either Nest.
      testPathIgnorePatterns: [
        '/node_modules/',
        '/test/nest/(closing|cluster|multiprocess|throttling|handler-packages)\\.test\\.ts$',
      ],
      moduleNameMapper: {
        ...common.moduleNameMapper,
        '^@nestjs/(common|core|microservices|platform-express|platform-fastify|testing)($|/.*)':
          '<rootDir>/test/nest-11/node_modules/@nestjs/$1$2',
      },
    },
    // Nest needs the types of parameters noted, which esbuild does not do.
    compiledBy('esbuild', true, ['/nest\\.legacy\\.test\\.ts$']),
    compiledBy('esbuild', false),
    compiledBy('swc', true),
    compiledBy('swc', false),
  ],
};
