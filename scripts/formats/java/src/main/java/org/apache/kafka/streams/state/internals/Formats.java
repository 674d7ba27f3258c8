package org.apache.kafka.streams.state.internals;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.AppInfoParser;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.kstream.SessionWindowedSerializer;
import org.apache.kafka.streams.kstream.TimeWindowedSerializer;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.kstream.internals.Change;
import org.apache.kafka.streams.kstream.internals.ChangedDeserializer;
import org.apache.kafka.streams.kstream.internals.ChangedSerializer;
import org.apache.kafka.streams.kstream.internals.SessionWindow;
import org.apache.kafka.streams.kstream.internals.TimeWindow;
import org.apache.kafka.streams.kstream.internals.foreignkeyjoin.ForeignKeyFormats;
import org.apache.kafka.streams.processor.internals.ProcessorRecordContext;

/**
 * Prints a line for each case: the format, its parts, and the bytes that Kafka Streams' class makes of them, or reads
 * them from. Bytes are x and hexadecimal digits, or null. In this package because most of those classes are private to it.
 */
public final class Formats {
    private static final ByteArraySerializer BYTES = new ByteArraySerializer();
    public static final Random RANDOM = new Random(20260101);

    /** Keys and values to begin with; each may look like part of a format. */
    public static final byte[][] SAMPLES = {
        {}, {0}, "k".getBytes(StandardCharsets.UTF_8), {-1, -1, -1, -1}, "a longer key".getBytes(StandardCharsets.UTF_8),
        {0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2}, {-128, 127, 2}, new byte[64], new byte[200],
    };
    public static final long[] TIMES = {0, 1, 1_700_000_000_123L, 253_402_300_799_999L, Long.MAX_VALUE - 1};

    private Formats() { }

    public static void main(final String[] args) {
        System.out.println("# Made by scripts/formats/run with kafka-streams " + AppInfoParser.getVersion() + ". Do not edit.");
        values();
        windows();
        changes();
        ForeignKeyFormats.print();
        joins();
        hashes();
        buffers();
    }

    public static void line(final String format, final Object... parts) {
        final StringBuilder b = new StringBuilder(format);
        for (final Object part : parts) {
            b.append('\t').append(part instanceof byte[] ? "x" + HexFormat.of().formatHex((byte[]) part) : part);
        }
        System.out.println(b);
    }

    public static byte[] random() {
        final byte[] b = new byte[RANDOM.nextInt(40)];
        RANDOM.nextBytes(b);
        return b;
    }

    public static byte[] sample(final int i) {
        return i < SAMPLES.length ? SAMPLES[i] : random();
    }

    private static void values() {
        final ValueAndTimestampSerializer<byte[]> serializer = new ValueAndTimestampSerializer<>(BYTES);
        for (int i = 0; i < 20; i++) {
            final long time = i % 7 == 6 ? -1 : TIMES[i % TIMES.length];
            final byte[] value = sample(i);
            line("ValueAndTimestamp", time, value, serializer.serialize("t", null, value, time));
        }
    }

    private static void windows() {
        final TimeWindowedSerializer<byte[]> time = new TimeWindowedSerializer<>(BYTES);
        final SessionWindowedSerializer<byte[]> session = new SessionWindowedSerializer<>(BYTES);
        for (int i = 0; i < 25; i++) {
            final byte[] key = sample(i);
            final long start = TIMES[i % TIMES.length];
            final int sequence = i % 3 == 0 ? 0 : RANDOM.nextInt(Integer.MAX_VALUE);
            line("WindowKeySchema", key, start, sequence,
                WindowKeySchema.toStoreKeyBinary(Bytes.wrap(key), start, sequence).get());
            line("TimeWindowedSerializer", key, start,
                time.serialize("t", new Windowed<>(key, new TimeWindow(start, start + 1))));
            final long end = i % 2 == 0 ? start : Math.max(start, start + RANDOM.nextInt(1000));
            line("SessionKeySchema", key, start, end, SessionKeySchema.toBinary(Bytes.wrap(key), start, end).get());
            line("SessionWindowedSerializer", key, start, end,
                session.serialize("t", new Windowed<>(key, new SessionWindow(start, end))));
        }
    }

    private static void changes() {
        final ChangedSerializer<byte[]> serializer = new ChangedSerializer<>(BYTES);
        serializer.configure(Map.of(), false);
        final ChangedDeserializer<byte[]> deserializer = new ChangedDeserializer<>(new ByteArrayDeserializer());
        for (int i = 0; i < 30; i++) {
            final byte[] newValue = i % 3 == 1 ? null : sample(i);
            final byte[] oldValue = i % 3 == 2 ? null : sample(i / 2);
            line("ChangedSerializer", oldValue, newValue, serializer.serialize("t", null, new Change<>(newValue, oldValue)));
        }
        // What only a reader knows: a flag before the last byte says whether the change is the latest of its key.
        for (int i = 0; i < 12; i++) {
            final byte latest = (byte) (i % 2);
            final byte[] plain = serializer.serialize("t", null, new Change<>(i % 3 == 0 ? null : sample(i), i % 3 == 1 ? null : sample(i + 1)));
            final byte[] flagged = ByteBuffer.allocate(plain.length + 1).put(plain, 0, plain.length - 1)
                .put(latest).put((byte) (plain[plain.length - 1] + 3)).array();
            final Change<byte[]> read = deserializer.deserialize("t", null, flagged);
            line("ChangedDeserializer", read.oldValue, read.newValue, read.isLatest, flagged);
        }
    }

