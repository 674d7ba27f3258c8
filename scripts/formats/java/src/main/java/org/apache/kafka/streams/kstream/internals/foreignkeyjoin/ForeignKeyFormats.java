package org.apache.kafka.streams.kstream.internals.foreignkeyjoin;

import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.state.internals.Formats;
import org.apache.kafka.streams.state.internals.Murmur3;

/** The cases of foreign-key joins. In this package because CombinedKeySchema is private to it. */
public final class ForeignKeyFormats {
    private ForeignKeyFormats() { }

    public static void print() {
        final CombinedKeySchema<byte[], byte[]> keys =
            new CombinedKeySchema<>(() -> "f", Serdes.ByteArray(), () -> "p", Serdes.ByteArray());
        final SubscriptionWrapperSerde<byte[]> wrappers = new SubscriptionWrapperSerde<>(() -> "p", Serdes.ByteArray());
        final SubscriptionResponseWrapperSerde<byte[]> responses = new SubscriptionResponseWrapperSerde<>(Serdes.ByteArray());
        final SubscriptionWrapper.Instruction[] instructions = SubscriptionWrapper.Instruction.values();
        for (int i = 0; i < 24; i++) {
            final byte[] foreign = Formats.sample(i);
            final byte[] primary = Formats.sample(23 - i);
            Formats.line("CombinedKey", foreign, primary, keys.toBytes(foreign, primary, null).get());
            Formats.line("CombinedKeyPrefix", foreign, keys.prefixBytes(foreign, null).get());
            final long[] hash = i % 3 == 0 ? null : Murmur3.hash128(foreign);
            final SubscriptionWrapper.Instruction instruction = instructions[i % instructions.length];
            final byte version = (byte) (i / 4 % 2);
            final Integer partition = version == 0 ? null : Formats.RANDOM.nextInt(1000);
            Formats.line("SubscriptionWrapper", version, instruction.value(), hash == null ? "null" : hash[0] + "," + hash[1],
                primary, partition,
                wrappers.serializer().serialize("t", new RecordHeaders(), new SubscriptionWrapper<>(hash, instruction, primary, version, partition)));
            final byte[] value = i % 4 == 1 ? null : primary;
            Formats.line("SubscriptionResponseWrapper", hash == null ? "null" : hash[0] + "," + hash[1], value,
                responses.serializer().serialize("t", new RecordHeaders(), new SubscriptionResponseWrapper<>(hash, value, (int) i)));
        }
    }
}
