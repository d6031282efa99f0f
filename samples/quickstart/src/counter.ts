import { Counter, startHttpServer } from 'promark';

const seconds = new Counter({ name: 'demo_seconds_total', help: 'Seconds since the program was started' });
const timer = setInterval(() => seconds.inc(), 1000);

const server = await startHttpServer(Number(process.env.PORT ?? 8000)).catch((error: Error) => {
  // The port is none, or in use.
  console.error(error.message);
  process.exit(2);
});
console.log(`A counter goes up at ${server.url} until you press Ctrl-C.`);

// The server does not keep the program alive; the timer does.
process.once('SIGINT', () => {
  clearInterval(timer);
  void server.close();
});
