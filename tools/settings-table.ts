import { connectionSettings } from '../packages/cli/src/connection.ts';
import { logSettings, type Setting, type SettingsSpec } from '../packages/service-kit/src/index.ts';
import { callbackIngestSettings } from '../services/callback-ingest/src/config.ts';
import { senderSettings } from '../services/sender/src/config.ts';

interface Reader {
  readonly name: string;
  readonly settings: SettingsSpec;
}

const READERS: readonly Reader[] = [
  { name: 'sender', settings: { ...senderSettings, ...logSettings } },
  { name: 'callback-ingest', settings: { ...callbackIngestSettings, ...logSettings } },
  { name: 'commands', settings: connectionSettings },
];

/** Every setting, who reads it, and what it means. */
export function settingsTable(): string {
  const names = [...new Set(READERS.flatMap(({ settings }) => Object.keys(settings)))];
  const rows = names.map((name) => {
    const readers = READERS.flatMap(({ name: reader, settings }) => {
      const setting = settings[name];
      return setting ? [{ reader, setting }] : [];
    });
    const defaults = Map.groupBy(readers, ({ setting }) => defaultOf(setting));
    const shown = [...defaults].map(([text, of]) =>
      defaults.size === 1 ? text : `${text} (${of.map(({ reader }) => reader).join(', ')})`,
    );
    const readBy = readers.map(({ reader }) => reader).join(', ');
    return `| \`${name}\` | ${shown.join(', ')} | ${readBy} | ${readers[0]?.setting.describe} |`;
  });
  return ['| variable | default | read by | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function defaultOf(setting: Setting<unknown>): string {
  if (setting.default !== undefined)
    return setting.default
      .split(',')
      .map((part) => `\`${part}\``)
      .join(', ');
  return setting.optional ? '' : '**required**';
}
