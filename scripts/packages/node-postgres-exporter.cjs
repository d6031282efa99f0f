const { monitorPgClient, monitorPgPool } = require('@christiangalsterer/node-postgres-prometheus-exporter');
const { Client, Pool } = require('pg');
const { Registry } = require('prom-client');

const register = new Registry();
monitorPgClient(new Client(), register);
const pool = new Pool({ host: '127.0.0.1', port: 1, max: 4 });
monitorPgPool(pool, register, { defaultLabels: { app: 'shop' } });
pool.emit('connect', {});
pool.emit('error', new Error('lost'), {});
register.metrics().then((page) => {
  console.log(page);
  process.exit();
});
