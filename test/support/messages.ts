import type { NewMessage } from '@whatsapp-stream/client';

const LANES = ['otp', 'transactional', 'marketing'] as const;

/** `count` valid messages in turn over the three lanes; each has an id, a number and a parameter of its own. */
export function messages(run: string, count: number, more: Partial<NewMessage> = {}): NewMessage[] {
  return Array.from({ length: count }, (_, i) => ({
    lane: LANES[i % LANES.length] ?? 'otp',
    messageId: `${run}-${i}`,
    msisdn: `62812${String(i).padStart(7, '0')}`,
    template: { name: 'order_update', langCode: 'id', bodyParams: [`${run}-${i}`] },
    ...more,
  }));
}
