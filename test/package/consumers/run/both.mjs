import { createRequire } from 'node:module';
import * as imported from 'promark';

const required = createRequire(import.meta.url)('promark');

console.log(required.Counter === imported.Counter ? 'one copy' : 'two copies');
console.log(required.register === imported.register ? 'one registry' : 'two registries');

new imported.Counter({ name: 'imported_total', help: 'Made by import' }).inc();
new required.Counter({ name: 'required_total', help: 'Made by require' }).inc(2);

console.log(await imported.register.metrics());
