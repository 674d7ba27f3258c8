package oracle;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.GlobalKTable;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KGroupedStream;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.kstream.SessionWindows;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.SessionStore;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.WindowStore;

/** Topologies that are written a second time in streams/describe_test.go, under the same names. */
final class Topologies {
    private static final Serde<String> TEXT = Serdes.String();
    private static final Serde<Long> LONG = Serdes.Long();

    private final String prefix;

    /** Topologies whose topics begin with a prefix. */
    Topologies(String prefix) {
        this.prefix = prefix;
    }

    Map<String, Topology> all() {
        Map<String, Topology> all = new LinkedHashMap<>();
        all.put("stateless", build(this::stateless));
        all.put("diamond", build(this::diamond));
        all.put("count-by-key", build(this::countByKey));
        all.put("generated-names", build(this::generatedNames));
        all.put("count-by-value", build(this::countByValue));
        all.put("shared-repartition", build(this::sharedRepartition));
        all.put("own-repartitions", build(this::ownRepartitions));
        all.put("windows", build(this::windows));
        all.put("repartition", build(this::repartition));
        all.put("two-counts", build(this::twoCounts));
        all.put("global-tables", build(this::globalTables));
        all.put("take-over", build(this::takeOver));
        return all;
    }

    private static Topology build(Consumer<StreamsBuilder> describe) {
        StreamsBuilder b = new StreamsBuilder();
        describe.accept(b);
        return b.build();
    }

    private KStream<String, String> in(StreamsBuilder b, String topic) {
        return b.stream(prefix + topic, Consumed.with(TEXT, TEXT));
    }

    private void stateless(StreamsBuilder b) {
        KStream<String, String> in = in(b, "in");
        in.filter((k, v) -> true).filterNot((k, v) -> false).mapValues(v -> v).peek((k, v) -> { })
            .flatMapValues(v -> java.util.List.of(v)).flatMap((k, v) -> java.util.List.of(KeyValue.pair(k, v)))
            .map((k, v) -> KeyValue.pair(k, v)).selectKey((k, v) -> v).to(prefix + "out", Produced.with(TEXT, TEXT));
        in(b, "second").mapValues(v -> v).to(prefix + "out-2", Produced.with(TEXT, TEXT));
    }

    private void diamond(StreamsBuilder b) {
        KStream<String, String> in = in(b, "in");
        KStream<String, String> left = in.filter((k, v) -> true);
        KStream<String, String> right = in.mapValues(v -> v);
        left.peek((k, v) -> { }).merge(right).to(prefix + "out", Produced.with(TEXT, TEXT));
        left.to(prefix + "left", Produced.with(TEXT, TEXT));
        in.to(prefix + "copy", Produced.with(TEXT, TEXT));
        right.filter((k, v) -> true).to(prefix + "right", Produced.with(TEXT, TEXT));
    }

    private static <S extends org.apache.kafka.streams.processor.StateStore> Materialized<String, Long, S> named(String store) {
        return Materialized.<String, Long, S>as(store).withKeySerde(TEXT).withValueSerde(LONG);
    }

    private static Materialized<String, Long, KeyValueStore<Bytes, byte[]>> counts(String store) {
        return named(store);
    }

    private void countByKey(StreamsBuilder b) {
        in(b, "in").groupByKey(Grouped.with(TEXT, TEXT)).count(counts("counts")).toStream()
            .to(prefix + "out", Produced.with(TEXT, LONG));
    }

    private void generatedNames(StreamsBuilder b) {
        in(b, "in").mapValues(v -> v).groupByKey(Grouped.with(TEXT, TEXT)).count().toStream()
            .to(prefix + "out", Produced.with(TEXT, LONG));
        in(b, "second").groupBy((k, v) -> v, Grouped.with(TEXT, TEXT)).count().toStream()
            .to(prefix + "out-2", Produced.with(TEXT, LONG));
        in(b, "third").repartition(Repartitioned.with(TEXT, TEXT)).to(prefix + "out-3", Produced.with(TEXT, TEXT));
    }

    private void countByValue(StreamsBuilder b) {
        in(b, "in").groupBy((k, v) -> v, Grouped.<String, String>as("by-value").withKeySerde(TEXT).withValueSerde(TEXT))
            .count(counts("counts")).toStream().to(prefix + "out", Produced.with(TEXT, LONG));
    }

    private void sharedRepartition(StreamsBuilder b) {
        KGroupedStream<String, String> group = in(b, "in").groupBy((k, v) -> v,
            Grouped.<String, String>as("by-value").withKeySerde(TEXT).withValueSerde(TEXT));
        group.count(counts("all"));
        group.windowedBy(TimeWindows.ofSizeAndGrace(Duration.ofMinutes(1), Duration.ofMinutes(1)))
            .count(Topologies.<WindowStore<Bytes, byte[]>>named("by-window"));
    }

