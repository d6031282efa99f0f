const { Counter, register } = require('promark');

const orders = new Counter({ name: 'orders_total', help: 'Orders', labelNames: ['by'] });
orders.inc({ by: 'require' }, 2);

register.metrics().then((page) => console.log(page));
