import type { ExecutionContext } from '@nestjs/common';

/** A kind of handler that does not answer HTTP requests by route. */
export interface HandlerKind {
  /** Nest's name for it: the type of its execution contexts. */
  readonly type: string;
  /** Keys of the metadata of its methods, from packages that need not be installed. */
  readonly metadata: string;
  readonly family: string;
  readonly help: string;
  /** Labels in addition to `result`. */
  readonly labelNames: readonly string[];
  /** Returns their values for a call: only names from the program itself, never strings from clients. */
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
      // graphql-js calls every resolver with root, arguments, context and info.
      const info = context.getArgByIndex<{ fieldName: string; parentType: { name: string } } | undefined>(3);
      return info === undefined ? ['', context.getHandler().name] : [info.parentType.name, info.fieldName];
    },
  },
];

/** Formats a pattern, which may be a string, an object, or a list of them. */
function textOf(pattern: unknown): string {
  const patterns = [pattern].flat().map((one) => (typeof one === 'object' ? JSON.stringify(one) : String(one)));
  return patterns.join('|');
}

/** The property of a request that holds its GraphQL operation. */
const OPERATION = Symbol.for('promark.nest.operation');

interface OperationRequest {
  /** The mount path of the handler in Express. */
  readonly baseUrl?: unknown;
  [OPERATION]?: string;
}

/** What graphql-js passes to a resolver. */
interface ResolveInfo {
  readonly fieldName: string;
  readonly operation?: { readonly operation?: string };
  readonly path?: { readonly prev?: unknown };
}

/**
 * Stores the GraphQL operation of a request of an Express app, as path, type and first field: `/graphql query orders`.
 * Names of operations come from the client, but those of fields from the schema.
 */
export function noteOperation(context: ExecutionContext): void {
  if (context.getType<string>() !== 'graphql') return;
  const [, , shared, info] = context.getArgs<[unknown, unknown, { readonly req?: OperationRequest }?, ResolveInfo?]>();
  const type = info?.operation?.operation;
  const request = shared?.req;
  // Nested fields have a previous path.
  if (info === undefined || type === undefined || info.path?.prev !== undefined) return;
  if (typeof request?.baseUrl !== 'string' || request[OPERATION] !== undefined) return;
  // Express matches paths in any casing, each of which would become a series.
  request[OPERATION] = `${request.baseUrl.toLowerCase()} ${type} ${info.fieldName}`;
}

/** Returns the route of a request handled by Apollo, which is a middleware in Express and has no route. */
export function operationOf(request: object): string | undefined {
  return (request as OperationRequest)[OPERATION];
}
