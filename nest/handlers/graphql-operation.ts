import type { ExecutionContext } from '@nestjs/common';

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
