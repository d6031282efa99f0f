import { Inject, Injectable, type Type } from '@nestjs/common';
import { MetadataScanner, ModulesContainer } from '@nestjs/core';
import type { Registry } from '../../lib/index.js';
import type { AppModule } from '../binding/created-later.js';
import { InjectRegistry } from '../inject-registry.decorator.js';
import type { PrometheusModuleSettings } from '../options.js';
import { OPTIONS } from '../tokens.js';
import { HANDLER_KINDS, type HandlerKind } from './handler-kinds.js';
import { HandlerMetricsInterceptor } from './handler-metrics.interceptor.js';
import { HandlerRecorder } from './handler-recorder.js';

// What `@UseInterceptors` writes; the package does not export it.
const INTERCEPTORS_METADATA = '__interceptors__';

/** A class with handlers, where it is in the app, and what kinds they are of. */
interface Host {
  readonly module: AppModule;
  readonly type: Type<object>;
  readonly kinds: readonly HandlerKind[];
}

/**
 * Measures handlers of messages, events and GraphQL operations, where the app has any: by an interceptor on their
 * classes, because neither the gateways of Nest 11 nor the microservices of a hybrid app have the app's global ones. It
 * also keeps the interceptor away from HTTP requests, which it would cost some microseconds each.
 */
@Injectable()
export class HandlerMetricsService {
  /** Gateways are connected before any hook is called, so this is the time. */
  constructor(
    @InjectRegistry() registry: Registry,
    @Inject(ModulesContainer) modules: ModulesContainer,
    @Inject(OPTIONS) { handlers = true }: PrometheusModuleSettings,
  ) {
    const hosts = handlers ? [...modules.values()].flatMap(hostsIn) : [];
    const recorder = new HandlerRecorder(registry, [...new Set(hosts.flatMap(({ kinds }) => kinds))]);
    const own = { provide: HandlerMetricsInterceptor, useValue: HandlerMetricsInterceptor.of(recorder) };
    for (const { module, type } of hosts) {
      mark(type);
      // Classes belong to every app that has them; the interceptor that Nest finds for the mark is the app's own.
      module.addInjectable(own, 'interceptor');
    }
  }
}

function mark(type: Type<object>): void {
  const there = (Reflect.getMetadata(INTERCEPTORS_METADATA, type) ?? []) as readonly unknown[];
  if (there.includes(HandlerMetricsInterceptor)) return;
  Reflect.defineMetadata(INTERCEPTORS_METADATA, [HandlerMetricsInterceptor, ...there], type);
}

function hostsIn(module: AppModule): Host[] {
  const types = [...module.controllers.values(), ...module.providers.values()].map(({ metatype }) => metatype);
  return types.filter(isClass).flatMap((type) => {
    const kinds = kindsOf(type.prototype as Record<string, unknown>);
    return kinds.length === 0 ? [] : [{ module, type, kinds }];
  });
}

function isClass(metatype: unknown): metatype is Type<object> {
  const { prototype } = (metatype ?? {}) as { readonly prototype?: unknown };
  return typeof metatype === 'function' && typeof prototype === 'object' && prototype !== null;
}

function kindsOf(prototype: Record<string, unknown>): HandlerKind[] {
  const methods = new MetadataScanner().getAllMethodNames(prototype).map((name) => prototype[name]);
  return HANDLER_KINDS.filter(({ metadata }) =>
    methods.some((method) => typeof method === 'function' && Reflect.hasMetadata(metadata, method)),
  );
}
