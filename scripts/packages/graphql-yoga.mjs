import { usePrometheus } from '@graphql-yoga/plugin-prometheus';
import { createSchema, createYoga } from 'graphql-yoga';

const schema = createSchema({
  typeDefs: 'type Query { order(id: ID!): String }',
  resolvers: { Query: { order: (_, { id }) => id } },
});
const yoga = createYoga({
  schema,
  plugins: [usePrometheus({ metrics: { graphql_envelop_request: true } })],
  logging: false,
});
for (const id of [1, 2]) {
  await yoga.fetch('http://test/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: `query Order { order(id: ${id}) }` }),
  });
}
console.log(await (await yoga.fetch('http://test/metrics')).text());
process.exit();
