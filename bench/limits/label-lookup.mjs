// What finding a series by three label values takes at least: `node bench/limits/label-lookup.mjs`.
// The texts have to be looked at whatever is done with them, and a Map is the only thing that hashes them natively.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { nanosecondsPerCall } from '../harness/loop.mjs';
import { methods, routes, SETS, statuses } from '../harness/traffic.mjs';

const options = { sampleMs: 30, samples: 30 };
const maps = [methods, routes, statuses].map((texts) => new Map([...new Set(texts)].map((text, i) => [text, i])));
const [first, second, third] = maps;
const names = ['method', 'route', 'status'];
let sum = 0;

function threeMaps(a, b, c) {
  return first.get(a) + second.get(b) + third.get(c);
}

function throughRest(...values) {
  return threeMaps(values[0], values[1], values[2]);
}

/** As strict as it has to be: every label there, and no other. */
function throughObject(labels) {
  const texts = ['', '', ''];
  let next = 0;
  for (const label in labels) {
    if (label !== names[next]) throw new Error(label);
    texts[next++] = labels[label];
  }
  return threeMaps(texts[0], texts[1], texts[2]);
}

const ways = {
  'three Map.get': (set) => threeMaps(methods[set], routes[set], statuses[set]),
  'three Map.get, values as rest parameters': (set) => throughRest(methods[set], routes[set], statuses[set]),
  'three Map.get, values from a checked object': (set) =>
    throughObject({ method: methods[set], route: routes[set], status: statuses[set] }),
};

// Each way in a process of its own, so that the compiler sees one of them only.
const [name] = process.argv.slice(2);
if (name === undefined) {
  for (const each of Object.keys(ways)) {
    execFileSync(process.execPath, [fileURLToPath(import.meta.url), each], { stdio: 'inherit' });
  }
} else {
  const way = ways[name];
  const took = nanosecondsPerCall((n) => {
    for (let i = 0; i < n; i++) sum += way(i & (SETS - 1));
  }, options);
  console.log(`${took.toFixed(1).padStart(6)} ns  ${name}${sum < 0 ? sum : ''}`);
}
