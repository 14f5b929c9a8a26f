import type { SendRequest } from './types.generated.ts';

const MESSAGE_ID = /^[A-Za-z0-9._:-]{1,128}$/;
/** E.164 allows at most 15 digits (ITU-T E.164, 6.2.1), and no country code begins with 0. */
const MSISDN = /^[1-9][0-9]{5,14}$/;

/**
 * Tells everything that makes a request unfit to be sent, whatever the time is.
 *
 * @returns one sentence for each fault, none when the request is valid. No sentence contains the number or a
 * parameter of the template, so that they can be logged and published.
 */
export function faultsOf(request: SendRequest): readonly string[] {
  const faults: string[] = [];
  if (!MESSAGE_ID.test(request.message_id)) {
    faults.push('message_id must be 1 to 128 characters of A-Z a-z 0-9 . _ : -');
  }
  if (!MSISDN.test(request.msisdn)) {
    faults.push('msisdn must be 6 to 15 digits with the country code, without + and not starting with 0');
  }
  if (request.template === null) {
    faults.push('template is missing: it is the only kind of content that can be sent');
  } else {
    if (request.template.name === '') faults.push('template.name is empty');
    if (request.template.lang_code === '') faults.push('template.lang_code is empty');
  }
  return faults;
}
