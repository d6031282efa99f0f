import { hostname } from 'node:os';
import { Gauge, Pushgateway } from 'promark';
import { RowImport } from './import-rows.js';

const { PUSHGATEWAY_URL = 'http://127.0.0.1:9091', ROWS = '300', FAIL_AT = '-1' } = process.env;

const gateway = new Pushgateway(PUSHGATEWAY_URL, { gzip: true });
const group = { jobName: 'import', groupings: { instance: hostname() } };

// A long job shows how far it is. `add` leaves in the group what this run does not have.
const pushing = gateway.pushEvery(5_000, {
  ...group,
  add: true,
  onError: (error) => console.error(`The metrics were not pushed: ${error}`),
});
try {
  await new RowImport(Number(FAIL_AT)).run(Number(ROWS));
  // To alert on, when it gets too old. Made only now: a run that fails leaves that of the last good one in the group.
  new Gauge({ name: 'import_last_success_timestamp_seconds', help: 'When it last ended well' }).setToCurrentTime();
  console.log('All rows are imported.');
} catch (error) {
  console.error(`The import failed: ${error}`);
  process.exitCode = 1;
} finally {
  // Whichever way it ended: one last push. A gateway that is down must not make a good run a bad one.
  await pushing.stop().catch((error) => console.error(`The metrics were not pushed: ${error}`));
}
