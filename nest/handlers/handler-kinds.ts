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

/** The property of a request that holds its GraphQL operation. */
const OPERATION = Symbol.for('promark.nest.operation');

interface OperationRequest {
  /** Where Express has mounted what handles the request. */
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
 * Notes the GraphQL operation of a request of an Express app, by the path, the type and the first field:
 * `/graphql query orders`. The name of an operation would be the client's; those of fields are the schema's.
 */
export function noteOperation(context: ExecutionContext): void {
  if (context.getType<string>() !== 'graphql') return;
  const [, , shared, info] = context.getArgs<[unknown, unknown, { readonly req?: OperationRequest }?, ResolveInfo?]>();
  const type = info?.operation?.operation;
  const request = shared?.req;
  // A field of an object has a parent.
  if (info === undefined || type === undefined || info.path?.prev !== undefined) return;
  if (typeof request?.baseUrl !== 'string' || request[OPERATION] !== undefined) return;
  // Express matches any casing, which would be a series each.
  request[OPERATION] = `${request.baseUrl.toLowerCase()} ${type} ${info.fieldName}`;
}

/** The route of a request that Apollo has handled, which is a middleware on Express and has no route of its own. */
export function operationOf(request: object): string | undefined {
  return (request as OperationRequest)[OPERATION];
}
