package oracle;

import java.time.Duration;
import java.util.Map;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.kstream.Aggregator;
import org.apache.kafka.streams.kstream.CogroupedKStream;
import org.apache.kafka.streams.kstream.EmitStrategy;
import org.apache.kafka.streams.kstream.Initializer;
import org.apache.kafka.streams.kstream.KGroupedStream;
import org.apache.kafka.streams.kstream.KGroupedTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Merger;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Reducer;
import org.apache.kafka.streams.kstream.SessionWindowedCogroupedKStream;
import org.apache.kafka.streams.kstream.SessionWindowedKStream;
import org.apache.kafka.streams.kstream.SessionWindows;
import org.apache.kafka.streams.kstream.SlidingWindows;
import org.apache.kafka.streams.kstream.TimeWindowedCogroupedKStream;
import org.apache.kafka.streams.kstream.TimeWindowedKStream;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.UnlimitedWindows;
import org.apache.kafka.streams.kstream.WindowedSerdes;
import org.apache.kafka.streams.kstream.Windows;
import org.apache.kafka.streams.state.Stores;

/** Steps that group, cut into windows and aggregate. */
@SuppressWarnings({"unchecked", "rawtypes"})
final class Aggregates {
    private final Builder b;
    private final Step s;

    Aggregates(Builder b, Step s) {
        this.b = b;
        this.s = s;
    }

    Node make() {
        switch (s.op) {
            case "windowedBy": return windowed();
            case "emitStrategy": return emitStrategy();
            case "cogroup": return cogroup();
            case "count": return keyed(Serdes.Long(), count());
            case "reduce": return keyed(b.in(s, 0).value(), reduce());
            case "aggregate": return keyed(Serdes.String(), aggregate());
            default: return null;
        }
    }

    /** How a step keeps its state. */
    static Materialized materialized(Step s, Node of) {
        Materialized m;
        Step.Store store = s.store;
        if (store.kind.equals("versioned")) {
            m = Materialized.as(Stores.persistentVersionedKeyValueStore(store.name, Duration.ofMillis(store.history)));
        } else {
            m = store.name == null ? Materialized.with(of.key(), of.value()) : Materialized.as(store.name);
        }
        m = m.withKeySerde(of.key()).withValueSerde(of.value());
        if (store.caching != null) {
            m = store.caching ? m.withCachingEnabled() : m.withCachingDisabled();
        }
        if (store.logging != null) {
            m = store.logging ? m.withLoggingEnabled(Map.of()) : m.withLoggingDisabled();
        }
        return store.retention > 0 ? m.withRetention(Duration.ofMillis(store.retention)) : m;
    }

    /** The keys of a grouped or windowed stream and the windows. */
    private record Windowing(Object it, Serde<?> key) {
    }

    private Node windowed() {
        Node from = b.in(s, 0);
        Object it = from.it();
        Object made;
        Serde<?> windowedKey = WindowedSerdes.timeWindowedSerdeFrom(String.class, s.window.size);
        switch (s.window.kind) {
            case "sliding":
                made = it instanceof KGroupedStream g ? g.windowedBy(sliding()) : ((CogroupedKStream) it).windowedBy(sliding());
                break;
            case "session":
                windowedKey = WindowedSerdes.sessionWindowedSerdeFrom(String.class);
                made = it instanceof KGroupedStream g ? g.windowedBy(sessions()) : ((CogroupedKStream) it).windowedBy(sessions());
                break;
            case "unlimited":
                windowedKey = WindowedSerdes.timeWindowedSerdeFrom(String.class, Long.MAX_VALUE);
                made = ((KGroupedStream) it).windowedBy((Windows) UnlimitedWindows.of());
                break;
            default:
                made = it instanceof KGroupedStream g ? g.windowedBy((Windows) times())
                    : ((CogroupedKStream) it).windowedBy((Windows) times());
        }
        return new Node(new Windowing(made, windowedKey), from.key(), from.value());
    }

    private TimeWindows times() {
        Duration size = Duration.ofMillis(s.window.size);
        TimeWindows w = s.window.grace < 0 ? TimeWindows.ofSizeWithNoGrace(size)
            : TimeWindows.ofSizeAndGrace(size, Duration.ofMillis(s.window.grace));
        return s.window.advance > 0 ? w.advanceBy(Duration.ofMillis(s.window.advance)) : w;
    }

    private SlidingWindows sliding() {
        Duration size = Duration.ofMillis(s.window.size);
        return s.window.grace < 0 ? SlidingWindows.ofTimeDifferenceWithNoGrace(size)
            : SlidingWindows.ofTimeDifferenceAndGrace(size, Duration.ofMillis(s.window.grace));
    }

