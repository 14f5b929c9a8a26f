import {
  type CountryCode,
  getCountryCallingCode,
  isSupportedCountry,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/min';

/** A country by its two letters (ISO 3166-1), as `ID`. */
export type Region = CountryCode;

export function isRegion(text: unknown): text is Region {
  return typeof text === 'string' && isSupportedCountry(text);
}

/**
 * Reads a phone number as people of a region write it.
 *
 * The small metadata of libphonenumber is used on purpose: it knows the lengths and the general pattern of each
 * country's numbers, which refuses what cannot be one. The large one also knows which ranges are handed out; a
 * publisher that was built before a range was opened would refuse real customers.
 *
 * Digits without `+`, or with 00, can be read as a number of the region or as one that begins with a country code.
 * Those that begin with the region's own are taken for that; where both readings make a number it is refused, so that no
 * one-time password goes to a stranger.
 *
 * @returns E.164 digits without `+`, or undefined when it cannot be, or not only be, one number
 */
export function readPhoneNumber(text: string, region: Region): string | undefined {
  const trimmed = text.trim();
  const local = digitsOf(trimmed, region);
  const [, afterPrefix] = /^(?:00)?([1-9].*)$/.exec(trimmed) ?? [];
  if (afterPrefix === undefined) return local;
  const international = digitsOf(`+${afterPrefix}`, region);
  if (international === undefined || international === local) return local;
  const ofRegion = afterPrefix.startsWith(getCountryCallingCode(region));
  return ofRegion || local === undefined ? international : undefined;
}

function digitsOf(text: string, region: Region): string | undefined {
  const number = parsePhoneNumberFromString(text, { defaultCountry: region, extract: false });
  return number?.isValid() && number.ext === undefined ? number.number.slice(1) : undefined;
}
