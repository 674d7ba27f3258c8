package peer;

import java.util.Properties;
import java.util.concurrent.CountDownLatch;

import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Produced;

import java.time.Duration;

/**
 * LTSV to JSON in Kafka Streams, for comparison: the same work as the ltsv-json example with bench's options.
 * usage: Peer --in T --out T --servers HOST:PORT --app-id ID --state-dir D [--threads N]
 *        [--guarantee at_least_once|exactly_once_v2] [-D key=value ...]
 */
public final class Peer {
    public static void main(String[] args) throws Exception {
        String in = null, out = null, guarantee = StreamsConfig.AT_LEAST_ONCE, id = "peer", dir = null;
        String threads = "1", servers = "127.0.0.1:19092";
        Properties p = tuned();
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--in" -> in = args[++i];
                case "--out" -> out = args[++i];
                case "--threads" -> threads = args[++i];
                case "--guarantee" -> guarantee = args[++i];
                case "--app-id" -> id = args[++i];
                case "--state-dir" -> dir = args[++i];
                case "--servers" -> servers = args[++i];
                case "-D" -> {
                    String[] kv = args[++i].split("=", 2);
                    p.put(kv[0], kv[1]);
                }
                default -> throw new IllegalArgumentException(args[i]);
            }
        }
        p.put(StreamsConfig.APPLICATION_ID_CONFIG, id);
        p.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
        p.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, threads);
        p.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, guarantee);
        if (dir != null) {
            p.put(StreamsConfig.STATE_DIR_CONFIG, dir);
        }
        Topology t = json(in, out);
        KafkaStreams s = new KafkaStreams(t, p);
        CountDownLatch done = new CountDownLatch(1);
        s.setUncaughtExceptionHandler(e -> {
            e.printStackTrace();
            Runtime.getRuntime().halt(3);
            return null;
        });
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            s.close(Duration.ofSeconds(20));
            done.countDown();
        }));
        s.start();
        done.await();
    }

    /** What a careful operator sets for throughput; everything else is the default. */
    static Properties tuned() {
        Properties p = new Properties();
        p.put("auto.offset.reset", "earliest");
        p.put("commit.interval.ms", "1000");
        p.put("statestore.cache.max.bytes", String.valueOf(64L << 20));
        p.put("buffered.records.per.partition", "10000");
        p.put("main.consumer.max.poll.records", "5000");
        p.put("main.consumer.max.partition.fetch.bytes", String.valueOf(4 << 20));
        p.put("main.consumer.receive.buffer.bytes", String.valueOf(1 << 20));
        p.put("main.consumer.check.crcs", "true");
        p.put("producer.linger.ms", "50");
        p.put("producer.batch.size", String.valueOf(256 << 10));
        p.put("producer.buffer.memory", String.valueOf(128L << 20));
        p.put("producer.send.buffer.bytes", String.valueOf(1 << 20));
        p.put("producer.compression.type", "none");
        return p;
    }

    static Topology json(String in, String out) {
        StreamsBuilder b = new StreamsBuilder();
        KStream<byte[], byte[]> s = b.stream(in, Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()));
        s.mapValues(LtsvFast::toJson).to(out, Produced.with(Serdes.ByteArray(), Serdes.ByteArray()));
        return b.build();
    }

}
