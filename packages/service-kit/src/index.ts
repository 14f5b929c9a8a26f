export {
  type AdminServer,
  adminSettings,
  createMetrics,
  type Health,
  startAdminServer,
} from './admin-server.ts';
export { type Clock, sleep, systemClock } from './clock.ts';
export {
  groupSettings,
  kafkaFaults,
  kafkaFrom,
  kafkaOptions,
  kafkaSettings,
  registrySettings,
  shownUrl,
  topicFaults,
  topicNames,
  topicSettings,
} from './cluster.ts';
export { type Adapters, awaitDependencies, type Dependencies } from './dependencies.ts';
export { createLogger, LOG_LEVELS, type Logger, type LogLevel } from './log.ts';
export {
  EXIT,
  logSettings,
  type RunningService,
  runService,
  type ServiceDefinition,
  STOP_WITHIN_MS,
} from './run-service.ts';
export { type Reread, type SecretFiles, secretFiles } from './secret-files.ts';
export {
  read,
  readSettings,
  type Setting,
  type SettingsOf,
  type SettingsRead,
  type SettingsSpec,
} from './settings.ts';
export { waitFor } from './wait-for.ts';
