import { Counter, fetchHandler } from 'promark';

declare const Bun: {
  serve(options: { hostname: string; port: number; routes: Record<string, (request: Request) => Promise<Response>> }): {
    url: URL;
    stop(): Promise<void>;
  };
};

new Counter({ name: 'orders_total', help: 'Orders', labelNames: ['tier'] }).inc({ tier: 'gold' }, 3);
new Counter({ name: 'refunds_total', help: 'Refunds' });

const server = Bun.serve({ hostname: '127.0.0.1', port: 0, routes: { '/metrics': fetchHandler() } });
process.once('SIGINT', () => void server.stop());
console.log(new URL('/metrics', server.url).href);
