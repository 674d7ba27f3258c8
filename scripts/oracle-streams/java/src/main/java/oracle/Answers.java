package oracle;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.state.AggregationWithHeaders;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.SessionStore;
import org.apache.kafka.streams.state.ValueAndTimestamp;
import org.apache.kafka.streams.state.ValueTimestampHeaders;
import org.apache.kafka.streams.state.VersionedKeyValueStore;
import org.apache.kafka.streams.state.VersionedRecord;
import org.apache.kafka.streams.state.WindowStore;
import org.apache.kafka.streams.state.internals.CachedStateStore;

/** What a driver has written and kept, as JSON. */
final class Answers {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final Driver driver;

    Answers(Driver driver) {
        this.driver = driver;
    }

    /** Topics record by record; of changelogs the latest record of each key. */
    void topics(ObjectNode to) throws Exception {
        ObjectNode topics = to.putObject("topics");
        ObjectNode changelogs = to.putObject("changelogs");
        for (Map.Entry<String, Queue<ProducerRecord<byte[], byte[]>>> e : new TreeMap<>(driver.outputs()).entrySet()) {
            if (!e.getKey().endsWith("-changelog")) {
                ArrayNode records = topics.putArray(e.getKey());
                e.getValue().forEach(r -> records.add(record(r)));
                continue;
            }
            Map<String, ArrayNode> latest = new TreeMap<>();
            e.getValue().forEach(r -> latest.put(shown(r.key()), record(r)));
            ArrayNode records = changelogs.putArray(e.getKey());
            latest.values().stream().filter(r -> !r.get(1).isNull()).forEach(records::add);
        }
    }

    private static ArrayNode record(ProducerRecord<byte[], byte[]> r) {
        ArrayNode out = JSON.arrayNode().add(shown(r.key())).add(shown(r.value())).add(r.timestamp());
        ArrayNode headers = JSON.arrayNode();
        for (Header h : r.headers()) {
            headers.add(JSON.arrayNode().add(h.key()).add(shown(h.value())));
        }
        return headers.isEmpty() ? out : out.add(headers);
    }

    /** Bytes as text, with what is not printable ASCII as \xNN. */
    static String shown(byte[] bytes) {
        if (bytes == null) {
            return null;
        }
        StringBuilder out = new StringBuilder();
        for (byte b : bytes) {
            if (b >= ' ' && b < 127 && b != '\\') {
                out.append((char) b);
            } else {
                out.append(String.format("\\x%02x", b & 0xff));
            }
        }
        return out.toString();
    }

    /**
     * Each store's content: key, value, timestamp. A cache still shows windows that the store below has expired, until
     * another key needs their place; so what has been written is taken out of it first.
     */
    void stores(ObjectNode to, Set<String> keys) {
        ObjectNode stores = to.putObject("stores");
        for (Map.Entry<String, StateStore> e : new TreeMap<>(driver.driver.getAllStateStores()).entrySet()) {
            Set<String> lines = new TreeSet<>();
            StateStore store = e.getValue();
            if (store instanceof CachedStateStore<?, ?> cached) {
                cached.clearCache();
            }
            if (store instanceof KeyValueStore<?, ?> kv) {
                add(lines, kv.all());
            } else if (store instanceof WindowStore<?, ?> w) {
                add(lines, w.all());
            } else if (store instanceof SessionStore<?, ?> s) {
                add(lines, s.fetch(null, null));
            } else if (store instanceof VersionedKeyValueStore<?, ?> v) {
                versions(lines, v, keys);
            } else {
                continue; // no one looks into the buffers of suppressions and joins
            }
            ArrayNode list = stores.putArray(e.getKey());
            lines.forEach(list::add);
        }
    }

    private static void add(Set<String> lines, KeyValueIterator<?, ?> all) {
        try (all) {
            while (all.hasNext()) {
                KeyValue<?, ?> one = all.next();
                Object key = one.key;
                String k = key instanceof Windowed<?> w && !(w.key() instanceof String) ? key.toString() : Functions.text(key);
                lines.add(k + "=" + value(one.value));
            }
        }
    }

    private static String value(Object v) {
        if (v instanceof AggregationWithHeaders<?> a) {
            return Functions.text(a.aggregation());
        }
        if (v instanceof ValueTimestampHeaders<?> vth) {
            return Functions.text(vth.value()) + "@" + vth.timestamp();
        }
        return v instanceof ValueAndTimestamp<?> vt ? Functions.text(vt.value()) + "@" + vt.timestamp() : Functions.text(v);
    }

    @SuppressWarnings("unchecked")
    private static void versions(Set<String> lines, VersionedKeyValueStore<?, ?> store, Set<String> keys) {
        for (String key : keys) {
            VersionedRecord<?> r = ((VersionedKeyValueStore<String, ?>) store).get(key);
            if (r != null) {
                lines.add(key + "=" + Functions.text(r.value()) + "@" + r.timestamp());
            }
        }
    }

    /** How many records the task dropped. */
    int dropped() {
        double sum = 0;
        for (var e : driver.driver.metrics().entrySet()) {
            if (e.getKey().name().equals("dropped-records-total") && e.getKey().group().equals("stream-task-metrics")) {
                sum += (Double) e.getValue().metricValue();
            }
        }
        return (int) sum;
    }
}
