import { Inject, Injectable } from '@nestjs/common';
import { ApplicationConfig, MetadataScanner, ModulesContainer } from '@nestjs/core';
import type { Registry } from '../../lib/index.js';
import { InjectRegistry } from '../inject-registry.decorator.js';
import type { PrometheusModuleSettings } from '../options.js';
import { OPTIONS } from '../tokens.js';
import { HANDLER_KINDS, type HandlerKind } from './handler-kinds.js';
import { HandlerMetricsInterceptor } from './handler-metrics.interceptor.js';

/** Measures handlers of messages, events and GraphQL operations, where the app has any. */
@Injectable()
export class HandlerMetricsService {
  constructor(
    @InjectRegistry() registry: Registry,
    @Inject(ApplicationConfig) config: ApplicationConfig,
    @Inject(ModulesContainer) modules: ModulesContainer,
    @Inject(OPTIONS) { handlers = true }: PrometheusModuleSettings,
  ) {
    const kinds = handlers ? kindsIn(modules) : [];
    // An interceptor costs HTTP requests some microseconds each: an app that has nothing else gets none. Gateways are
    // connected before any hook is called, so this is the time.
    if (kinds.length > 0) config.addGlobalInterceptor(new HandlerMetricsInterceptor(registry, kinds));
  }
}

function kindsIn(modules: ModulesContainer): HandlerKind[] {
  const found = new Set<HandlerKind>();
  for (const { controllers, providers } of modules.values()) {
    for (const { metatype } of [...controllers.values(), ...providers.values()]) {
      const prototype = (metatype as { readonly prototype?: Record<string, unknown> } | null)?.prototype;
      if (typeof prototype === 'object' && prototype !== null) for (const kind of kindsOf(prototype)) found.add(kind);
    }
  }
  return [...found];
}

function kindsOf(prototype: Record<string, unknown>): HandlerKind[] {
  const methods = new MetadataScanner().getAllMethodNames(prototype).map((name) => prototype[name]);
  return HANDLER_KINDS.filter(({ metadata }) =>
    methods.some((method) => typeof method === 'function' && Reflect.hasMetadata(metadata, method)),
  );
}
