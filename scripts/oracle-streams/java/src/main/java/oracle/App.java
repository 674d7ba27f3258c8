package oracle;

import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;

import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;

/**
 * Runs one of the topologies, as a program that Suiro takes over from, and that takes over from Suiro. It ends when
 * its input ends. usage: App TOPOLOGY BOOTSTRAP APPLICATION-ID STATE-DIR PREFIX-OF-TOPICS
 */
public final class App {
    private App() {
    }

    public static void main(String[] args) throws Exception {
        Properties p = new Properties();
        p.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, args[1]);
        p.put(StreamsConfig.APPLICATION_ID_CONFIG, args[2]);
        p.put(StreamsConfig.STATE_DIR_CONFIG, args[3]);
        p.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        p.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 2);
        p.put("auto.offset.reset", "earliest");
        p.put("session.timeout.ms", 6000);
        p.put("heartbeat.interval.ms", 1000);
        p.put("max.poll.records", 500);
        KafkaStreams streams = new KafkaStreams(new Topologies(args[4]).all().get(args[0]), p);
        CountDownLatch ended = new CountDownLatch(1);
        streams.setUncaughtExceptionHandler(e -> {
            e.printStackTrace();
            Runtime.getRuntime().halt(3);
            return null;
        });
        streams.start();
        Thread input = new Thread(() -> {
            try {
                while (System.in.read() >= 0) {
                    // only its end counts
                }
            } catch (java.io.IOException e) {
                e.printStackTrace();
            }
            ended.countDown();
        });
        input.setDaemon(true);
        input.start();
        ended.await();
        streams.close(Duration.ofSeconds(20));
    }
}
