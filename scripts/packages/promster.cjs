const { createMiddleware, getContentType, getSummary } = require('@promster/express');
const express = require('express');

const app = express();
app.use(createMiddleware({ app, options: { labels: ['tier'], getLabelValues: () => ({ tier: 'gold' }) } }));
app.get('/orders/:id', (request, response) => response.send(request.params.id));
app.get('/metrics', async (_, response) => {
  response.setHeader('Content-Type', getContentType());
  response.end(await getSummary());
});

void import('./served.mjs').then(({ served }) => served(app, ['/orders/1', '/orders/2'], '/metrics'));
