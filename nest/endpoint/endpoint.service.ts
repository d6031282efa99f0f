import { Inject, Injectable, type Type } from '@nestjs/common';
import { ApplicationConfig, HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import type { PrometheusModuleOptions } from '../options.js';
import { ENDPOINT, OPTIONS } from '../tokens.js';
import { movedTo, pathsOf, withSlash } from './metrics-controller-class.js';
import { OutsideEndpoint } from './outside-endpoint.service.js';
import { keepOutsidePrefix, refuseRivals, refuseShadows } from './rival-routes.js';
import { skipThrottles } from './throttling.js';

/** Places the endpoint as the options ask: as a controller, outside of the app's routing, or nowhere. */
@Injectable()
export class Endpoint {
  constructor(
    @Inject(ApplicationConfig) private readonly config: ApplicationConfig,
    @Inject(ModulesContainer) private readonly modules: ModulesContainer,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(OutsideEndpoint) private readonly outside: OutsideEndpoint,
    @Inject(OPTIONS) private readonly options: PrometheusModuleOptions,
    @Inject(ENDPOINT) private readonly controller: Type<object> | undefined,
  ) {}

  /** Where the endpoint stands, the app's global prefix included; nowhere where a server stands in for it. */
  get paths(): string[] {
    if (this.controller === undefined || this.isReplaced) return [];
    const paths = pathsOf(this.controller, this.options.path);
    const prefix = this.config.getGlobalPrefix();
    if (this.options.underGlobalPrefix !== true || prefix === '') return paths;
    return paths.map((path) => withSlash(prefix) + path);
  }

  /** To be called when the app has set its global prefix and has not made its routes yet. */
  place(): void {
    if (this.controller === undefined) return;
    const { outside, underGlobalPrefix, path } = this.options;
    if (this.isReplaced || outside === true) this.withdraw(this.controller);
    if (this.isReplaced) return;
    if (outside === true) {
      for (const one of this.paths) this.outside.open(one);
      return;
    }
    skipThrottles(this.controller, this.modules);
    if (path !== undefined) this.move(this.controller, withSlash(path));
    if (underGlobalPrefix === true || this.config.getGlobalPrefix() === '') {
      const byOrder = this.host.httpAdapter?.getType() !== 'fastify';
      for (const one of pathsOf(this.controller, path)) refuseShadows(this.modules, this.controller, one, byOrder);
      return;
    }
    for (const one of this.paths) {
      refuseRivals(this.modules, this.controller, one);
      keepOutsidePrefix(this.config, one);
    }
  }

  /** Whether the app has a server for the page and asks for no controller beside it. */
  private get isReplaced(): boolean {
    const { server, controller } = this.options;
    return server !== undefined && controller === undefined;
  }

  /** Of the app's own copy of the controller: another app that is made from the same module keeps its path. */
  private move(controller: Type<object>, path: string): void {
    for (const { controllers } of this.modules.values()) {
      const wrapper = controllers.get(controller);
      if (wrapper !== undefined) wrapper.metatype = movedTo(path, controller);
    }
  }

  private withdraw(controller: Type<object>): void {
    for (const { controllers } of this.modules.values()) controllers.delete(controller);
  }
}
