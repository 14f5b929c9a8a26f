/**
 * The limit: how fast this machine posts from one process that does nothing else. `bare-loop.ts URL COUNT CONNECTIONS`
 * posts COUNT bodies as the sender's are, over as many connections, each as soon as the answer before it was read.
 */
import { signToken } from '@whatsapp-stream/callback-token';
import { Pool } from 'undici';

const [url = '', count = '0', connections = '1'] = process.argv.slice(2);
/** Made beforehand, and posted again and again. */
const DIFFERENT_BODIES = 1_000;

const headers = {
  'App-ID': 'demo-app',
  'API-Key': 'demo-key',
  accept: 'application/json',
  'content-type': 'application/json',
};
const key = { id: 'k1', secret: 'the secret of a bench' };

function bodyOf(i: number): string {
  const token = signToken(key, {
    messageId: `m-${i}`,
    attempt: 1,
    attemptId: '1.AAAAAAAAAAAA',
    issuedAtMs: Date.now(),
  });
  return JSON.stringify({
    msisdn: `62812${String(i).padStart(7, '0')}`,
    template_name: 'order_update',
    lang_code: 'id',
    content: { body_params: [`m-${i}`] },
    callback_url: `http://127.0.0.1:8080/callbacks/${token}`,
  });
}

const bodies = Array.from({ length: DIFFERENT_BODIES }, (_, i) => bodyOf(i));
const pool = new Pool(url, { connections: Number(connections), pipelining: 1 });
let next = 0;

async function post(): Promise<void> {
  while (next < Number(count)) {
    const body = bodies[next++ % DIFFERENT_BODIES] ?? '';
    const answer = await pool.request({
      method: 'POST',
      path: '/v2/whatsapp/message/send',
      headers,
      body,
    });
    if (answer.statusCode !== 201) throw new Error(`HTTP ${answer.statusCode}`);
    await answer.body.text();
  }
}

await Promise.all(Array.from({ length: Number(connections) }, post));
// What it has cost is read from it while it lives.
setInterval(() => {}, 60_000);
