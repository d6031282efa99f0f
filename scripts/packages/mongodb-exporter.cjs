const { monitorMongoDBDriver } = require('@christiangalsterer/mongodb-driver-prometheus-exporter');
const { MongoClient } = require('mongodb');
const { Registry } = require('prom-client');

const register = new Registry();
const client = new MongoClient('mongodb://127.0.0.1:1', { monitorCommands: true });
monitorMongoDBDriver(client, register);
const address = '127.0.0.1:1';
client.emit('connectionPoolCreated', { address, options: { maxPoolSize: 5, minPoolSize: 0 } });
client.emit('connectionCreated', { address, connectionId: 1 });
client.emit('connectionCheckedOut', { address, connectionId: 1 });
client.emit('commandSucceeded', { address, commandName: 'find', duration: 12, reply: {} });
register.metrics().then((page) => {
  console.log(page);
  process.exit();
});