    private void ownRepartitions(StreamsBuilder b) {
        KGroupedStream<String, String> group = in(b, "in").groupBy((k, v) -> v, Grouped.with(TEXT, TEXT));
        group.count(counts("first")).toStream().to(prefix + "out", Produced.with(TEXT, LONG));
        group.count(counts("second"));
    }

    private void windows(StreamsBuilder b) {
        in(b, "in").groupByKey(Grouped.with(TEXT, TEXT))
            .windowedBy(TimeWindows.ofSizeAndGrace(Duration.ofMinutes(1), Duration.ofHours(1)))
            .count(Topologies.<WindowStore<Bytes, byte[]>>named("by-minute"));
    }

    private void repartition(StreamsBuilder b) {
        in(b, "in").map((k, v) -> KeyValue.pair(v, k))
            .repartition(Repartitioned.<String, String>as("by-value").withKeySerde(TEXT).withValueSerde(TEXT))
            .groupByKey(Grouped.with(TEXT, TEXT)).count(counts("counts")).toStream()
            .to(prefix + "out", Produced.with(TEXT, LONG));
    }

    private void twoCounts(StreamsBuilder b) {
        KStream<String, String> in = in(b, "in");
        in.to(prefix + "copy", Produced.with(TEXT, TEXT));
        in.groupByKey(Grouped.with(TEXT, TEXT)).count(counts("by-key"));
        in.filter((k, v) -> true).groupBy((k, v) -> v, Grouped.with(TEXT, TEXT)).count(counts("by-value"));
    }

    private void globalTables(StreamsBuilder b) {
        GlobalKTable<String, String> rows = b.globalTable(prefix + "rows", Consumed.with(TEXT, TEXT));
        GlobalKTable<String, String> named = b.globalTable(prefix + "named", Consumed.with(TEXT, TEXT).withName("currencies"),
            Materialized.<String, String, KeyValueStore<Bytes, byte[]>>as("names"));
        in(b, "in").join(rows, (k, v) -> v, (l, r) -> l)
            .leftJoin(named, (k, v) -> v, (l, r) -> l, Named.as("joined")).to(prefix + "out", Produced.with(TEXT, TEXT));
        b.addGlobalStore(Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore("own"), TEXT, TEXT), prefix + "third",
            Consumed.with(TEXT, TEXT), Ignored::new);
        in(b, "second").to(prefix + "out-2", Produced.with(TEXT, TEXT));
    }

    /** Does nothing with the records of a global store. */
    private static final class Ignored implements Processor<String, String, Void, Void> {
        @Override
        public void process(Record<String, String> record) {
        }
    }

    /**
     * What Suiro takes over, and gives back: counts, by minute and by session too, a stream joined with a table, and a
     * join by a foreign key. The output tells of all of them.
     */
    private void takeOver(StreamsBuilder b) {
        KStream<String, String> in = in(b, "in");
        KGroupedStream<String, String> group = in.groupByKey(Grouped.with(TEXT, TEXT));
        group.count(counts("counts")).toStream().to(prefix + "out", Produced.with(TEXT, LONG));
        group.windowedBy(TimeWindows.ofSizeAndGrace(Duration.ofMinutes(1), Duration.ofHours(1)))
            .count(Topologies.<WindowStore<Bytes, byte[]>>named("by-minute")).toStream()
            .selectKey((k, v) -> k.key() + "@" + k.window().start()).to(prefix + "out", Produced.with(TEXT, LONG));
        group.windowedBy(SessionWindows.ofInactivityGapAndGrace(Duration.ofSeconds(10), Duration.ofHours(1)))
            .count(Topologies.<SessionStore<Bytes, byte[]>>named("sessions")).toStream()
            .selectKey((k, v) -> k.key() + "@" + k.window().start() + "-" + k.window().end())
            .to(prefix + "out", Produced.with(TEXT, LONG));
        KTable<String, String> rows = table(b, "rows");
        rows.toStream().to(prefix + "taken", Produced.with(TEXT, TEXT));
        in.join(rows, (v, row) -> v + "/" + row).to(prefix + "joined", Produced.with(TEXT, TEXT));
        table(b, "orders").join(table(b, "names"), v -> v.substring(0, v.indexOf(';')), (order, name) -> order + "=" + name)
            .toStream().to(prefix + "named", Produced.with(TEXT, TEXT));
    }

    private KTable<String, String> table(StreamsBuilder b, String topic) {
        return b.table(prefix + topic, Consumed.with(TEXT, TEXT),
            Materialized.<String, String, KeyValueStore<Bytes, byte[]>>as(topic).withKeySerde(TEXT).withValueSerde(TEXT));
    }
}
