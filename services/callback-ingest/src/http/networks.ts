import { BlockList, isIP } from 'node:net';
import { z } from 'zod';

/** Addresses and networks of both families. */
export interface Networks {
  /**
   * IPv4 that is written as IPv6 (`::ffff:203.0.113.7`) counts as IPv4. A port after the address, which some
   * load balancers write, and a zone are passed over.
   * @returns false for what is no address
   */
  has(address: string): boolean;
}

/** Reads a list of addresses and networks with commas between. */
export const networksSchema = z.string().transform((text, context): Networks => {
  const list = new BlockList();
  for (const item of text.split(',').map((part) => part.trim())) {
    if (add(list, item)) continue;
    context.addIssue({ code: 'custom', message: `${JSON.stringify(item)} is no address or network` });
    return z.NEVER;
  }
  return { has: (given) => includes(list, given) };
});

function add(list: BlockList, item: string): boolean {
  const [address = '', prefix, ...more] = item.split('/');
  const family = isIP(address);
  if (family === 0 || address.includes('%') || more.length > 0) return false;
  const bits = family === 6 ? 128 : 32;
  const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
  if (!(length <= bits)) return false;
  list.addSubnet(address, length, family === 6 ? 'ipv6' : 'ipv4');
  return true;
}

/** `1.2.3.4:80`, `[2001:db8::1]:80` and `[2001:db8::1]`. */
const WITH_PORT = /^(?:\[([^\]]*)\](?::\d{1,5})?|([\d.]*):\d{1,5})$/;

function includes(list: BlockList, given: string): boolean {
  const [, inBrackets, beforePort] = WITH_PORT.exec(given) ?? [];
  const [address = ''] = (inBrackets ?? beforePort ?? given).split('%', 1);
  const family = isIP(address);
  return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4');
}
