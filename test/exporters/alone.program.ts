import { Counter, startHttpServer } from 'promark';

// A program that does nothing but serve.
new Counter({ name: 'alone_total', help: 'Alone' }).inc();
const server = await startHttpServer({ port: 0, keepProcessAlive: process.env.KEEP_ALIVE === 'yes' });
console.log(server.url);
