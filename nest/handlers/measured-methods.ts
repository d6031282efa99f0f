import type { Type } from '@nestjs/common';
import { Timed, type TimedOptions } from '../../lib/index.js';

type Method = (...args: unknown[]) => unknown;
type MethodTiming = TimedOptions<unknown, Method>;

/** Handlers that no interceptor of Nest's sees, because their packages call the methods themselves. */
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
      // Producers name jobs as they like, so the names are limited like every label that is read from a call.
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

/** Methods that are measured already: classes belong to every app of the process that has them. */
const done = new WeakSet<object>();

/**
 * Measures the handlers of a class as `@Timed` does: each call records in the registry that its instance is bound to. To be
 * called before the packages look for their handlers, whose metadata the measured methods keep.
 *
 * @param names Those of the class's methods.
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
