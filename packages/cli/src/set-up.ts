import { type Admin, type Kafka, type TopicDescription, withAdmin } from '@whatsapp-stream/kafka';
import {
  SCHEMA_TEXTS,
  SchemaRefusedError,
  type SchemaRegistry,
  type TopicNames,
  type TopicSpec,
  topicSpecs,
} from '@whatsapp-stream/schemas';
import { sleep, systemClock } from '@whatsapp-stream/service-kit';

/** What was found, or done, about one topic or subject. */
export type SetUpOutcome =
  | { readonly kind: 'created' }
  | { readonly kind: 'already right' }
  /** It is there and was left as it is. Each difference is a sentence: what it has, and what it should have. */
  | { readonly kind: 'differs'; readonly differences: readonly string[] };

export interface SetUpEntry {
  readonly what: 'topic' | 'subject';
  readonly name: string;
  readonly outcome: SetUpOutcome;
}

export interface SetUpReport {
  readonly entries: readonly SetUpEntry[];
  /** Nothing differs. */
  readonly right: boolean;
}

export interface SetUpOptions {
  readonly kafka: Kafka;
  readonly registry: SchemaRegistry;
  readonly names: TopicNames;
  readonly replicationFactor: number;
}

/** The only level at which a record of any version can be read by a reader of any other. */
const COMPATIBILITY = 'FULL_TRANSITIVE';
/** With three replicas two must have a record: one broker may go without a loss and without a halt. */
const SAFE_REPLICAS = { replicationFactor: 3, minInSync: '2' } as const;
/** What a broker may take to hear of a topic that another one has. */
const KNOWN_WITHIN_MS = 5_000;
const KNOWN_POLL_MS = 50;

/**
 * Creates the topics and registers the schemas that are missing. What is there already is compared and never
 * changed; so it can be run again and again, also by several at a time.
 * @throws when Kafka or the registry does not answer, or refuses to create a topic
 */
export async function setUp(options: SetUpOptions): Promise<SetUpReport> {
  const { kafka, registry, names, replicationFactor } = options;
  const specs = topicSpecs(names);
  const entries: SetUpEntry[] = [];
  await withAdmin(kafka, async (admin) => {
    for (const spec of specs) {
      const outcome = await setUpTopic(admin, spec, replicationFactor);
      entries.push({ what: 'topic', name: spec.topic, outcome });
    }
  });
  for (const { event, subject } of specs) {
    if (event === null || subject === null) continue;
    const outcome = await setUpSubject(registry, subject, SCHEMA_TEXTS[event]);
    entries.push({ what: 'subject', name: subject, outcome });
  }
  return { entries, right: entries.every(({ outcome }) => outcome.kind !== 'differs') };
}

async function setUpTopic(admin: Admin, spec: TopicSpec, replicationFactor: number): Promise<SetUpOutcome> {
  const config = configFor(spec, replicationFactor);
  const found = await admin.describeTopic(spec.topic);
  if (found === null) {
    const created = await create(admin, { ...spec, config }, replicationFactor);
    if (created) return { kind: 'created' };
  }
  // Not created and not found before: somebody else created it meanwhile.
  const present = found ?? (await describedSoon(admin, spec.topic));
  if (present === null) throw new Error(`Kafka has and has not the topic ${spec.topic}: run it again`);
  return outcomeOf(topicDifferences({ ...spec, config }, replicationFactor, present));
}

/** A topic that the controller has is known to the broker that is asked a moment later. */
async function describedSoon(admin: Admin, topic: string): Promise<TopicDescription | null> {
  const deadline = systemClock.monotonic() + KNOWN_WITHIN_MS;
  for (;;) {
    const present = await admin.describeTopic(topic);
    if (present !== null || systemClock.monotonic() > deadline) return present;
    await sleep(systemClock, KNOWN_POLL_MS);
  }
}

async function create(admin: Admin, spec: TopicSpec, replicationFactor: number): Promise<boolean> {
  const { topic, partitions, config } = spec;
  try {
    return await admin.createTopic({ topic, partitions, replicationFactor, config });
  } catch (error) {
    throw new Error(
      `Kafka did not create the topic ${topic} (${partitions} partitions, replication factor ${replicationFactor}): ${reasonOf(error)}`,
      { cause: error },
    );
  }
}

/** Kafka answers for each topic of a request; the adapter gathers those answers in an AggregateError's manner. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const parts: unknown = Reflect.get(error, 'errors');
  return Array.isArray(parts) && parts.length > 0 ? parts.map(reasonOf).join('; ') : error.message;
}

function configFor(spec: TopicSpec, replicationFactor: number): Readonly<Record<string, string>> {
  if (replicationFactor < SAFE_REPLICAS.replicationFactor) return spec.config;
  return { ...spec.config, 'min.insync.replicas': SAFE_REPLICAS.minInSync };
}

/**
 * Tells where a topic is not as it should be. More partitions than asked for are no fault: a busy cluster may
 * have them.
 */
export function topicDifferences(
  wanted: Pick<TopicSpec, 'partitions' | 'config'>,
  replicationFactor: number,
  present: TopicDescription,
): readonly string[] {
  const differences: string[] = [];
  if (present.partitions < wanted.partitions) {
    differences.push(`has ${present.partitions} partitions, should have ${wanted.partitions}`);
  }
  if (present.replicationFactor !== replicationFactor) {
    differences.push(`has replication factor ${present.replicationFactor}, should have ${replicationFactor}`);
  }
  for (const [name, value] of Object.entries(wanted.config)) {
    const actual = present.config[name];
    if (actual !== value) differences.push(`has ${name}=${actual ?? '(not set)'}, should have ${value}`);
  }
  return differences;
}

async function setUpSubject(
  registry: SchemaRegistry,
  subject: string,
  schemaText: string,
): Promise<SetUpOutcome> {
  const level = await registry.getCompatibility(subject);
  if (level === null) await setCompatibilityEarly(registry, subject);
  const differences =
    level === null || level === COMPATIBILITY
      ? []
      : [`has compatibility ${level}, should have ${COMPATIBILITY}`];
  try {
    const { created } = await registry.register(subject, schemaText);
    if (level === null) await registry.setCompatibility(subject, COMPATIBILITY);
    return created && differences.length === 0 ? { kind: 'created' } : outcomeOf(differences);
  } catch (error) {
    if (!(error instanceof SchemaRefusedError)) throw error;
    return outcomeOf([...differences, error.message]);
  }
}

/**
 * So that already this registration is judged by the level. A registry may know no settings of a subject that
 * has no schema yet, and then there is nothing to judge by; the level is set again afterwards, for all to see.
 */
async function setCompatibilityEarly(registry: SchemaRegistry, subject: string): Promise<void> {
  await registry.setCompatibility(subject, COMPATIBILITY).catch(() => undefined);
}

function outcomeOf(differences: readonly string[]): SetUpOutcome {
  return differences.length === 0 ? { kind: 'already right' } : { kind: 'differs', differences };
}
