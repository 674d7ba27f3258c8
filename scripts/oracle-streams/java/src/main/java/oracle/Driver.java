package oracle;

import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Properties;
import java.util.Queue;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.processor.internals.StreamTask;

/**
 * A TopologyTestDriver that commits when it is told to. The one that it drives commits after each record, so that a
 * cache never holds more than one record's updates.
 */
final class Driver implements AutoCloseable {
    static final long START = 1_577_836_800_000L; // 2020-01-01 UTC

    final TopologyTestDriver driver;
    private final StreamTask task;
    private final Map<String, TopicPartition> globals;
    private long now = START;

    @SuppressWarnings("unchecked")
    Driver(Topology topology, Properties config) throws Exception {
        driver = new TopologyTestDriver(topology, config, Instant.ofEpochMilli(START));
        task = (StreamTask) field("task");
        globals = (Map<String, TopicPartition>) field("globalPartitionsByInputTopic");
    }

    void send(Case.Event e) throws Exception {
        Headers headers = new RecordHeaders();
        e.headers.forEach(h -> headers.add(h.get(0), bytes(h.get(1))));
        TopicPartition from = (TopicPartition) call("getInputTopicOrPatternPartition", new Class<?>[] {String.class}, e.topic);
        if (from == null && !globals.containsKey(e.topic)) {
            throw new IllegalArgumentException("unknown topic " + e.topic);
        }
        Class<?>[] types = {String.class, TopicPartition.class, long.class, byte[].class, byte[].class, Headers.class};
        if (from != null) {
            call("enqueueTaskRecord", types, e.topic, from, e.ts, bytes(e.key), bytes(e.value), headers);
            work();
        }
        if (globals.containsKey(e.topic)) {
            call("processGlobalRecord", new Class<?>[] {TopicPartition.class, long.class, byte[].class, byte[].class,
                Headers.class}, globals.get(e.topic), e.ts, bytes(e.key), bytes(e.value), headers);
        }
    }

    /** Processes what is queued, and what that puts into repartition topics, without a commit. */
    private void work() throws Exception {
        call("captureOutputsAndReEnqueueInternalResults", new Class<?>[0]);
        if (task == null) {
            return;
        }
        task.resumePollingForPartitionsWithAvailableSpace();
        task.updateLags();
        while (task.hasRecordsQueued() && task.isProcessable(now)) {
            task.process(now);
            task.maybePunctuateStreamTime();
            call("captureOutputsAndReEnqueueInternalResults", new Class<?>[0]);
        }
    }

    /** Commits until caches have nothing left to write to repartition topics. */
    void commit() throws Exception {
        if (task == null) {
            return;
        }
        boolean queued = true;
        while (queued) {
            call("commit", new Class<?>[] {Map.class}, task.prepareCommit(true));
            task.postCommit(true);
            call("captureOutputsAndReEnqueueInternalResults", new Class<?>[0]);
            queued = task.hasRecordsQueued();
            work();
        }
    }

    void advance(long millis) throws Exception {
        now += millis;
        driver.advanceWallClockTime(Duration.ofMillis(millis));
    }

    @SuppressWarnings("unchecked")
    Map<String, Queue<ProducerRecord<byte[], byte[]>>> outputs() throws Exception {
        return (Map<String, Queue<ProducerRecord<byte[], byte[]>>>) field("outputRecordsByTopic");
    }

    @Override
    public void close() {
        driver.close();
    }

    private static byte[] bytes(String s) {
        return s == null ? null : s.getBytes(StandardCharsets.UTF_8);
    }

    private Object field(String name) throws Exception {
        Field f = TopologyTestDriver.class.getDeclaredField(name);
        f.setAccessible(true);
        return f.get(driver);
    }

    private Object call(String name, Class<?>[] types, Object... args) throws Exception {
        Method m = TopologyTestDriver.class.getDeclaredMethod(name, types);
        m.setAccessible(true);
        try {
            return m.invoke(driver, args);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }
}
