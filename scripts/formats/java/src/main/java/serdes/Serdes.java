package serdes;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;

import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.utils.AppInfoParser;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.kstream.WindowedSerdes;
import org.apache.kafka.streams.kstream.internals.SessionWindow;
import org.apache.kafka.streams.kstream.internals.TimeWindow;
import org.apache.kafka.streams.kstream.internals.UnlimitedWindow;

import static org.apache.kafka.common.serialization.Serdes.Boolean;
import static org.apache.kafka.common.serialization.Serdes.Double;
import static org.apache.kafka.common.serialization.Serdes.Float;
import static org.apache.kafka.common.serialization.Serdes.Integer;
import static org.apache.kafka.common.serialization.Serdes.ListSerde;
import static org.apache.kafka.common.serialization.Serdes.Long;
import static org.apache.kafka.common.serialization.Serdes.Short;
import static org.apache.kafka.common.serialization.Serdes.String;
import static org.apache.kafka.common.serialization.Serdes.UUID;

/** Prints a line for each case: the serde, the value as text, and its bytes as hexadecimal digits. */
public final class Serdes {
    private Serdes() { }

    public static void main(final String[] args) {
        System.out.println("# Made by scripts/formats/run with kafka-streams " + AppInfoParser.getVersion() + ". Do not edit.");
        numbers();
        lists();
        windows();
    }

    private static <T> void line(final String name, final Serde<T> serde, final T value, final String text) {
        System.out.println(name + "\t" + text + "\t" + HexFormat.of().formatHex(serde.serializer().serialize("t", value)));
    }

    private static void numbers() {
        for (final long n : new long[] {0, 1, -1, 127, -128, 0x1234, 32767, -32768}) {
            line("Int16", Short(), (short) n, java.lang.Long.toString(n));
            line("Int32", Integer(), (int) (n * 65537), java.lang.Long.toString((int) (n * 65537)));
            line("Int64", Long(), n * 281479271743489L, java.lang.Long.toString(n * 281479271743489L));
            line("Float64", Double(), n / 3.0, java.lang.Double.toString(n / 3.0));
            line("Float32", Float(), (float) (n / 3.0), java.lang.Float.toString((float) (n / 3.0)));
        }
        line("Float64", Double(), java.lang.Double.NEGATIVE_INFINITY, "-Inf");
        line("Float32", Float(), java.lang.Float.POSITIVE_INFINITY, "+Inf");
        line("Bool", Boolean(), true, "true");
        line("Bool", Boolean(), false, "false");
        for (final String s : new String[] {"", "a", "水路", "with space"}) {
            line("String", String(), s, s);
        }
        for (final UUID id : new UUID[] {new UUID(0, 0), new UUID(-1, -1), new UUID(0x0123456789abcdefL, 0xfedcba9876543210L)}) {
            line("UUID", UUID(), id, id.toString());
        }
    }

    private static void lists() {
        final Serde<List<Long>> longs = ListSerde(ArrayList.class, Long());
        final Serde<List<String>> strings = ListSerde(ArrayList.class, String());
        final Serde<List<Boolean>> booleans = ListSerde(ArrayList.class, Boolean());
        final Serde<List<UUID>> ids = ListSerde(ArrayList.class, UUID());
        final Serde<List<byte[]>> bytes = ListSerde(ArrayList.class, org.apache.kafka.common.serialization.Serdes.ByteArray());
        line("ListInt64", longs, List.of(), "");
        line("ListInt64", longs, List.of(1L, -2L, 3L), "1,-2,3");
        line("ListString", strings, List.of(), "");
        line("ListString", strings, List.of("a", "bc", "水"), "a,bc,水");
        line("ListBool", booleans, List.of(true, false), "true,false");
        line("ListUUID", ids, List.of(new UUID(1, 2)), new UUID(1, 2).toString());
        line("ListBytes", bytes, Arrays.asList("a".getBytes(StandardCharsets.UTF_8), null, "b".getBytes(StandardCharsets.UTF_8)), "a,null,b");
    }

    private static void windows() {
        final Serde<Windowed<String>> time = new WindowedSerdes.TimeWindowedSerde<>(String(), Duration.ofMinutes(1).toMillis());
        final Serde<Windowed<String>> unlimited = new WindowedSerdes.TimeWindowedSerde<>(String(), java.lang.Long.MAX_VALUE);
        final Serde<Windowed<String>> session = new WindowedSerdes.SessionWindowedSerde<>(String());
        line("Unlimited", unlimited, new Windowed<>("k", new UnlimitedWindow(5)), "k,5," + java.lang.Long.MAX_VALUE);
        for (final String key : new String[] {"k", "a longer key", ""}) {
            for (final long start : new long[] {0, 60_000, 1_700_000_000_000L}) {
                line("TimeWindowed", time, new Windowed<>(key, new TimeWindow(start, start + 60_000)), key + "," + start + "," + (start + 60_000));
                line("SessionWindowed", session, new Windowed<>(key, new SessionWindow(start, start + 7)), key + "," + start + "," + (start + 7));
            }
        }
    }
}
