package peer;

import com.sun.net.httpserver.HttpServer;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.processor.StateRestoreListener;

/** Says over HTTP what the program is doing, and how many of its changelogs are being restored. */
final class Health implements StateRestoreListener {
    private final AtomicInteger restoring = new AtomicInteger();

    static void serve(KafkaStreams streams, String listen) throws IOException {
        Health health = new Health();
        streams.setGlobalStateRestoreListener(health);
        String[] address = listen.split(":");
        HttpServer server = HttpServer.create(new InetSocketAddress(address[0], Integer.parseInt(address[1])), 0);
        server.createContext("/health", exchange -> {
            byte[] body = String.format("{\"state\":\"%s\",\"tasks\":{\"restoring\":%d}}", streams.state(),
                health.restoring.get()).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }

    @Override
    public void onRestoreStart(TopicPartition partition, String store, long from, long to) {
        restoring.incrementAndGet();
    }

    @Override
    public void onBatchRestored(TopicPartition partition, String store, long end, long records) { }

    @Override
    public void onRestoreEnd(TopicPartition partition, String store, long records) {
        restoring.decrementAndGet();
    }

    @Override
    public void onRestoreSuspended(TopicPartition partition, String store, long records) {
        restoring.decrementAndGet();
    }
}
