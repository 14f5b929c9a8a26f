export { type CallbackIngest, SERVICE_NAME, startCallbackIngest } from './app.ts';
export { type CallbackIngestSettings, callbackIngestSettings } from './config.ts';
