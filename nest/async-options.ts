import type { InjectionToken, ModuleMetadata, OptionalFactoryDependency, Provider, Type } from '@nestjs/common';
import { ConfigError, checkOptions, type OptionRules, rule } from '../lib/index.js';
import { checkModuleOptions, shapeRules } from './check-options.js';
import type {
  PrometheusModuleOptions,
  PrometheusModuleSettings,
  PrometheusModuleShape,
  PrometheusOptions,
} from './module-options.js';
import { OPTIONS } from './tokens.js';

/** The interface of `useClass` and `useExisting`, for `forRootAsync` and for `registerAsync` with its own options. */
export interface PrometheusOptionsFactory<Settings = PrometheusModuleSettings | PrometheusOptions> {
  createPrometheusOptions(): Settings | Promise<Settings>;
}

/**
 * Options of `PrometheusModule.forRootAsync`: exactly one of `useFactory`, `useClass` and `useExisting`, and the options
 * that cannot come from it.
 */
export interface PrometheusModuleAsyncOptions extends PrometheusModuleShape, Pick<ModuleMetadata, 'imports'> {
  /** Returns the options; called with the providers in `inject`. */
  // Nest does not type a factory's parameters either.
  readonly useFactory?: (...injected: never[]) => PrometheusModuleSettings | Promise<PrometheusModuleSettings>;
  /** A class that creates the options; the module instantiates it. */
  readonly useClass?: Type<PrometheusOptionsFactory>;
  /** An existing provider, from `imports` or a global module, that creates the options. */
  readonly useExisting?: InjectionToken<PrometheusOptionsFactory>;
  /** Providers passed to `useFactory`. Default: none. */
  readonly inject?: (InjectionToken | OptionalFactoryDependency)[];
}

const SOURCES = ['useFactory', 'useClass', 'useExisting'] as const;

export const asyncRules: OptionRules<PrometheusModuleAsyncOptions> = {
  useFactory: { expected: 'a function that returns options', accepts: rule.function.accepts },
  useClass: { expected: 'a class with a method createPrometheusOptions', accepts: rule.function.accepts },
  useExisting: { expected: 'a provider', accepts: (value) => value !== null },
  imports: { expected: 'an array of modules', accepts: Array.isArray },
  inject: { expected: 'an array of providers', accepts: Array.isArray },
  ...shapeRules,
};

/** Throws ConfigError for invalid options. */
export function checkAsyncOptions(options: PrometheusModuleAsyncOptions): void {
  checkOptions('PrometheusModule.forRootAsync', options, asyncRules);
  const sources = SOURCES.filter((source) => options[source] !== undefined);
  if (sources.length !== 1) {
    const got = sources.length === 0 ? 'none' : sources.join(' and ');
    throw new ConfigError(`PrometheusModule.forRootAsync takes one of ${SOURCES.join(', ')}, got ${got}.`);
  }
}

/** Returns the provider of the module's options, and that of `useClass`. */
export function asyncOptionsProviders(options: PrometheusModuleAsyncOptions): Provider[] {
  const { controller, guards, global } = options;
  const shape = Object.fromEntries(
    Object.entries({ controller, guards, global }).filter(([, value]) => value !== undefined),
  );
  return factoryProviders(OPTIONS, options, (settings: PrometheusModuleSettings): PrometheusModuleOptions => {
    refuseShapeOptions(settings);
    const all = { ...settings, ...shape };
    checkModuleOptions(all);
    return all;
  });
}

/** The sources of options, exactly one of which must be given. */
interface AsyncFactory<S> {
  readonly useFactory?: (...injected: never[]) => S | Promise<S>;
  readonly useClass?: Type<PrometheusOptionsFactory>;
  readonly useExisting?: InjectionToken<PrometheusOptionsFactory>;
  readonly inject?: (InjectionToken | OptionalFactoryDependency)[];
}

/** Returns providers of `token`: the factory's options, as `finish` returns them. */
export function factoryProviders<S extends object>(
  token: InjectionToken,
  { useFactory, useClass, useExisting, inject = [] }: AsyncFactory<S>,
  finish: (options: S) => object,
): Provider[] {
  if (useFactory !== undefined) {
    return [
      { provide: token, inject, useFactory: async (...injected: never[]) => finish(await useFactory(...injected)) },
    ];
  }
  return [
    ...(useClass === undefined ? [] : [useClass]),
    {
      provide: token,
      inject: [useExisting ?? useClass ?? token],
      useFactory: async (factory: PrometheusOptionsFactory) => finish((await factory.createPrometheusOptions()) as S),
    },
  ];
}

function refuseShapeOptions(settings: object): void {
  for (const option of Object.keys(shapeRules)) {
    if (typeof settings !== 'object' || settings === null || !(option in settings)) continue;
    throw new ConfigError(
      `PrometheusModule.forRootAsync: the option ${option} decides what the module consists of, before the factory runs. ` +
        'Pass it next to the factory.',
    );
  }
}
