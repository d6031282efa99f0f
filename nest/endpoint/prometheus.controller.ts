import { Controller, Get, Optional, Res } from '@nestjs/common';
import { type Registry, register } from '../../lib/index.js';
import { InjectRegistry } from '../tokens.js';

/** The common part of Express' and Fastify's responses. */
interface Reply {
  header(name: string, value: string): unknown;
}

/**
 * The controller of `PrometheusModule.register`, as in `@willsoto/nestjs-prometheus`: returns the page of the registry,
 * in the registry's own format, to Nest. Extend it to change the endpoint.
 *
 * @example
 * @Controller()
 * class MyController extends PrometheusController {
 *   @Get()
 *   index(@Res({ passthrough: true }) response: Response) {
 *     return super.index(response);
 *   }
 * }
 */
@Controller()
export class PrometheusController {
  constructor(@Optional() @InjectRegistry() private readonly registry: Registry = register) {}

  /** Sets the `Content-Type` of the response and returns the page. */
  @Get()
  async index(@Res({ passthrough: true }) response: unknown): Promise<string> {
    // A subclass may have a constructor of its own.
    const registry = this.registry ?? register;
    (response as Reply).header('Content-Type', registry.contentType);
    return registry.metrics();
  }
}
