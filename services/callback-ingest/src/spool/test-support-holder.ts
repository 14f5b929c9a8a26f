import { arrivals, openStore } from './test-support.ts';

/** For tests: keeps a hundred callbacks in the folder that it is given, says so, and waits to be killed. */
const [, , dir = ''] = process.argv;
const store = openStore(dir);
for (let from = 0; from < 100; from += 10) store.keepAll(arrivals(from, 10));
process.stdout.write('kept');
setInterval(() => {}, 60_000);
