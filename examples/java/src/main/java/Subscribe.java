import io.apicurio.registry.rest.client.exception.NotFoundException;
import io.apicurio.registry.rest.client.exception.RestClientException;
import io.apicurio.registry.serde.Legacy4ByteIdHandler;
import io.apicurio.registry.serde.avro.AvroKafkaDeserializer;
import io.apicurio.registry.serde.avro.DefaultAvroDatumProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DatumReader;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.errors.RecordDeserializationException;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Prints the status events of WhatsApp messages, one JSON object a line, until SIGTERM; `Subscribe GROUP`. */
public class Subscribe {
    /** Reads with a schema of our own: fields and symbols that come later do no harm. */
    public static class OurSchema extends DefaultAvroDatumProvider<GenericRecord> {
        @Override public DatumReader<GenericRecord> createDatumReader(Schema writers) {
            try (var ours = Subscribe.class.getResourceAsStream("/status-event.avsc")) {
                return new GenericDatumReader<>(writers, new Schema.Parser().parse(ours));
            } catch (IOException error) { throw new UncheckedIOException(error); }
        }
    }

    public static void main(String[] args) {
        var stopping = new AtomicBoolean();
        var main = Thread.currentThread();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            stopping.set(true);
            try { main.join(); } catch (InterruptedException error) { main.interrupt(); }
        }));
        try (var consumer = new KafkaConsumer<String, GenericRecord>(Map.of(
            "bootstrap.servers", System.getenv("KAFKA_BROKERS"), "group.id", args[0],
            "auto.offset.reset", "earliest", "enable.auto.commit", "false",
            "key.deserializer", StringDeserializer.class, "value.deserializer", AvroKafkaDeserializer.class,
            // Confluent's wire format; the ids of Apicurio's Confluent API are the content ids of its own.
            "apicurio.registry.url", System.getenv("SCHEMA_REGISTRY_URL").replace("/ccompat/v7", "/registry/v2"),
            "apicurio.registry.id-handler", Legacy4ByteIdHandler.class, "apicurio.registry.use-id", "contentId",
            "apicurio.registry.avro-datum-provider", OurSchema.class.getName()))) {
            consumer.subscribe(List.of(System.getenv().getOrDefault("STATUS_TOPIC", "whatsapp.status")));
            while (!stopping.get()) try {
                for (var record : consumer.poll(Duration.ofMillis(500))) System.out.println(record.value());
                consumer.commitSync(); // only after the events were handled, so that none is lost
            } catch (RecordDeserializationException bad) {
                var cause = bad.getCause();
                if (cause instanceof RestClientException && !(cause instanceof NotFoundException)) throw bad;
                System.err.println("skipped " + bad.topicPartition() + " offset " + bad.offset() + ": " + cause);
                consumer.seek(bad.topicPartition(), bad.offset() + 1); // what cannot be read stops nobody
            }
        }
    }
}
