// The folder that all processes share. It is made by the first one.
const env = { PROMETHEUS_MULTIPROC_DIR: process.env.PROMETHEUS_MULTIPROC_DIR ?? '/dev/shm/pm2-shop-metrics' };

module.exports = {
  apps: [
    // Three processes that share a port.
    { name: 'shop', script: 'dist/shop.js', exec_mode: 'cluster', instances: 3, env },
    // Two that do not.
    { name: 'mailer', script: 'dist/mailer.js', exec_mode: 'fork', instances: 2, env },
  ],
};
