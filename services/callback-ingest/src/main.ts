import { kafkaFaults, runService } from '@whatsapp-stream/service-kit';
import { SERVICE_NAME, startCallbackIngest } from './app.ts';
import { callbackIngestSettings } from './config.ts';

await runService({
  name: SERVICE_NAME,
  settings: callbackIngestSettings,
  check: kafkaFaults,
  start: (settings, log) => startCallbackIngest(settings, log),
});
