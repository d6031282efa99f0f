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
import { HANDLER_KINDS, type HandlerKind, storeOperation } from './handler-kinds.js';

interface MeasuredKind {
  readonly kind: HandlerKind;
  readonly duration: Histogram<string>;
}

/** Records calls of handlers by their names in the program. */
export class HandlerRecorder {
  private readonly byType: ReadonlyMap<string, MeasuredKind>;

  constructor(
    private readonly registry: Registry,
    kinds: readonly HandlerKind[],
  ) {
    this.byType = new Map(kinds.map((kind) => [kind.type, { kind, duration: durationOf(kind, registry) }]));
  }

  /** Whether calls of this kind are recorded; HTTP requests are not. */
  measures(context: ExecutionContext): boolean {
    return this.byType.has(context.getType<string>());
  }

  /** Never throws: an error in measuring is reported to the registry, and must not reach the handler's caller. */
  record(context: ExecutionContext, result: string, seconds: number): void {
    const measured = this.byType.get(context.getType<string>());
    if (measured === undefined) return;
    try {
      measured.duration.labels(...measured.kind.labelValues(context), result).observe(seconds);
    } catch (error) {
      this.registry.faults.instrumentation(measured.kind.family, error);
    }
  }
}

function durationOf({ family: name, help, labelNames }: HandlerKind, registry: Registry): Histogram<string> {
  const config = { name, help, unit: 'seconds', labelNames: [...labelNames, 'result'] };
  return registry.getOrCreate(Histogram<string>, config);
}

/**
 * Measures each call of a handler until its last value. Without a recorder it does nothing: Nest also creates it in an
 * app that does not measure handlers if another app of the process has added it to the class.
 */
export class HandlerMetricsInterceptor implements NestInterceptor {
  private recorder: HandlerRecorder | undefined;

