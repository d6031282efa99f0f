import {
  type CallHandler,
  type ExecutionContext,
  Inject,
  Injectable,
  type NestInterceptor,
  type Type,
} from '@nestjs/common';
import { MetadataScanner, ModulesContainer } from '@nestjs/core';
import { finalize, type Observable, tap } from 'rxjs';
import { Histogram, type Registry, Timed, type TimedOptions } from '../../lib/index.js';
import type { AppModule } from '../binding/registry-binder.service.js';
import type { PrometheusModuleSettings } from '../module-options.js';
import { InjectRegistry, OPTIONS } from '../tokens.js';
import { HANDLER_KINDS, type HandlerKind, noteOperation } from './handler-kinds.js';

/** A kind with its family. */
interface Measured {
  readonly kind: HandlerKind;
  readonly seconds: Histogram<string>;
}

/** Records calls of handlers by their names in the program. */
export class HandlerRecorder {
  private readonly byType: ReadonlyMap<string, Measured>;

  constructor(
    private readonly registry: Registry,
    kinds: readonly HandlerKind[],
  ) {
    this.byType = new Map(kinds.map((kind) => [kind.type, { kind, seconds: familyOf(kind, registry) }]));
  }

  /** Whether a call is of a kind that is recorded; HTTP requests are not. */
  measures(context: ExecutionContext): boolean {
    return this.byType.has(context.getType<string>());
  }

  /** Reports an error in measuring, which must not reach the handler's caller. */
  record(context: ExecutionContext, result: string, seconds: number): void {
    const measured = this.byType.get(context.getType<string>());
    if (measured === undefined) return;
    try {
      measured.seconds.labels(...measured.kind.labelsOf(context), result).observe(seconds);
    } catch (error) {
      this.registry.faults.instrumentation(measured.kind.family, error);
    }
  }
}

function familyOf({ family: name, help, labelNames }: HandlerKind, registry: Registry): Measured['seconds'] {
  const config = { name, help, unit: 'seconds', labelNames: [...labelNames, 'result'] };
  return registry.getOrCreate(Histogram<string>, config);
}

/**
 * Measures each call of a handler until its last value. Nest may also create it in an app that does not measure
 * handlers, if another app of the process has added it to the class: without a recorder it does nothing.
 */
export class HandlerMetricsInterceptor implements NestInterceptor {
  private recorder: HandlerRecorder | undefined;

  /** Not a constructor parameter, because Nest would try to inject it. */
  static of(recorder: HandlerRecorder): HandlerMetricsInterceptor {
    const made = new HandlerMetricsInterceptor();
    made.recorder = recorder;
    return made;
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { recorder } = this;
    if (recorder?.measures(context) !== true) return next.handle();
    noteOperation(context);
    const start = performance.now();
    let result = 'ok';
    const fail = () => {
      result = 'error';
    };
    return next.handle().pipe(
      tap({ error: fail }),
      finalize(() => recorder.record(context, result, Math.max(0, (performance.now() - start) / 1000))),
    );
  }
}

// The metadata key of `@UseInterceptors`, which the package does not export.
const INTERCEPTORS_METADATA = '__interceptors__';

/** A class with handlers, its location in the app, and their kinds. */
interface Host {
  readonly module: AppModule;
  readonly type: Type<object>;
  readonly kinds: readonly HandlerKind[];
}

/**
 * Measures handlers of events, jobs, commands and queries by wrapping their methods, and those of messages and GraphQL
 * operations, where the app has any, by an interceptor on their classes, because neither the gateways of Nest 11 nor
 * the microservices of a hybrid app have the app's global ones. This also keeps the interceptor away from HTTP
 * requests, to each of which it would add some microseconds.
 */
@Injectable()
export class HandlerMetricsService {
  /** Gateways are connected before any hook is called, so this is done in the constructor. */
  constructor(
    @InjectRegistry() registry: Registry,
    @Inject(ModulesContainer) modules: ModulesContainer,
    @Inject(OPTIONS) { handlers = true }: PrometheusModuleSettings,
  ) {
    const hosts = handlers ? [...modules.values()].flatMap(measuredHosts) : [];
    const recorder = new HandlerRecorder(registry, [...new Set(hosts.flatMap(({ kinds }) => kinds))]);
    const own = { provide: HandlerMetricsInterceptor, useValue: HandlerMetricsInterceptor.of(recorder) };
    for (const { module, type } of hosts) {
      addInterceptor(type);
      // Apps share classes; Nest finds each app's interceptor in its own modules.
      module.addInjectable(own, 'interceptor');
    }
  }
}

function addInterceptor(type: Type<object>): void {
  const there = (Reflect.getMetadata(INTERCEPTORS_METADATA, type) ?? []) as readonly unknown[];
  if (there.includes(HandlerMetricsInterceptor)) return;
  Reflect.defineMetadata(INTERCEPTORS_METADATA, [HandlerMetricsInterceptor, ...there], type);
}

function classesIn(module: AppModule): Type<object>[] {
  const wrappers = [...module.controllers.values(), ...module.providers.values()];
  return wrappers.map(({ metatype }) => metatype).filter(isClass);
}

