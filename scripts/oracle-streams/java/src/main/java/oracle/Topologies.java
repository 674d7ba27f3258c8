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
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KGroupedStream;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.WindowStore;

/** Topologies that are written a second time in streams/describe_test.go, under the same names. */
final class Topologies {
    private static final Serde<String> TEXT = Serdes.String();
    private static final Serde<Long> LONG = Serdes.Long();

    private Topologies() {
    }

    static Map<String, Topology> all() {
        Map<String, Topology> all = new LinkedHashMap<>();
        all.put("stateless", build(Topologies::stateless));
        all.put("diamond", build(Topologies::diamond));
        all.put("count-by-key", build(Topologies::countByKey));
        all.put("generated-names", build(Topologies::generatedNames));
        all.put("count-by-value", build(Topologies::countByValue));
        all.put("shared-repartition", build(Topologies::sharedRepartition));
        all.put("own-repartitions", build(Topologies::ownRepartitions));
        all.put("windows", build(Topologies::windows));
        all.put("repartition", build(Topologies::repartition));
        all.put("two-counts", build(Topologies::twoCounts));
        return all;
    }

    private static Topology build(Consumer<StreamsBuilder> describe) {
        StreamsBuilder b = new StreamsBuilder();
        describe.accept(b);
        return b.build();
    }

    private static KStream<String, String> in(StreamsBuilder b, String topic) {
        return b.stream(topic, Consumed.with(TEXT, TEXT));
    }

    private static void stateless(StreamsBuilder b) {
        KStream<String, String> in = in(b, "in");
        in.filter((k, v) -> true).filterNot((k, v) -> false).mapValues(v -> v).peek((k, v) -> { })
            .flatMapValues(v -> java.util.List.of(v)).flatMap((k, v) -> java.util.List.of(KeyValue.pair(k, v)))
            .map((k, v) -> KeyValue.pair(k, v)).selectKey((k, v) -> v).to("out", Produced.with(TEXT, TEXT));
        in(b, "second").mapValues(v -> v).to("out-2", Produced.with(TEXT, TEXT));
    }

    private static void diamond(StreamsBuilder b) {
        KStream<String, String> in = in(b, "in");
        KStream<String, String> left = in.filter((k, v) -> true);
        KStream<String, String> right = in.mapValues(v -> v);
        left.peek((k, v) -> { }).merge(right).to("out", Produced.with(TEXT, TEXT));
        left.to("left", Produced.with(TEXT, TEXT));
        in.to("copy", Produced.with(TEXT, TEXT));
        right.filter((k, v) -> true).to("right", Produced.with(TEXT, TEXT));
    }

    private static <S extends org.apache.kafka.streams.processor.StateStore> Materialized<String, Long, S> named(String store) {
        return Materialized.<String, Long, S>as(store).withKeySerde(TEXT).withValueSerde(LONG);
    }

    private static Materialized<String, Long, KeyValueStore<Bytes, byte[]>> counts(String store) {
        return named(store);
    }

    static void countByKey(StreamsBuilder b) {
        in(b, "in").groupByKey(Grouped.with(TEXT, TEXT)).count(counts("counts")).toStream()
            .to("out", Produced.with(TEXT, LONG));
    }

    private static void generatedNames(StreamsBuilder b) {
        in(b, "in").mapValues(v -> v).groupByKey(Grouped.with(TEXT, TEXT)).count().toStream()
            .to("out", Produced.with(TEXT, LONG));
        in(b, "second").groupBy((k, v) -> v, Grouped.with(TEXT, TEXT)).count().toStream()
            .to("out-2", Produced.with(TEXT, LONG));
        in(b, "third").repartition(Repartitioned.with(TEXT, TEXT)).to("out-3", Produced.with(TEXT, TEXT));
    }

    private static void countByValue(StreamsBuilder b) {
        in(b, "in").groupBy((k, v) -> v, Grouped.<String, String>as("by-value").withKeySerde(TEXT).withValueSerde(TEXT))
            .count(counts("counts")).toStream().to("out", Produced.with(TEXT, LONG));
    }

    private static void sharedRepartition(StreamsBuilder b) {
        KGroupedStream<String, String> group = in(b, "in").groupBy((k, v) -> v,
            Grouped.<String, String>as("by-value").withKeySerde(TEXT).withValueSerde(TEXT));
        group.count(counts("all"));
        group.windowedBy(TimeWindows.ofSizeAndGrace(Duration.ofMinutes(1), Duration.ofMinutes(1)))
            .count(Topologies.<WindowStore<Bytes, byte[]>>named("by-window"));
    }

    private static void ownRepartitions(StreamsBuilder b) {
        KGroupedStream<String, String> group = in(b, "in").groupBy((k, v) -> v, Grouped.with(TEXT, TEXT));
        group.count(counts("first")).toStream().to("out", Produced.with(TEXT, LONG));
        group.count(counts("second"));
    }

    static void windows(StreamsBuilder b) {
        in(b, "in").groupByKey(Grouped.with(TEXT, TEXT))
            .windowedBy(TimeWindows.ofSizeAndGrace(Duration.ofMinutes(1), Duration.ofHours(1)))
            .count(Topologies.<WindowStore<Bytes, byte[]>>named("by-minute"));
    }

    private static void repartition(StreamsBuilder b) {
        in(b, "in").map((k, v) -> KeyValue.pair(v, k))
            .repartition(Repartitioned.<String, String>as("by-value").withKeySerde(TEXT).withValueSerde(TEXT))
            .groupByKey(Grouped.with(TEXT, TEXT)).count(counts("counts")).toStream()
            .to("out", Produced.with(TEXT, LONG));
    }

    private static void twoCounts(StreamsBuilder b) {
        KStream<String, String> in = in(b, "in");
        in.to("copy", Produced.with(TEXT, TEXT));
        in.groupByKey(Grouped.with(TEXT, TEXT)).count(counts("by-key"));
        in.filter((k, v) -> true).groupBy((k, v) -> v, Grouped.with(TEXT, TEXT)).count(counts("by-value"));
    }
}
