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
  /** Returns their values for a call: names from the program itself, never strings from clients. */
  labelValues(context: ExecutionContext): readonly string[];
}

/** The kinds that are measured. */
export const HANDLER_KINDS: readonly HandlerKind[] = [
  {
    type: 'rpc',
    metadata: 'microservices:pattern',
    family: 'rpc_duration_seconds',
    help: 'Time of messages and events of microservices',
    labelNames: ['pattern'],
    labelValues: (context) => [formatPattern(Reflect.getMetadata('microservices:pattern', context.getHandler()))],
  },
  {
    type: 'ws',
    metadata: 'websockets:message_mapping',
    family: 'websocket_message_duration_seconds',
    help: 'Time of messages of WebSocket gateways',
    labelNames: ['event'],
    labelValues: (context) => [formatPattern(Reflect.getMetadata('message', context.getHandler()))],
  },
  {
    type: 'graphql',
    metadata: 'graphql:resolver_type',
    family: 'graphql_field_duration_seconds',
    help: 'Time of fields of GraphQL operations',
    labelNames: ['type', 'field'],
    labelValues: (context) => {
      // graphql-js calls every resolver with root, arguments, context and info.
      const info = context.getArgByIndex<{ fieldName: string; parentType: { name: string } } | undefined>(3);
      return info === undefined ? ['', context.getHandler().name] : [info.parentType.name, info.fieldName];
    },
  },
];

/** Formats a pattern: a string, an object, or an array of them. */
function formatPattern(pattern: unknown): string {
  const alternatives = [pattern].flat().map((part) => (typeof part === 'object' ? JSON.stringify(part) : String(part)));
  return alternatives.join('|');
}

/** The property of a request that holds its GraphQL operation. */
const OPERATION = Symbol.for('promark.nest.operation');

interface OperationRequest {
  /** The mount path of the handler in Express. */
  readonly baseUrl?: unknown;
  [OPERATION]?: string;
}

/** The last argument that graphql-js passes to a resolver. */
interface ResolveInfo {
  readonly fieldName: string;
  readonly operation?: { readonly operation?: string };
  readonly path?: { readonly prev?: unknown };
}

/**
 * Stores the GraphQL operation of an Express app's request as path, type and first field: `/graphql query orders`. Its
 * own name would come from the client; that of the field comes from the schema.
 */
export function storeOperation(context: ExecutionContext): void {
  if (context.getType<string>() !== 'graphql') return;
  const [, , graphqlContext, info] =
    context.getArgs<[unknown, unknown, { readonly req?: OperationRequest }?, ResolveInfo?]>();
  const type = info?.operation?.operation;
  const request = graphqlContext?.req;
  // Only nested fields have a previous path.
  if (info === undefined || type === undefined || info.path?.prev !== undefined) return;
  if (typeof request?.baseUrl !== 'string' || request[OPERATION] !== undefined) return;
  // Express ignores the case of paths; each variant would become a series.
  request[OPERATION] = `${request.baseUrl.toLowerCase()} ${type} ${info.fieldName}`;
}

/** Returns the operation of a request in place of its route: Apollo is a middleware in Express, which has none. */
export function operationOf(request: object): string | undefined {
  return (request as OperationRequest)[OPERATION];
}
