// As TypeScript and Babel write `import client from 'promark'` and `import * as namespace from 'promark'`.
const importDefault = (module) => (module?.__esModule ? module : { default: module });
const importStar = (module) => (module?.__esModule ? module : { ...module, default: module });

const promark_1 = importDefault(require('promark'));
const namespace = importStar(require('promark'));
const required = require('promark');
const { Counter, register } = required;

/** What a program gets that imports the package in every way of CommonJS. */
exports.forms = () => {
  const orders = new promark_1.default.Counter({
    name: 'orders_total',
    help: 'Orders',
    registers: [new required.Registry()],
  });
  return {
    default: orders instanceof Counter && promark_1.default.register === register,
    namespace: namespace.Counter === Counter && namespace.default.Counter === Counter,
  };
};
