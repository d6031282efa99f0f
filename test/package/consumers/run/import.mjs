import { Counter, register } from 'promark';

const orders = new Counter({ name: 'orders_total', help: 'Orders', labelNames: ['by'] });
orders.inc({ by: 'import' }, 2);

console.log(await register.metrics());
