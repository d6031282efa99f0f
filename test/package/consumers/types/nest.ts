import { Controller, Get, Module } from '@nestjs/common';
import type { Registry } from 'promark';
import { InjectRegistry, PrometheusModule, type PrometheusModuleOptions } from 'promark/nest';

const options: PrometheusModuleOptions = {};

@Controller()
export class PageController {
  constructor(@InjectRegistry() private readonly registry: Registry) {}

  @Get('page')
  page(): Promise<string> {
    return this.registry.metrics();
  }
}

@Module({ imports: [PrometheusModule.forRoot(options)], controllers: [PageController] })
export class AppModule {}
