import { ConfigError, type ServerAuth } from '../lib/index.js';
import type { PrometheusModuleSettings } from './options.js';

/**
 * Who may scrape the server of the option `server`: who may scrape the endpoint, unless it says so itself. Throws
 * ConfigError where only a function knows, because the server may be in another thread.
 */
export function authOfServer({ server, auth }: PrometheusModuleSettings): ServerAuth | undefined {
  if (typeof server === 'object' && server.auth !== undefined) return server.auth;
  if (typeof auth !== 'function') return auth;
  throw new ConfigError(
    'PrometheusModule: auth is a function, which can judge requests of the endpoint and not those of the server, which ' +
      'has a thread of its own. Say { bearer } or { basic }, or give the server an auth beside its port.',
  );
}
