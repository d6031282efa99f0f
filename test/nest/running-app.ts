import type { INestApplication, Type } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { PrometheusModule, type PrometheusModuleOptions } from 'promark/nest';

/** An app that listens on a free loopback port, and where to reach it. */
export interface RunningApp {
  readonly app: INestApplication;
  readonly url: string;
}

/** The rest of an app's module, and what is done to the app before it starts. */
export interface AppParts {
  readonly controllers?: Type<object>[];
  readonly providers?: Type<object>[];
  readonly before?: (app: INestApplication) => void;
  /** Default: Express. */
  readonly adapter?: AbstractHttpAdapter;
}

const running: INestApplication[] = [];

/** Starts an app that imports `PrometheusModule.forRoot(options)`; `closeApps` ends it. */
export async function startApp(options?: PrometheusModuleOptions, parts: AppParts = {}): Promise<RunningApp> {
  const { controllers = [], providers = [], before, adapter = new ExpressAdapter() } = parts;
  @Module({ imports: [PrometheusModule.forRoot(options)], controllers, providers })
  class AppModule {}
  const app = await NestFactory.create(AppModule, adapter, { logger: false, abortOnError: false });
  before?.(app);
  running.push(app);
  await app.listen(0, '127.0.0.1');
  return { app, url: await app.getUrl() };
}

/** Ends every app that `startApp` has started. */
export async function closeApps(): Promise<void> {
  await Promise.all(running.splice(0).map((app) => app.close()));
}
