package peer;

import java.time.Duration;
import java.util.Properties;

import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.JoinWindows;
import org.apache.kafka.streams.kstream.KGroupedStream;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.StreamJoined;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.WindowStore;

/** The topologies that are measured. Those of Suiro are in cmd/bench-streams; both must have the same output. */
final class Topologies {
    private static final Serde<byte[]> BYTES = Serdes.ByteArray();

    private final StreamsBuilder builder = new StreamsBuilder();
    private final String in, other, out;

    private Topologies(Properties p) {
        in = (String) p.remove("input.topic");
        other = (String) p.remove("other.topic");
        out = (String) p.remove("output.topic");
    }

    static Topology named(String name, Properties p) {
        Topologies t = new Topologies(p);
        switch (name) {
            case "json" -> t.json();
            case "count" -> t.count();
            case "distinct" -> t.distinct();
            case "join" -> t.join();
            default -> throw new IllegalArgumentException(name);
        }
        return t.builder.build();
    }

    private void json() {
        builder.stream(in, Consumed.with(BYTES, BYTES)).mapValues(LtsvFast::toJson).to(out, Produced.with(BYTES, BYTES));
    }

    /** Requests of each host and minute. */
    private void count() {
        by("host")
            .windowedBy(TimeWindows.ofSizeAndGrace(Duration.ofMinutes(1), Duration.ofHours(24)))
            .count(Materialized.<String, Long, WindowStore<Bytes, byte[]>>as("counts"))
            .toStream()
            .map((key, n) -> KeyValue.pair(key.key() + "@" + key.window().start(), Long.toString(n)))
            .to(out, Produced.with(Serdes.String(), Serdes.String()));
    }

    /** Requests of each id: there are as many ids as requests. */
    private void distinct() {
        by("id").count(Materialized.<String, Long, KeyValueStore<Bytes, byte[]>>as("counts"));
    }

    private KGroupedStream<String, Long> by(String label) {
        byte[] name = LtsvFast.label(label);
        return builder.stream(in, Consumed.with(BYTES, BYTES))
            .map((key, line) -> KeyValue.pair(LtsvFast.text(line, name), 1L))
            .groupByKey(Grouped.with("by-" + label, Serdes.String(), Serdes.Long()));
    }

    /** Pairs of an impression and its click, at most a minute apart. */
    private void join() {
        KStream<String, byte[]> impressions = builder.stream(in, Consumed.with(Serdes.String(), BYTES));
        KStream<String, byte[]> clicks = builder.stream(other, Consumed.with(Serdes.String(), BYTES));
        impressions.join(clicks, Topologies::both, JoinWindows.ofTimeDifferenceAndGrace(Duration.ofMinutes(1), Duration.ofHours(1)),
                StreamJoined.with(Serdes.String(), BYTES, BYTES).withName("pairs").withStoreName("pairs"))
            .to(out, Produced.with(Serdes.String(), BYTES));
    }

    private static byte[] both(byte[] impression, byte[] click) {
        byte[] pair = new byte[impression.length + 1 + click.length];
        System.arraycopy(impression, 0, pair, 0, impression.length);
        pair[impression.length] = '\t';
        System.arraycopy(click, 0, pair, impression.length + 1, click.length);
        return pair;
    }
}
