import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { ConfigError, type MetricsServer, type Registry, type ServerTls, startHttpServer } from '../lib/index.js';
import { authOfServer } from './check-options.js';
import { withSlash } from './endpoint/metrics-controller-class.js';
import type { PrometheusModuleSettings } from './options.js';
import { InjectRegistry, OPTIONS } from './tokens.js';

/** The server of the option `server`, from the start of the app to its end. Inject it to learn where it listens and to renew its certificate. */
@Injectable()
export class MetricsServerService implements OnApplicationBootstrap, OnApplicationShutdown {
  private server: MetricsServer | undefined;

  constructor(
    @InjectRegistry() private readonly registry: Registry,
    @Inject(OPTIONS) private readonly options: PrometheusModuleSettings,
  ) {}

  /** Where the page is, such as `http://localhost:9100/metrics`; undefined before the start and where there is none. */
  get url(): string | undefined {
    return this.server?.url;
  }

  /**
   * Renews the server's certificate, as `setTls` of what `startHttpServer` gives. Rejects with ConfigError where the app
   * has no server, or none yet.
   */
  async setTls(tls: ServerTls): Promise<void> {
    if (this.server === undefined) {
      throw new ConfigError(
        'PrometheusModule: there is no server whose certificate could be renewed. Say `server`, and wait for the app to start.',
      );
    }
    await this.server.setTls(tls);
  }

  async onApplicationBootstrap(): Promise<void> {
    const { server, path = '/metrics' } = this.options;
    if (server === undefined) return;
    const options = typeof server === 'number' ? { port: server } : server;
    const auth = authOfServer(this.options);
    this.server = await startHttpServer({ ...options, auth, registry: this.registry, path: withSlash(path) });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.server?.close();
    this.server = undefined;
  }
}
