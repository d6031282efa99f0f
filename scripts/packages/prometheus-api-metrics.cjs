const express = require('express');
const apiMetrics = require('prometheus-api-metrics');

const app = express();
app.use(apiMetrics());
app.get('/orders/:id', (request, response) => response.send(request.params.id));

void import('./served.mjs').then(({ served }) => served(app, ['/orders/1', '/orders/2'], '/metrics', '/metrics.json'));
