import * as namespace from 'promark';
import client, { Counter, register } from 'promark';

/** What a program gets that imports the package in every way of an ES module. */
export function forms() {
  const orders = new client.Counter({ name: 'orders_total', help: 'Orders', registers: [new client.Registry()] });
  return {
    default: orders instanceof Counter && client.register === register,
    namespace: namespace.Counter === Counter && namespace.default.Counter === Counter,
  };
}
