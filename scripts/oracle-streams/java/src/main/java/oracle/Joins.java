package oracle;

import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.kstream.JoinWindows;
import org.apache.kafka.streams.kstream.Joined;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.KeyValueMapper;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.StreamJoined;
import org.apache.kafka.streams.kstream.TableJoined;
import org.apache.kafka.streams.kstream.ValueJoiner;

/** The join matrix. */
@SuppressWarnings({"unchecked", "rawtypes"})
final class Joins {
    private final Builder b;
    private final Step s;
    private final ValueJoiner joiner;

    Joins(Builder b, Step s) {
        this.b = b;
        this.s = s;
        this.joiner = (l, r) -> Functions.join(s.fn(), l, r);
    }

    Node make() {
        switch (s.op) {
            case "joinStream": case "leftJoinStream": case "outerJoinStream": return out(streams());
            case "joinTable": return out(b.stream(s).join(right(), joiner, joined()));
            case "leftJoinTable": return out(b.stream(s).leftJoin(right(), joiner, joined()));
            case "joinGlobal": return out(b.stream(s).join(b.global(s), selector(), joiner, Builder.named(s)));
            case "leftJoinGlobal": return out(b.stream(s).leftJoin(b.global(s), selector(), joiner, Builder.named(s)));
            case "joinTables": case "leftJoinTables": case "outerJoinTables": return out(tables());
            case "joinForeign": case "leftJoinForeign": return out(foreign());
            default: return null;
        }
    }

    private Node out(Object made) {
        return b.in(s, 0).textValues(made);
    }

    private KTable right() {
        return (KTable) b.in(s, 1).it();
    }

    private KeyValueMapper selector() {
        return (k, v) -> Functions.key(s.fns.get(1), k, v);
    }

    private Joined joined() {
        Joined j = Joined.with(b.in(s, 0).key(), b.in(s, 0).value(), b.in(s, 1).value());
        j = s.window.grace < 0 ? j : j.withGracePeriod(Duration.ofMillis(s.window.grace));
        return s.name == null ? j : j.withName(s.name);
    }

    private Object streams() {
        Duration size = Duration.ofMillis(s.window.size);
        JoinWindows w = s.window.grace < 0 ? JoinWindows.ofTimeDifferenceWithNoGrace(size)
            : JoinWindows.ofTimeDifferenceAndGrace(size, Duration.ofMillis(s.window.grace));
        w = s.window.after < 0 ? w : w.after(Duration.ofMillis(s.window.after));
        StreamJoined j = StreamJoined.with(b.in(s, 0).key(), b.in(s, 0).value(), b.in(s, 1).value());
        j = s.name == null ? j : j.withName(s.name);
        j = s.store.name == null ? j : j.withStoreName(s.store.name);
        if (s.store.logging != null) {
            j = s.store.logging ? j.withLoggingEnabled(Map.of()) : j.withLoggingDisabled();
        }
        KStream right = (KStream) b.in(s, 1).it();
        switch (s.op) {
            case "joinStream": return b.stream(s).join(right, joiner, w, j);
            case "leftJoinStream": return b.stream(s).leftJoin(right, joiner, w, j);
            default: return b.stream(s).outerJoin(right, joiner, w, j);
        }
    }

    private Object tables() {
        KTable left = b.table(s);
        Named name = Builder.named(s);
        if (!Builder.stored(s)) {
            switch (s.op) {
                case "joinTables": return left.join(right(), joiner, name);
                case "leftJoinTables": return left.leftJoin(right(), joiner, name);
                default: return left.outerJoin(right(), joiner, name);
            }
        }
        Materialized m = Aggregates.materialized(s, b.in(s, 0).textValues(null));
        switch (s.op) {
            case "joinTables": return left.join(right(), joiner, name, m);
            case "leftJoinTables": return left.leftJoin(right(), joiner, name, m);
            default: return left.outerJoin(right(), joiner, name, m);
        }
    }

    private Object foreign() {
        Function extract = v -> Functions.key(s.fns.get(1), null, v);
        TableJoined t = s.name == null ? TableJoined.with(null, null) : TableJoined.as(s.name);
        Materialized m = Aggregates.materialized(s, new Node(null, Serdes.String(), Serdes.String()));
        return s.op.equals("joinForeign") ? b.table(s).join(right(), extract, joiner, t, m)
            : b.table(s).leftJoin(right(), extract, joiner, t, m);
    }
}