  /** Not a constructor parameter, because Nest would try to inject it. */
  static of(recorder: HandlerRecorder): HandlerMetricsInterceptor {
    const interceptor = new HandlerMetricsInterceptor();
    interceptor.recorder = recorder;
    return interceptor;
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { recorder } = this;
    if (recorder?.measures(context) !== true) return next.handle();
    storeOperation(context);
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

/** A class with handlers that need an interceptor, the module it belongs to, and their kinds. */
interface HandlerClass {
  readonly module: AppModule;
  readonly type: Type<object>;
  readonly kinds: readonly HandlerKind[];
}

/**
 * Measures handlers of events, jobs, commands and queries by wrapping their methods. Handlers of messages and GraphQL
 * operations get an interceptor on their classes: a global one would not reach the gateways of Nest 11 or the
 * microservices of a hybrid app, and would add some microseconds to each HTTP request.
 */
@Injectable()
export class HandlerMetricsService {
  /** Does it all at once: gateways are connected before any hook is called. */
  constructor(
    @InjectRegistry() registry: Registry,
    @Inject(ModulesContainer) modules: ModulesContainer,
    @Inject(OPTIONS) { handlers = true }: PrometheusModuleSettings,
  ) {
    const classes = handlers ? [...modules.values()].flatMap(measureHandlers) : [];
    const recorder = new HandlerRecorder(registry, [...new Set(classes.flatMap(({ kinds }) => kinds))]);
    const interceptor = { provide: HandlerMetricsInterceptor, useValue: HandlerMetricsInterceptor.of(recorder) };
    for (const { module, type } of classes) {
      addInterceptor(type);
      // Apps share classes; Nest finds each app's interceptor in its own modules.
      module.addInjectable(interceptor, 'interceptor');
    }
  }
}

function addInterceptor(type: Type<object>): void {
  const existing = (Reflect.getMetadata(INTERCEPTORS_METADATA, type) ?? []) as readonly unknown[];
  if (existing.includes(HandlerMetricsInterceptor)) return;
  Reflect.defineMetadata(INTERCEPTORS_METADATA, [HandlerMetricsInterceptor, ...existing], type);
}

function classesIn(module: AppModule): Type<object>[] {
  const wrappers = [...module.controllers.values(), ...module.providers.values()];
  return wrappers.map(({ metatype }) => metatype).filter(isClass);
}

/** Measures the methods of a module's classes that no interceptor sees, and returns the classes that need one. */
function measureHandlers(module: AppModule): HandlerClass[] {
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

/**
 * Returns how to measure a method, or undefined if it is not a handler of this kind. Interceptors do not reach these
 * handlers, because their packages call the methods directly.
 */
type TimingOf = (type: Type<object>, key: string, method: Method) => MethodTiming | undefined;

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

/** `@OnEvent` of @nestjs/event-emitter. */
const eventListener: TimingOf = (_type, _key, method) => {
  const listeners: unknown = Reflect.getMetadata(EVENT_LISTENERS, method);
  if (!Array.isArray(listeners)) return undefined;
  const events = (listeners as { readonly event: unknown }[]).map(({ event }) => [event].flat().map(String).join('.'));
  return {
    name: 'event_handler_duration_seconds',
    help: 'Time of event handlers',
    labels: { event: events.reverse().join('|') },
  };
};

/** `@Cron`, `@Interval` and `@Timeout` of @nestjs/schedule. */
const scheduledJob: TimingOf = (type, key, method) => {
  if (!Reflect.hasMetadata(SCHEDULER_TYPE, method)) return undefined;
  const name: unknown = Reflect.getMetadata(SCHEDULER_NAME, method);
  return {
    name: 'scheduled_job_duration_seconds',
    help: 'Time of scheduled jobs',
    labels: { job: typeof name === 'string' ? name : `${type.name}.${key}` },
  };
};

/** `@Processor` of @nestjs/bullmq. */
const queueJob: TimingOf = (type, key) => {
  if (key !== 'process') return undefined;
  const queue = Reflect.getMetadata(QUEUE, type) as { readonly name?: string } | undefined;
  if (queue === undefined) return undefined;
  // Producers choose the names of jobs, so these are limited like all dynamic labels.
  const job = { of: ({ args: [job] }: { readonly args: readonly unknown[] }) => nameOf(job) };
  return {
    name: 'queue_job_duration_seconds',
    help: 'Time of jobs of queues',
    labels: { queue: queue.name ?? '', job },
  };
};

/** `@CommandHandler`, `@QueryHandler` and `@EventsHandler` of @nestjs/cqrs. */
const cqrsHandler: TimingOf = (type, key) => {
  for (const [kind, { metadata, method }] of Object.entries(CQRS_HANDLERS)) {
    if (key !== method || !Reflect.hasMetadata(metadata, type)) continue;
    const name = { of: ({ args: [message] }: { readonly args: readonly unknown[] }) => className(message) };
    return {
      name: 'cqrs_handler_duration_seconds',
      help: 'Time of handlers of commands, queries and events',
      labels: { kind, name },
    };
  }
  return undefined;
};

const METHOD_KINDS: readonly TimingOf[] = [eventListener, scheduledJob, queueJob, cqrsHandler];

function nameOf(job: unknown): string {
  return String((job as { readonly name?: unknown } | undefined)?.name ?? '');
}

function className(message: unknown): string {
  return (message as object | undefined)?.constructor?.name ?? '';
}

/** What the measured methods measure. Apps of a process may share classes, whose methods must be measured once. */
const bodies = new WeakMap<object, Method>();

/**
 * Measures the handlers of a class as `@Timed` does: each call is recorded in the registry that its instance is bound to.
 * Call it before the packages look for their handlers; measured methods keep their metadata.
 *
 * @param names The names of the class's methods.
 */
export function measureMethods(type: Type<object>, names: readonly string[]): void {
  const prototype = type.prototype as Record<string, Method>;
  for (const key of names) {
    const found = prototype[key];
    const body = bodies.get(found) ?? found;
    if (body !== found && Object.hasOwn(prototype, key)) continue;
    let method = body;
    for (const timingOf of METHOD_KINDS) {
      const timing = timingOf(type, key, method);
      if (timing === undefined) continue;
      const property = propertyOf(prototype, key);
      if (property === undefined) continue;
      const decorate = Timed<unknown, Method>(timing) as MethodDecorator;
      const descriptor = { ...property, value: method };
      const measured = decorate(prototype, key, descriptor) ?? descriptor;
      // On the class itself, because classes that inherit a method have other queues and names.
      Object.defineProperty(prototype, key, measured);
      if (typeof measured.value !== 'function') continue;
      method = measured.value as Method;
      bodies.set(method, body);
    }
  }
}

function propertyOf(prototype: object, key: string): PropertyDescriptor | undefined {
  let owner: object | null = prototype;
  while (owner !== null && !Object.hasOwn(owner, key)) owner = Object.getPrototypeOf(owner);
  return owner === null ? undefined : Object.getOwnPropertyDescriptor(owner, key);
}
