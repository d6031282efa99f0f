import { Counter, fetchHandler } from 'promark';

declare const Deno: {
  serve(
    options: { hostname: string; port: number; onListen(): void },
    handler: (request: Request) => Promise<Response>,
  ): { addr: { port: number }; shutdown(): Promise<void> };
  addSignalListener(signal: string, listener: () => void): void;
  removeSignalListener(signal: string, listener: () => void): void;
};

new Counter({ name: 'orders_total', help: 'Orders', labelNames: ['tier'] }).inc({ tier: 'gold' }, 3);
new Counter({ name: 'refunds_total', help: 'Refunds' });

const server = Deno.serve({ hostname: '127.0.0.1', port: 0, onListen: () => {} }, fetchHandler());
const stop = () => {
  Deno.removeSignalListener('SIGINT', stop);
  void server.shutdown();
};
Deno.addSignalListener('SIGINT', stop);
console.log(`http://127.0.0.1:${server.addr.port}/metrics`);
