export { type SenderOptions, type SenderService, startSender } from './app.ts';
export { type SenderConfig, senderFaults, senderSettings } from './config.ts';
