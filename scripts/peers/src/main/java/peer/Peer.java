package peer;

import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;

import org.apache.kafka.streams.KafkaStreams;

/**
 * A program of Kafka Streams that does the same work as one of Suiro's, for comparison.
 *
 * <pre>usage: Peer json|count|distinct|join --input-topic T [--other-topic T] [--output-topic T] [--KEY VALUE ...]</pre>
 *
 * Flags are keys with dashes for dots, as those of Suiro's programs. With --http-listen it answers GET /health as they
 * do, as far as bench-streams needs it.
 */
public final class Peer {
    public static void main(String[] args) throws Exception {
        Properties p = tuned();
        for (int i = 1; i + 1 < args.length; i += 2) {
            p.put(args[i].substring(2).replace('-', '.'), args[i + 1]);
        }
        String listen = (String) p.remove("http.listen");
        KafkaStreams streams = new KafkaStreams(Topologies.named(args[0], p), p);
        CountDownLatch done = new CountDownLatch(1);
        streams.setUncaughtExceptionHandler(e -> {
            e.printStackTrace();
            Runtime.getRuntime().halt(3);
            return null;
        });
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            streams.close(Duration.ofSeconds(20));
            done.countDown();
        }));
        if (listen != null) {
            Health.serve(streams, listen);
        }
        streams.start();
        done.await();
    }

    /** What a careful operator sets for throughput; everything else is the default, or comes from the command line. */
    private static Properties tuned() {
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
        p.put("producer.compression.type", "lz4");
        return p;
    }
}
