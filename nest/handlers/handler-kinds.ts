import type { ExecutionContext } from '@nestjs/common';

/** A kind of handler that does not answer HTTP requests by route. */
export interface HandlerKind {
  /** What Nest calls it: the type of its execution contexts. */
  readonly type: string;
  /** Metadata that its methods have. These are keys of packages that need not be installed. */
  readonly metadata: string;
  readonly family: string;
  readonly help: string;
  /** Labels in addition to `result`. */
  readonly labelNames: readonly string[];
  /** Their values for a call. Only names that the program itself has given: never a client's text. */
  labelsOf(context: ExecutionContext): readonly string[];
}

/** The kinds that are measured. */
export const HANDLER_KINDS: readonly HandlerKind[] = [
  {
    type: 'rpc',
    metadata: 'microservices:pattern',
    family: 'rpc_duration_seconds',
    help: 'Time of messages and events of microservices',
    labelNames: ['pattern'],
    labelsOf: (context) => [textOf(Reflect.getMetadata('microservices:pattern', context.getHandler()))],
  },
  {
    type: 'ws',
    metadata: 'websockets:message_mapping',
    family: 'websocket_message_duration_seconds',
    help: 'Time of messages of WebSocket gateways',
    labelNames: ['event'],
    labelsOf: (context) => [textOf(Reflect.getMetadata('message', context.getHandler()))],
  },
  {
    type: 'graphql',
    metadata: 'graphql:resolver_type',
    family: 'graphql_field_duration_seconds',
    help: 'Time of fields of GraphQL operations',
    labelNames: ['type', 'field'],
    labelsOf: (context) => {
      // What graphql-js hands to every resolver: root, arguments, context, info.
      const info = context.getArgByIndex<{ fieldName: string; parentType: { name: string } } | undefined>(3);
      return info === undefined ? ['', context.getHandler().name] : [info.parentType.name, info.fieldName];
    },
  },
];

/** A pattern as the user wrote it: a string, an object, or several of them. */
function textOf(pattern: unknown): string {
  const patterns = [pattern].flat().map((one) => (typeof one === 'object' ? JSON.stringify(one) : String(one)));
  return patterns.join('|');
}