    private SessionWindows sessions() {
        Duration gap = Duration.ofMillis(s.window.size);
        return s.window.grace < 0 ? SessionWindows.ofInactivityGapWithNoGrace(gap)
            : SessionWindows.ofInactivityGapAndGrace(gap, Duration.ofMillis(s.window.grace));
    }

    private Node emitStrategy() {
        EmitStrategy strategy = s.fn().equals("close") ? EmitStrategy.onWindowClose() : EmitStrategy.onWindowUpdate();
        Windowing w = (Windowing) b.in(s, 0).it();
        Object made = w.it() instanceof TimeWindowedKStream t ? t.emitStrategy(strategy)
            : ((SessionWindowedKStream) w.it()).emitStrategy(strategy);
        return b.in(s, 0).with(new Windowing(made, w.key()));
    }

    /** A table with the keys of the group, within windows if there are any. */
    private Node keyed(Serde<?> value, Object table) {
        Serde<?> key = b.in(s, 0).it() instanceof Windowing w ? w.key() : b.in(s, 0).key();
        return new Node(table, key, value);
    }

    private Node cogroup() {
        CogroupedKStream all = ((KGroupedStream) b.in(s, 0).it()).cogroup(add(s.fns.get(0)));
        for (int i = 1; i < s.in.size(); i++) {
            all = all.cogroup((KGroupedStream) b.in(s, i).it(), add(s.fns.get(i)));
        }
        return b.in(s, 0).with(all);
    }

    private static Aggregator add(String fn) {
        return (k, v, a) -> Functions.add(fn, v, (String) a);
    }

    private Object count() {
        Node of = new Node(null, b.in(s, 0).key(), Serdes.Long());
        Named name = Builder.named(s);
        Materialized m = materialized(s, of);
        boolean plain = s.store.unsaid();
        Object it = b.in(s, 0).it() instanceof Windowing w ? w.it() : b.in(s, 0).it();
        if (it instanceof KGroupedStream g) {
            return plain ? g.count(name) : g.count(name, m);
        }
        if (it instanceof TimeWindowedKStream t) {
            return plain ? t.count(name) : t.count(name, m);
        }
        if (plain) {
            return it instanceof SessionWindowedKStream w ? w.count(name) : ((KGroupedTable) it).count(name);
        }
        return it instanceof SessionWindowedKStream w ? w.count(name, m) : ((KGroupedTable) it).count(name, m);
    }

    private Object reduce() {
        Named name = Builder.named(s);
        Materialized m = materialized(s, b.in(s, 0));
        Reducer add = (x, y) -> Functions.reduce(s.fn(), x, y);
        Object it = b.in(s, 0).it() instanceof Windowing w ? w.it() : b.in(s, 0).it();
        if (it instanceof KGroupedStream g) {
            return g.reduce(add, name, m);
        }
        if (it instanceof TimeWindowedKStream t) {
            return t.reduce(add, name, m);
        }
        Reducer subtract = (x, y) -> Functions.reduce("minus", x, y);
        return it instanceof SessionWindowedKStream w ? w.reduce(add, name, m)
            : ((KGroupedTable) it).reduce(add, subtract, name, m);
    }

    private Object aggregate() {
        Named name = Builder.named(s);
        Materialized m = materialized(s, b.in(s, 0).textValues(null));
        Initializer init = () -> Functions.init(s.fn());
        Aggregator add = add(s.fn());
        Merger merge = (k, x, y) -> Functions.reduce("bar", x, y);
        Object it = b.in(s, 0).it() instanceof Windowing w ? w.it() : b.in(s, 0).it();
        if (it instanceof KGroupedStream g) {
            return g.aggregate(init, add, name, m);
        }
        if (it instanceof TimeWindowedKStream t) {
            return t.aggregate(init, add, name, m);
        }
        if (it instanceof SessionWindowedKStream w) {
            return w.aggregate(init, add, merge, name, m);
        }
        if (it instanceof CogroupedKStream c) {
            return c.aggregate(init, name, m);
        }
        if (it instanceof TimeWindowedCogroupedKStream c) {
            return c.aggregate(init, name, m);
        }
        if (it instanceof SessionWindowedCogroupedKStream c) {
            return c.aggregate(init, merge, name, m);
        }
        Aggregator subtract = (k, v, a) -> Functions.subtract(s.fn(), v, (String) a);
        return ((KGroupedTable) it).aggregate(init, add, subtract, name, m);
    }
}
