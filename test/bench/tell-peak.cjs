// Preloaded into measured node processes: tells their peak resident memory at the end.
const { isMainThread } = require('node:worker_threads');

if (isMainThread) process.on('exit', () => process.stderr.write(`\npeak-rss-kb ${process.resourceUsage().maxRSS}\n`));
