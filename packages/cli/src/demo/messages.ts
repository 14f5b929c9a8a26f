import type { NewMessage } from '@whatsapp-stream/client';

/**
 * What the demonstration publishes: all three lanes, with the provider's sandbox numbers. `628001` is delivered
 * and read; `6282123060005` has blocked the sender, so its message ends refused.
 * @param run makes the ids of one demonstration differ from those of another
 * @param now ms since the epoch
 */
export function demoMessages(run: string, now: number): readonly NewMessage[] {
  const message = (
    lane: string,
    number: number,
    msisdn: string,
    name: string,
    bodyParams: readonly string[],
    more: Partial<NewMessage> = {},
  ): NewMessage => ({
    lane,
    messageId: `demo-${run}-${number}`,
    msisdn,
    template: { name, langCode: 'id', bodyParams },
    source: 'demo',
    requestedAt: now,
    ...more,
  });
  return [
    message('marketing', 1, '6281200000001', 'weekend_promo', ['20%']),
    message('marketing', 2, '6281200000002', 'weekend_promo', ['20%']),
    message('marketing', 3, '6282123060005', 'weekend_promo', ['20%']),
    message('transactional', 4, '628001', 'order_shipped', ['A-1001', 'Thursday']),
    message('transactional', 5, '6281200000003', 'order_shipped', ['A-1002', 'Friday']),
    message('otp', 6, '628001', 'otp_login', ['493817'], { expiresAt: now + 300_000 }),
    message('otp', 7, '6281200000004', 'otp_login', ['120934'], { expiresAt: now + 300_000 }),
    message('otp', 8, '6281200000005', 'otp_login', ['775201'], { expiresAt: now - 1_000 }),
  ];
}
