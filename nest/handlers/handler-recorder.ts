import type { ExecutionContext } from '@nestjs/common';
import { Histogram, type Registry } from '../../lib/index.js';
import type { HandlerKind } from './handler-kinds.js';

/** A kind with its family. */
interface Measured {
  readonly kind: HandlerKind;
  readonly seconds: Histogram<readonly string[]>;
}

/** Records calls of handlers by what the program calls them. */
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

  /** A fault in measuring must not reach the handler's caller. */
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
  return registry.getOrCreate(Histogram<readonly string[]>, config);
}
