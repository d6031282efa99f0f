import type { DynamicModule, INestApplication, Provider, Type } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { PrometheusModule, type PrometheusModuleOptions } from 'promark/nest';

/** An app that listens on a free loopback port, and its URL. */
export interface RunningApp {
  readonly app: INestApplication;
  readonly url: string;
}

/** The rest of an app's module, and what to do with the app before it starts. */
export interface AppParts {
  readonly imports?: (DynamicModule | Type<object>)[];
  readonly controllers?: Type<object>[];
  readonly providers?: Provider[];
  readonly before?: (app: INestApplication) => unknown;
  /** Default: Express. */
  readonly adapter?: AbstractHttpAdapter;
}

/** Both HTTP adapters of Nest, for `describe.each`. */
export const adapters: [string, () => AbstractHttpAdapter][] = [
  ['Express', () => new ExpressAdapter()],
  ['Fastify', () => new FastifyAdapter()],
];

const running: INestApplication[] = [];

/** Starts an app that imports `PrometheusModule.forRoot(options)`; `closeApps` ends it. */
export function startApp(options?: PrometheusModuleOptions, parts: AppParts = {}): Promise<RunningApp> {
  return startWith([PrometheusModule.forRoot(options)], parts);
}

/** Starts an app that imports these modules; `closeApps` ends it. */
export async function startWith(modules: (DynamicModule | Type<object>)[], parts: AppParts = {}): Promise<RunningApp> {
  const { imports = [], controllers = [], providers = [], before, adapter = new ExpressAdapter() } = parts;
  @Module({ imports: [...modules, ...imports], controllers, providers })
  class AppModule {}
  const app = await NestFactory.create(AppModule, adapter, { logger: false, abortOnError: false });
  await before?.(app);
  running.push(app);
  await app.listen(0, '127.0.0.1');
  return { app, url: await app.getUrl() };
}

/** The text of a page. */
export async function pageAt(url: string, path = '/metrics'): Promise<string> {
  return (await fetch(`${url}${path}`)).text();
}

/** Closes every app that `startApp` has started. */
export async function closeApps(): Promise<void> {
  const close = (app: INestApplication) => {
    // A response that a test has not read would keep its connection, and the server, open for up to a minute.
    app.getHttpServer().closeAllConnections();
    return app.close();
  };
  await Promise.all(running.splice(0).map(close));
}
