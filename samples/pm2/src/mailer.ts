import { Counter, Gauge } from 'promark';

const mails = new Counter({ name: 'mailer_mails_total', help: 'Mails sent' });
// How many instances are running.
const ready = new Gauge({ name: 'mailer_ready', help: 'Whether the mailer is ready', aggregate: 'livesum' });

ready.set(1);
setInterval(() => mails.inc(), 100);
