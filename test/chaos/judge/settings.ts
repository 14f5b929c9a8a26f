import { senderSettings } from '@whatsapp-stream/sender';
import {
  kafkaFaults,
  kafkaSettings,
  logSettings,
  registrySettings,
  type SettingsOf,
  type SettingsSpec,
  topicFaults,
  topicSettings,
} from '@whatsapp-stream/service-kit';

/** What the judge reads from the environment; the same variables say the same to the services. */
export const judgeSettings = {
  ...kafkaSettings,
  ...registrySettings,
  ...topicSettings,
  SENDER_GROUP: senderSettings.SENDER_GROUP,
  VERIHUBS_MAX_RPS: senderSettings.VERIHUBS_MAX_RPS,
  DOUBT_GRACE_MS: senderSettings.DOUBT_GRACE_MS,
  // A person reads the output: the libraries' lines come only when they are asked for.
  LOG_LEVEL: { ...logSettings.LOG_LEVEL, default: 'silent' },
} as const satisfies SettingsSpec;

/** Faults that only several settings together can have. */
export function judgeFaults(values: SettingsOf<typeof judgeSettings>): readonly string[] {
  return [...kafkaFaults(values), ...topicFaults(values)];
}
