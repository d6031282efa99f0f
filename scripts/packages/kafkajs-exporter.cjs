const { monitorKafkaJSConsumer, monitorKafkaJSProducer } = require('@christiangalsterer/kafkajs-prometheus-exporter');
const { Kafka } = require('kafkajs');
const { Registry } = require('prom-client');

const register = new Registry();
const kafka = new Kafka({ clientId: 'shop', brokers: ['127.0.0.1:1'], logLevel: 0 });
monitorKafkaJSProducer(kafka.producer(), register, { defaultLabels: { client_id: 'shop' } });
monitorKafkaJSConsumer(kafka.consumer({ groupId: 'g' }), register, { defaultLabels: { client_id: 'shop' } });
register.metrics().then((page) => {
  console.log(page);
  process.exit();
});
