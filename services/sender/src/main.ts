import { runService } from '@whatsapp-stream/service-kit';
import { startSender } from './app.ts';
import { senderFaults, senderSettings } from './config.ts';

await runService({
  name: 'sender',
  settings: senderSettings,
  check: senderFaults,
  start: (config, log, secrets) => startSender({ config, secrets, log }),
});
