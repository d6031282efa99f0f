import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  applyDecorators,
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  Inject,
  Injectable,
  Module,
  Param,
  Post,
  Query,
  Req,
  SetMetadata,
  UseGuards,
} from '@nestjs/common';
import { type NestApplication, NestFactory, Reflector } from '@nestjs/core';
import { ApiOperation, ApiResponse, DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { Counted, InProgress, Instrumented, register, Timed } from 'promark';
import { calls } from './support/page.js';

const Roles = (...roles: string[]) => SetMetadata('roles', roles);

@Injectable()
class RolesGuard implements CanActivate {
  constructor(@Inject(Reflector) private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const roles = this.reflector.get<string[] | undefined>('roles', context.getHandler());
    if (roles === undefined) throw new Error('the guard has lost the roles of the route');
    const { headers } = context.switchToHttp().getRequest() as { headers: Record<string, string> };
    return roles.includes(headers['x-role'] ?? '');
  }
}

@Controller('above')
@UseGuards(RolesGuard)
class Above {
  @Timed()
  @Counted()
  @InProgress()
  @Get(':id')
  @Roles('admin')
  @ApiOperation({ summary: 'Above' })
  @ApiResponse({ status: 418, description: 'Teapot' })
  find(@Param('id') id: string, @Query('q') q: string): string {
    return `above ${id} ${q}`;
  }
}

@Controller('below')
@UseGuards(RolesGuard)
class Below {
  @ApiResponse({ status: 418, description: 'Teapot' })
  @ApiOperation({ summary: 'Below' })
  @Roles('admin')
  @Get(':id')
  @Timed()
  @Counted()
  @InProgress()
  async find(@Param('id') id: string, @Query('q') q: string): Promise<string> {
    return `below ${id} ${q}`;
  }
}

@Instrumented({ counted: true })
@Controller('whole')
@UseGuards(RolesGuard)
class Whole {
  @Post(':id')
  @Roles('admin')
  @ApiOperation({ summary: 'Whole' })
  @ApiResponse({ status: 418, description: 'Teapot' })
  find(@Param('id') id: string, @Req() request: { query: Record<string, string> }): string {
    return `whole ${id} ${request.query.q}`;
  }
}

@Module({ controllers: [Above, Below, Whole], providers: [RolesGuard] })
class App {}

describe.each([
  ['above', 'GET', Above, 200],
  ['below', 'GET', Below, 200],
  ['whole', 'POST', Whole, 201],
] as const)('decorators %s those of Nest', (path, method, controller, ok) => {
  let app: NestApplication;
  let url: string;

  beforeAll(async () => {
    register.clear();
    app = await NestFactory.create<NestApplication>(App, { logger: false });
    await app.listen(0, '127.0.0.1');
    url = `${await app.getUrl()}/${path}/7?q=x`;
  });

  afterAll(() => app.close());

  test('keep the route and its parameters', async () => {
    const response = await fetch(url, { method, headers: { 'x-role': 'admin' } });
    expect([response.status, await response.text()]).toEqual([ok, `${path} 7 x`]);
    expect(await calls('find')).toEqual({ ok: 1 });
  });

  test('keep the roles of the guard', async () => {
    const response = await fetch(url, { method, headers: { 'x-role': 'guest' } });
    expect(response.status).toBe(403);
  });

  test('keep the metadata of Swagger', () => {
    const document = SwaggerModule.createDocument(app, new DocumentBuilder().build());
    const operation = document.paths[`/${path}/{id}`]?.[method === 'GET' ? 'get' : 'post'];
    expect(operation?.summary).toBe(path[0].toUpperCase() + path.slice(1));
    expect(operation?.responses['418']).toMatchObject({ description: 'Teapot' });
    expect(operation?.parameters).toContainEqual(expect.objectContaining({ name: 'id', in: 'path' }));
  });

  test('keep the types that the compiler emits', () => {
    const types = Reflect.getMetadata('design:paramtypes', controller.prototype, 'find') as unknown[];
    expect(types[0]).toBe(String);
  });
});

describe("Nest's applyDecorators", () => {
  const Audited = () => applyDecorators(Timed(), SetMetadata('audited', true), Counted());
  const Queued = () => applyDecorators(SetMetadata('queued', true), InProgress(), Counted());

  class Orders {
    @Audited()
    find(id: number): number {
      return id;
    }

    @Queued()
    async queue(id: number): Promise<number> {
      return id;
    }

    @Audited()
    @Queued()
    static both(id: number): number {
      return id;
    }
  }

  test('measures, with the metadata of the others', async () => {
    register.clear();
    const orders = new Orders();
    expect([orders.find(1), await orders.queue(2), Orders.both(3)]).toEqual([1, 2, 3]);
    expect(await calls('find')).toEqual({ ok: 1 });
    expect(await calls('queue')).toEqual({ ok: 1 });
    // Counted twice, because it is decorated twice.
    expect(await calls('both')).toEqual({ ok: 2 });
    const page = await register.metrics();
    expect(page).toMatch(/method_duration_seconds_count\{class="Orders",method="find",result="ok"\} 1/);
    expect(page).toMatch(/method_inprogress\{class="Orders",method="queue"\} 0/);
    const reflector = new Reflector();
    expect(reflector.get('audited', orders.find)).toBe(true);
    expect(reflector.get('queued', orders.queue)).toBe(true);
    expect([reflector.get('audited', Orders.both), reflector.get('queued', Orders.both)]).toEqual([true, true]);
  });
});
