package org.apache.kafka.connect.mirror;

import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.AppInfoParser;

/** Prints a line for each case: what is asked and what MirrorMaker 2's classes answer, in columns. */
public final class MirrorFormats {
    private MirrorFormats() { }

    public static void main(final String[] args) {
        System.out.println("# Made by scripts/formats/run with connect-mirror " + AppInfoParser.getVersion() + ". Do not edit.");
        switch (args[0]) {
            case "records" -> records();
            case "names" -> names();
            default -> throw new IllegalArgumentException(args[0]);
        }
    }

    private static void records() {
        final long[] numbers = {0, 1, 99, 127, 128, 255, 65536, 1L << 40, Long.MAX_VALUE, -1};
        for (final String topic : List.of("orders", "a", "east.orders", "x".repeat(249), "Grüße")) {
            for (final long n : numbers) {
                final OffsetSync s = new OffsetSync(new TopicPartition(topic, (int) (n & 0x7fffffff)), n, n / 2);
                row("sync", topic, (int) (n & 0x7fffffff), n, n / 2, hex(s.recordKey()), hex(s.recordValue()));
                final Heartbeat h = new Heartbeat(topic, "west", n);
                row("heartbeat", topic, "west", n, hex(h.recordKey()), hex(h.recordValue()));
                final Checkpoint c = new Checkpoint("group-" + n, new TopicPartition(topic, 7), n, n / 2, n % 2 == 0 ? "" : topic);
                row("checkpoint", "group-" + n, topic, 7, n, n / 2, n % 2 == 0 ? "" : topic, hex(c.recordKey()), hex(c.recordValue()));
            }
        }
    }

    private static void names() {
        for (final String separator : List.of(".", "_", "--", "..")) {
            for (final boolean internal : new boolean[] {true, false}) {
                final Map<String, Object> props = new LinkedHashMap<>();
                props.put("source.cluster.alias", "east");
                props.put("replication.policy.separator", separator);
                props.put("replication.policy.internal.topic.separator.enabled", internal);
                for (final DefaultReplicationPolicy p : List.of(new DefaultReplicationPolicy(), new IdentityReplicationPolicy())) {
                    p.configure(props);
                    for (final String topic : topics(separator)) {
                        name(p, separator, internal, topic);
                    }
                }
            }
        }
    }

    private static List<String> topics(final String s) {
        return List.of("orders", "east" + s + "orders", "west" + s + "east" + s + "orders", "heartbeats", "east" + s + "heartbeats",
            "west" + s + "east" + s + "heartbeats", "myheartbeats", s, s + s, s + "orders", "orders" + s, "orders" + s + s,
            "east" + s + s + "orders", "a.b_c--d", "__consumer_offsets", ".hidden", "mm2-offset-syncs" + s + "west" + s + "internal",
            "mm2-offset-syncs.west.internal", "mm2.internal", "mm2internal", "users" + s + "internal", "users.internal",
            "users-internal", "east" + s + "checkpoints" + s + "internal", "east.checkpoints.internal", "checkpoints.internal");
    }

    private static void name(final ReplicationPolicy p, final String separator, final boolean internal, final String topic) {
        row(p.getClass().getSimpleName(), separator, internal, topic, p.formatRemoteTopic("east", topic), p.topicSource(topic),
            p.upstreamTopic(topic), p.originalTopic(topic), p.isHeartbeatsTopic(topic), p.isInternalTopic(topic),
            p.offsetSyncsTopic("west"), p.checkpointsTopic("east"), cycle(p, topic, "west"));
    }

    /** Whether MirrorSourceConnector takes a topic for one that has come from the target cluster. */
    private static boolean cycle(final ReplicationPolicy p, final String topic, final String target) {
        final MirrorSourceConnector c =
            new MirrorSourceConnector(new SourceAndTarget("east", target), p, t -> true, new DefaultConfigPropertyFilter());
        return c.isCycle(topic);
    }

    private static void row(final Object... columns) {
        final StringBuilder line = new StringBuilder();
        for (int i = 0; i < columns.length; i++) {
            line.append(i == 0 ? "" : "\t").append(columns[i] == null ? "null" : columns[i]);
        }
        System.out.println(line);
    }

    private static String hex(final byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
