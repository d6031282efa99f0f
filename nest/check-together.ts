import { ConfigError } from '../lib/index.js';
import type { PrometheusModuleOptions } from './options.js';
import { authOfServer } from './server-auth.js';

/** Refuses options that make no sense beside each other. Throws ConfigError. */
export function checkTogether(options: PrometheusModuleOptions): void {
  const { controller, server, outside, guards } = options;
  if (controller === false || (server !== undefined && controller === undefined)) refuseIdle(options);
  if (server !== undefined) authOfServer(options);
  if (outside === true && (guards !== undefined || controller !== undefined)) {
    throw new ConfigError(
      `PrometheusModule: with outside: true neither guards nor a controller take part in a scrape. Leave them out and ` +
        'protect the endpoint by `auth`, or leave out `outside`.',
    );
  }
}

/** Refuses what is for an endpoint, where there is none. */
function refuseIdle({ controller, server, path, auth, ...others }: PrometheusModuleOptions): void {
  const { guards, outside, underGlobalPrefix } = others;
  // A server has a path as well, and takes `auth` where it has none of its own.
  const serverTakesAuth = server !== undefined && (typeof server === 'number' || server.auth === undefined);
  const idle = {
    ...(!serverTakesAuth && { auth }),
    guards,
    outside,
    underGlobalPrefix,
    ...(server === undefined && { path }),
  };
  for (const [option, value] of Object.entries(idle)) {
    if (value === undefined) continue;
    const why = controller === false ? 'controller: false' : 'a server and no controller';
    const more = option === 'auth' && server !== undefined ? ': the server has an auth of its own' : '';
    throw new ConfigError(
      `PrometheusModule: with ${why} the app has no endpoint, so ${option} has no meaning. Leave it out${more}.`,
    );
  }
}
