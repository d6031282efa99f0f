import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { finalize, type Observable, tap } from 'rxjs';
import { Histogram, type Registry } from '../../lib/index.js';
import type { HandlerKind } from './handler-kinds.js';

/** A kind with its family. */
interface Measured {
  readonly kind: HandlerKind;
  readonly seconds: Histogram<readonly string[]>;
}

/** Measures each call of a handler until its last value, by what the program calls it. Lets HTTP requests through. */
export class HandlerMetricsInterceptor implements NestInterceptor {
  private readonly byType: ReadonlyMap<string, Measured>;

  constructor(
    private readonly registry: Registry,
    kinds: readonly HandlerKind[],
  ) {
    this.byType = new Map(kinds.map((kind) => [kind.type, { kind, seconds: familyOf(kind, registry) }]));
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const measured = this.byType.get(context.getType<string>());
    if (measured === undefined) return next.handle();
    const start = performance.now();
    let result = 'ok';
    const fail = () => {
      result = 'error';
    };
    return next.handle().pipe(
      tap({ error: fail }),
      finalize(() => this.record(measured, context, result, (performance.now() - start) / 1000)),
    );
  }

  /** A fault in measuring must not reach the handler's caller. */
  private record({ kind, seconds }: Measured, context: ExecutionContext, result: string, duration: number): void {
    try {
      seconds.labels(...kind.labelsOf(context), result).observe(duration);
    } catch (error) {
      this.registry.faults.instrumentation(kind.family, error);
    }
  }
}

function familyOf({ family: name, help, labelNames }: HandlerKind, registry: Registry): Measured['seconds'] {
  const config = { name, help, unit: 'seconds', labelNames: [...labelNames, 'result'] };
  return registry.getOrCreate(Histogram<readonly string[]>, config);
}
