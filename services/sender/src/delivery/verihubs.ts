import type { SendRequest } from '@whatsapp-stream/schemas';
import type { HttpRequest } from './call.ts';

/** Our account at Verihubs. */
export interface Credentials {
  readonly appId: string;
  readonly apiKey: string;
}

/**
 * The request of Verihubs' "Send WhatsApp Message V2" for one message. Parts of the content that are not used
 * are left out.
 * @throws when the request has no template: admission lets none through
 */
export function sendMessageRequest(
  request: SendRequest,
  callbackUrl: string,
  credentials: Credentials,
): HttpRequest {
  const { template } = request;
  if (!template) throw new Error('a message without a template was let through to delivery');
  const { header_params, body_params, button_url_param } = template;
  const content = {
    ...(header_params.length > 0 ? { header_params } : {}),
    ...(body_params.length > 0 ? { body_params } : {}),
    ...(button_url_param !== null ? { button_param: { url_param: button_url_param } } : {}),
  };
  return {
    path: '/v2/whatsapp/message/send',
    headers: {
      'App-ID': credentials.appId,
      'API-Key': credentials.apiKey,
      accept: 'application/json',
      'content-type': 'application/json',
    },
    body: JSON.stringify({
      msisdn: request.msisdn,
      template_name: template.name,
      lang_code: template.lang_code,
      content,
      callback_url: callbackUrl,
    }),
  };
}
