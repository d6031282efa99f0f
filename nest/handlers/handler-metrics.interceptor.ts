import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { finalize, type Observable, tap } from 'rxjs';
import type { HandlerRecorder } from './handler-recorder.js';

/**
 * Measures each call of a handler until its last value. Nest makes one by itself in apps that do not measure, where the
 * class is marked already by another app of the process: without a recorder it lets everything through.
 */
export class HandlerMetricsInterceptor implements NestInterceptor {
  private recorder: HandlerRecorder | undefined;

  /** Not a constructor's parameter, because Nest would want to inject it. */
  static of(recorder: HandlerRecorder): HandlerMetricsInterceptor {
    const made = new HandlerMetricsInterceptor();
    made.recorder = recorder;
    return made;
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { recorder } = this;
    if (recorder?.measures(context) !== true) return next.handle();
    const start = performance.now();
    let result = 'ok';
    const fail = () => {
      result = 'error';
    };
    return next.handle().pipe(
      tap({ error: fail }),
      finalize(() => recorder.record(context, result, (performance.now() - start) / 1000)),
    );
  }
}
