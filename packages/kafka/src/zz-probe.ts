import { randomBytes } from 'node:crypto';
import { createKafka } from './index.ts';
let logged = 0; 
const log = { debug(){}, info(){}, warn(){}, error(...a: unknown[]){ logged++; if (logged < 12) console.log('  log', JSON.stringify(a).slice(0,260)); } };
const kafka = createKafka({ brokers: [process.env['KAFKA_BROKERS'] ?? ''], clientId: 'probe', log });
const admin = await kafka.admin();
const producer = await kafka.producer();
const name = `probe-${randomBytes(5).toString('hex')}`;
async function topic(suffix: string, config: Record<string,string>, partitions = 1) { const t = `${name}-${suffix}`; await admin.createTopic({ topic: t, partitions, replicationFactor: 1, config }); return t; }
async function tryIt(what: string, t: string, values: Buffer[]) {
  logged = 0; const at = performance.now();
  try { const p = await producer.send(values.map((value, i) => ({ topic: t, key: `k${i}`, value }))); console.log(what, 'written', JSON.stringify(p.slice(0,2))); }
  catch (e) { let c: unknown = e; while (c instanceof Error) { console.log(what, '->', c.constructor.name, c.name, Reflect.get(c,'type'), Reflect.get(c,'code'), 'retriable', Reflect.get(c,'retriable'), c.message.slice(0,150)); c = c.cause; } }
  console.log('  ms', Math.round(performance.now() - at), 'error logs', logged, [...await admin.offsets(t)].map(([p,o]) => `${p}:${o.high}`).join(' '));
}
const small = await topic('small', { 'max.message.bytes': '1000' }, 3);
await tryIt('MESSAGE_TOO_LARGE one', small, [randomBytes(2000)]);
await tryIt('mixed over partitions', small, [randomBytes(10), randomBytes(10), randomBytes(2000), randomBytes(10), randomBytes(10)]);
const mib = await topic('mib', { 'max.message.bytes': '1048588' });
await tryIt('3MB', mib, [randomBytes(3_000_000)]);
await tryIt('4MB compressible', mib, [Buffer.alloc(4_000_000, 'abcdefgh')]);
const seg = await topic('seg', { 'max.message.bytes': '8388608', 'segment.bytes': '1048576' });
await tryIt('RECORD_LIST_TOO_LARGE', seg, [randomBytes(3_000_000)]);
await tryIt('over socket.request.max.bytes', mib, [randomBytes(105_000_000)]);
await tryIt('after it', mib, [randomBytes(10)]);
await producer.close(); await admin.close();
