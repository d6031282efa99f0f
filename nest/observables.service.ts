import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { finalize, type Observable, tap } from 'rxjs';
import { addDeferredKind, type DeferredKind, type Watch } from '../lib/index.js';

/**
 * Measures Observables: each subscription is a call, which ends with completion, error or unsubscription. The caller
 * gets an Observable that otherwise behaves as the method's own, Subjects included.
 */
export const observableKind: DeferredKind = {
  matches(value) {
    const { subscribe, lift } = value as Partial<Observable<unknown>>;
    return typeof subscribe === 'function' && typeof lift === 'function';
  },

  follow(value, watch) {
    watch.pause();
    let next: Watch | undefined = watch;
    const begin = (): Watch => {
      const run = next ?? watch.again();
      next = undefined;
      run.resume();
      return run;
    };
    const source = value as Observable<unknown>;
    return new Proxy(source, {
      get(target, key, receiver) {
        if (key !== 'subscribe') return Reflect.get(target, key, receiver) as unknown;
        return (...observer: Parameters<Observable<unknown>['subscribe']>) =>
          watched(source, begin()).subscribe(...observer);
      },
    });
  },
};

function watched(source: Observable<unknown>, run: Watch): Observable<unknown> {
  let last: unknown;
  let ended = false;
  const end = (...how: Parameters<Watch['end']>): void => {
    if (ended) return;
    ended = true;
    run.end(...how);
  };
  return source.pipe(
    tap({
      next: (value) => {
        last = value;
      },
      error: (error: unknown) => end('error', error),
      complete: () => end('ok', last),
    }),
    // Runs last: if nothing else has ended the call, the subscriber has left.
    finalize(() => end('cancelled', undefined)),
  );
}

/** Lets instrumented methods measure the Observables they return while the app runs. */
@Injectable()
export class Observables implements OnModuleInit, OnApplicationShutdown {
  private forget: (() => void) | undefined;

  onModuleInit(): void {
    this.forget = addDeferredKind({ ...observableKind });
  }

  onApplicationShutdown(): void {
    this.forget?.();
    this.forget = undefined;
  }
}
