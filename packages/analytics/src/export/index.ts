/** The export alone: who writes lines need not load DuckDB, nor what makes the report. */
export { ExportError, type ExportFault } from './errors.ts';
export { exportEvents } from './export-events.ts';
export {
  type ClusterSettings,
  EXPORT_FORMATS,
  EXPORT_TOPICS,
  type ExportFormat,
  type ExportOptions,
  type ExportProgress,
  type ExportSummary,
  type ExportTopic,
  type SkippedPlace,
} from './options.ts';