    private static void joins() {
        final TimestampedKeyAndJoinSideSerializer<byte[]> key = new TimestampedKeyAndJoinSideSerializer<>(BYTES);
        final LeftOrRightValueSerializer<byte[], byte[]> value = new LeftOrRightValueSerializer<>(BYTES, BYTES);
        for (int i = 0; i < 16; i++) {
            final byte[] data = sample(i);
            final long time = TIMES[i % TIMES.length];
            final boolean left = i % 2 == 0;
            line("TimestampedKeyAndJoinSide", time, left, data, key.serialize("t", null,
                left ? TimestampedKeyAndJoinSide.makeLeft(data, time) : TimestampedKeyAndJoinSide.makeRight(data, time)));
            line("LeftOrRightValue", left, data, value.serialize("t", null,
                left ? LeftOrRightValue.makeLeftValue(data) : LeftOrRightValue.makeRightValue(data)));
            final List<byte[]> list = new ArrayList<>();
            final List<String> shown = new ArrayList<>();
            for (int n = 0; n < i % 4; n++) {
                list.add(sample(i + n));
                shown.add("x" + HexFormat.of().formatHex(list.get(n)));
            }
            line("ListSerde", String.join(",", shown),
                Serdes.ListSerde(ArrayList.class, Serdes.ByteArray()).serializer().serialize("t", (List) list));
        }
    }

    private static void hashes() {
        for (int i = 0; i < 60; i++) {
            final byte[] data = new byte[i];
            RANDOM.nextBytes(data);
            final long[] hash = Murmur3.hash128(data);
            line("Murmur3", data, hash[0], hash[1]);
        }
    }

    private static void buffers() {
        final byte[][] values = {null, {}, "old".getBytes(StandardCharsets.UTF_8), "new".getBytes(StandardCharsets.UTF_8)};
        for (int i = 0; i < 64; i++) {
            final ProcessorRecordContext context = context(i);
            final byte[] prior = values[i % 4];
            final byte[] old = values[i / 4 % 4];
            final byte[] now = values[i / 16 % 4];
            final ByteBuffer buffer = new BufferValue(prior, old, now, context).serialize(8);
            buffer.putLong(TIMES[i % TIMES.length]);
            buffered("BufferValue", 3, buffer.array());
        }
        for (int i = 0; i < 16; i++) {
            final byte[] change = concat(sized(values[i % 4]), sized(values[i / 4]));
            final byte[] time = ByteBuffer.allocate(8).putLong(TIMES[i % TIMES.length]).array();
            final byte[] context = context(i).serialize();
            buffered("BufferValue", 0, concat(time, change));
            buffered("BufferValue", 1, concat(time, context, sized(change)));
            buffered("BufferValue", 2, concat(context, sized(change), sized(values[(i + 1) % 4]), time));
        }
        buffered("BufferValue", 2, buffers3());
    }

    /** A record in the third version, as 2.4 and 2.5 wrote it with the header of the second. */
    private static byte[] buffers3() {
        final ByteBuffer buffer = new BufferValue("p".getBytes(StandardCharsets.UTF_8), null, new byte[] {1}, context(3)).serialize(8);
        return buffer.putLong(7).array();
    }

    private static void buffered(final String format, final int version, final byte[] data) {
        final ConsumerRecord<byte[], byte[]> record = new ConsumerRecord<>("changelog", 5, 99L, 1234L, TimestampType.CREATE_TIME,
            1, data.length, new byte[] {1}, data, new RecordHeaders(new Header[] {new RecordHeader("h", new byte[] {9})}), java.util.Optional.empty());
        final Bytes key = Bytes.wrap(record.key());
        final TimeOrderedKeyValueBufferChangelogDeserializationHelper.DeserializationResult read;
        switch (version) {
            case 0: read = TimeOrderedKeyValueBufferChangelogDeserializationHelper.deserializeV0(record, key, null); break;
            case 1: read = TimeOrderedKeyValueBufferChangelogDeserializationHelper.deserializeV1(record, key, null); break;
            case 2: read = TimeOrderedKeyValueBufferChangelogDeserializationHelper.duckTypeV2(record, key); break;
            default: read = TimeOrderedKeyValueBufferChangelogDeserializationHelper.deserializeV3(record, key);
        }
        final BufferValue value = read.bufferValue();
        final ProcessorRecordContext context = value.context();
        final List<String> headers = new ArrayList<>();
        for (final Header header : context.headers()) {
            headers.add(header.key() + "=" + (header.value() == null ? "null" : "x" + HexFormat.of().formatHex(header.value())));
        }
        line(format, version, context.timestamp(), context.offset(), context.partition(), context.topic(), String.join(",", headers),
            value.priorValue(), value.oldValue(), value.newValue(), read.time(), data);
    }

    private static ProcessorRecordContext context(final int i) {
        final RecordHeaders headers = new RecordHeaders();
        for (int n = 0; n < i % 3; n++) {
            headers.add("header-" + n + (n == 1 ? "-\u00e9" : ""), n == 1 && i % 2 == 0 ? null : sample(i + n));
        }
        return new ProcessorRecordContext(TIMES[i % TIMES.length], i * 1_000_000_007L, i % 5, i % 4 == 0 ? "topic" : "tépic-" + i, headers);
    }

    private static byte[] sized(final byte[] data) {
        return data == null ? ByteBuffer.allocate(4).putInt(-1).array()
            : ByteBuffer.allocate(4 + data.length).putInt(data.length).put(data).array();
    }

    private static byte[] concat(final byte[]... parts) {
        final ByteBuffer buffer = ByteBuffer.allocate(Arrays.stream(parts).mapToInt(p -> p.length).sum());
        Arrays.stream(parts).forEach(buffer::put);
        return buffer.array();
    }
}