/** Measures the methods of a module's classes that no interceptor sees, and returns the classes that need one. */
function measuredHosts(module: AppModule): Host[] {
  return classesIn(module).flatMap((type) => {
    const prototype = type.prototype as Record<string, object>;
    const names = new MetadataScanner().getAllMethodNames(prototype);
    measureMethods(type, names);
    const keys = new Set(names.flatMap((name) => Reflect.getMetadataKeys(prototype[name]) as unknown[]));
    const kinds = HANDLER_KINDS.filter(({ metadata }) => keys.has(metadata));
    return kinds.length === 0 ? [] : [{ module, type, kinds }];
  });
}

function isClass(metatype: unknown): metatype is Type<object> {
  const { prototype } = (metatype ?? {}) as { readonly prototype?: unknown };
  return typeof metatype === 'function' && typeof prototype === 'object' && prototype !== null;
}

type Method = (...args: unknown[]) => unknown;
type MethodTiming = TimedOptions<unknown, Method>;

/** Handlers without interceptors, because their packages call the methods directly. */
interface MethodKind {
  /** Returns how a method is measured, or undefined if it is not such a handler. */
  timing(type: Type<object>, key: string, method: Method): MethodTiming | undefined;
}

// The metadata keys of packages that need not be installed.
const EVENT_LISTENERS = 'EVENT_LISTENER_METADATA';
const SCHEDULER_TYPE = 'SCHEDULER_TYPE';
const SCHEDULER_NAME = 'SCHEDULER_NAME';
const QUEUE = 'bullmq:processor_metadata';
const CQRS_HANDLERS = {
  command: { metadata: '__commandHandler__', method: 'execute' },
  query: { metadata: '__queryHandler__', method: 'execute' },
  event: { metadata: '__eventsHandler__', method: 'handle' },
} as const;

const METHOD_KINDS: readonly MethodKind[] = [
  // @OnEvent of @nestjs/event-emitter
  {
    timing(_type, _key, method) {
      const listeners: unknown = Reflect.getMetadata(EVENT_LISTENERS, method);
      if (!Array.isArray(listeners)) return undefined;
      const events = (listeners as { readonly event: unknown }[]).map(({ event }) =>
        [event].flat().map(String).join('.'),
      );
      return {
        name: 'event_handler_duration_seconds',
        help: 'Time of event handlers',
        labels: { event: events.reverse().join('|') },
      };
    },
  },
  // @Cron, @Interval and @Timeout of @nestjs/schedule
  {
    timing(type, key, method) {
      if (!Reflect.hasMetadata(SCHEDULER_TYPE, method)) return undefined;
      const name: unknown = Reflect.getMetadata(SCHEDULER_NAME, method);
      return {
        name: 'scheduled_job_duration_seconds',
        help: 'Time of scheduled jobs',
        labels: { job: typeof name === 'string' ? name : `${type.name}.${key}` },
      };
    },
  },
  // @Processor of @nestjs/bullmq
  {
    timing(type, key) {
      if (key !== 'process') return undefined;
      const queue = Reflect.getMetadata(QUEUE, type) as { readonly name?: string } | undefined;
      if (queue === undefined) return undefined;
      // Producers choose the names of jobs, so these are limited like all dynamic labels.
      const job = { of: ({ args: [given] }: { readonly args: readonly unknown[] }) => nameOf(given) };
      return {
        name: 'queue_job_duration_seconds',
        help: 'Time of jobs of queues',
        labels: { queue: queue.name ?? '', job },
      };
    },
  },
  // @CommandHandler, @QueryHandler and @EventsHandler of @nestjs/cqrs
  {
    timing(type, key) {
      for (const [kind, { metadata, method }] of Object.entries(CQRS_HANDLERS)) {
        if (key !== method || !Reflect.hasMetadata(metadata, type)) continue;
        const name = { of: ({ args: [given] }: { readonly args: readonly unknown[] }) => className(given) };
        return {
          name: 'cqrs_handler_duration_seconds',
          help: 'Time of handlers of commands, queries and events',
          labels: { kind, name },
        };
      }
      return undefined;
    },
  },
];

function nameOf(job: unknown): string {
  return String((job as { readonly name?: unknown } | undefined)?.name ?? '');
}

function className(message: unknown): string {
  return (message as object | undefined)?.constructor?.name ?? '';
}

/** Methods that are already measured: apps of the process share classes. */
const done = new WeakSet<object>();

/**
 * Measures the handlers of a class like `@Timed`: each call is recorded in the registry that its instance is bound to.
 * To be called before the packages look for their handlers; measured methods keep their metadata.
 *
 * @param names The names of the class's methods.
 */
export function measureMethods(type: Type<object>, names: readonly string[]): void {
  const prototype = type.prototype as Record<string, Method>;
  for (const key of names) {
    const method = prototype[key];
    if (done.has(method)) continue;
    for (const kind of METHOD_KINDS) {
      const timing = kind.timing(type, key, method);
      if (timing === undefined) continue;
      const owner = ownerOf(prototype, key);
      const descriptor = owner && Object.getOwnPropertyDescriptor(owner, key);
      if (owner === undefined || descriptor === undefined) continue;
      const decorate = Timed<unknown, Method>(timing) as MethodDecorator;
      const measured = decorate(owner, key, descriptor) ?? descriptor;
      Object.defineProperty(owner, key, measured);
      if (typeof measured.value === 'function') done.add(measured.value);
    }
  }
}

function ownerOf(prototype: object, key: string): object | undefined {
  let owner: object | null = prototype;
  while (owner !== null && !Object.hasOwn(owner, key)) owner = Object.getPrototypeOf(owner);
  return owner ?? undefined;
}
