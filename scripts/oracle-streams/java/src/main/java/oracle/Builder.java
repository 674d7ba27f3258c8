package oracle;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Branched;
import org.apache.kafka.streams.kstream.BranchedKStream;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.ForeachAction;
import org.apache.kafka.streams.kstream.GlobalKTable;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.KeyValueMapper;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Predicate;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.kstream.Suppressed;
import org.apache.kafka.streams.kstream.ValueMapper;
import org.apache.kafka.streams.kstream.internals.NamedInternal;
import org.apache.kafka.streams.processor.TimestampExtractor;
import org.apache.kafka.streams.processor.TopicNameExtractor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorSupplier;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.state.Stores;

/** Makes a topology of the steps of a case. */
@SuppressWarnings({"unchecked", "rawtypes"})
final class Builder {
    final StreamsBuilder builder = new StreamsBuilder();
    private final Map<String, Node> nodes = new HashMap<>();
    private final List<String> seen;

    /** What foreach and peek see goes to seen. */
    Builder(List<String> seen) {
        this.seen = seen;
    }

    Topology build(List<Step> steps, java.util.Properties config) {
        for (Step s : steps) {
            step(s);
        }
        return builder.build(config);
    }

    Node in(Step s, int i) {
        return nodes.get(s.in.get(i));
    }

    KStream stream(Step s) {
        return (KStream) in(s, 0).it();
    }

    KTable table(Step s) {
        return (KTable) in(s, 0).it();
    }

    static Named named(Step s) {
        return s.name == null ? NamedInternal.empty() : Named.as(s.name);
    }

    private void step(Step s) {
        Node made = source(s);
        made = made != null ? made : ofStream(s);
        made = made != null ? made : ofTable(s);
        made = made != null ? made : new Aggregates(this, s).make();
        made = made != null ? made : new Joins(this, s).make();
        if (made == null) {
            throw Functions.unknown("operator " + s.op);
        }
        if (s.out.size() == 1) {
            nodes.put(s.out.get(0), made);
        }
    }

    private Consumed consumed(Step s) {
        Consumed c = Consumed.with(Serdes.String(), Serdes.String());
        if ("value".equals(s.extractor)) {
            c = c.withTimestampExtractor((TimestampExtractor) (r, partition) -> {
                String v = (String) r.value();
                return v != null && v.matches("[0-9]{1,12}") ? Long.parseLong(v) : r.timestamp();
            });
        }
        return s.name == null ? c : c.withName(s.name);
    }

    private Node source(Step s) {
        switch (s.op) {
            case "stream":
                return Node.text(s.pattern != null ? builder.stream(Pattern.compile(s.pattern), consumed(s))
                    : builder.stream(s.topics, consumed(s)));
            case "table":
                return Node.text(builder.table(s.topic(), consumed(s), Aggregates.materialized(s, Node.text(null))));
            case "globalTable":
                return Node.text(s.store.name == null ? builder.globalTable(s.topic(), consumed(s))
                    : builder.globalTable(s.topic(), consumed(s), Aggregates.materialized(s, Node.text(null))));
            case "addStore": {
                var supplier = Stores.inMemoryKeyValueStore(s.store.name);
                var made = s.store.kind.equals("timestamped")
                    ? Stores.timestampedKeyValueStoreBuilder(supplier, Serdes.String(), Serdes.String())
                    : Stores.keyValueStoreBuilder(supplier, Serdes.String(), Serdes.String());
                builder.addStateStore(Boolean.TRUE.equals(s.store.caching) ? made.withCachingEnabled() : made);
                return Node.text(null);
            }
            default: return null;
        }
    }

    private Node ofStream(Step s) {
        switch (s.op) {
            case "filter": return in(s, 0).with(stream(s).filter(predicate(s.fn()), named(s)));
            case "filterNot": return in(s, 0).with(stream(s).filterNot(predicate(s.fn()), named(s)));
            case "mapValues":
                return in(s, 0).textValues(stream(s).mapValues((ValueMapper) v -> Functions.map(s.fn(), v), named(s)));
            case "flatMapValues":
                return in(s, 0).textValues(stream(s).flatMapValues((ValueMapper) v -> Functions.flat(s.fn(), v), named(s)));
            case "map":
                return Node.text(stream(s).map((KeyValueMapper) (k, v) -> Functions.pair(s.fn(), k, v), named(s)));
            case "flatMap":
                return Node.text(stream(s).flatMap((KeyValueMapper) (k, v) -> Functions.pairs(s.fn(), k, v), named(s)));
            case "selectKey":
                return new Node(stream(s).selectKey((KeyValueMapper) (k, v) -> Functions.key(s.fn(), k, v), named(s)),
                    Serdes.String(), in(s, 0).value());
            case "peek": return in(s, 0).with(stream(s).peek(see("peek"), named(s)));
            case "foreach":
                stream(s).foreach(see("foreach"), named(s));
                return in(s, 0);
            case "merge": return in(s, 0).with(stream(s).merge((KStream) in(s, 1).it(), named(s)));
            case "split": return split(s);
            case "process": case "processValues": return processed(s);
            case "repartition": return repartition(s);
            case "to":
                stream(s).to(s.topic(), produced(s));
                return in(s, 0);
            case "toDynamic":
                stream(s).to((TopicNameExtractor) (k, v, context) -> Functions.topic(k), produced(s));
                return in(s, 0);
            case "toTable": return in(s, 0).with(stream(s).toTable(named(s), Aggregates.materialized(s, in(s, 0))));
            case "groupByKey": return in(s, 0).with(stream(s).groupByKey(grouped(s, in(s, 0))));
            case "groupBy": {
                Node made = new Node(null, Serdes.String(), in(s, 0).value());
                return made.with(stream(s).groupBy((k, v) -> Functions.key(s.fn(), k, v), grouped(s, made)));
            }
            default: return null;
        }
    }

    private Node processed(Step s) {
        String[] stores = s.stores.toArray(new String[0]);
        if (s.op.equals("process")) {
            ProcessorSupplier made = () -> new Processors.Records(s);
            return Node.text(s.name == null ? stream(s).process(made, stores) : stream(s).process(made, Named.as(s.name), stores));
        }
        FixedKeyProcessorSupplier made = () -> new Processors.Values(s);
        return in(s, 0).textValues(s.name == null ? stream(s).processValues(made, stores)
            : stream(s).processValues(made, Named.as(s.name), stores));
    }

    private Node split(Step s) {
        BranchedKStream branches = stream(s).split(named(s));
        for (int i = 0; i < s.fns.size(); i++) {
            String out = s.out.get(i);
            String name = i < s.names.size() ? s.names.get(i) : null;
            Branched branch = Branched.withConsumer(b -> nodes.put(out, in(s, 0).with(b)), name);
            if (s.fns.get(i).equals("default")) {
                branches.defaultBranch(branch);
                return nodes.get(s.out.get(0));
            }
            branches = branches.branch(predicate(s.fns.get(i)), branch);
        }
        branches.noDefaultBranch();
        return nodes.get(s.out.get(0));
    }

    private Node repartition(Step s) {
        Repartitioned r = Repartitioned.with(in(s, 0).key(), in(s, 0).value());
        r = s.name == null ? r : r.withName(s.name);
        return in(s, 0).with(stream(s).repartition(s.partitions > 0 ? r.withNumberOfPartitions(s.partitions) : r));
    }

    private Produced produced(Step s) {
        Produced p = Produced.with(in(s, 0).key(), in(s, 0).value());
        return s.name == null ? p : p.withName(s.name);
    }

    private static Grouped grouped(Step s, Node of) {
        Grouped g = Grouped.with(of.key(), of.value());
        return s.name == null ? g : g.withName(s.name);
    }

    private static Predicate predicate(String fn) {
        return (k, v) -> Functions.test(fn, k, v);
    }

    private ForeachAction see(String who) {
        return (k, v) -> seen.add(who + " " + Functions.text(k) + "=" + Functions.text(v));
    }

    private Node ofTable(Step s) {
        Node from = s.in.isEmpty() ? null : in(s, 0);
        switch (s.op) {
            case "filterTable": return from.with(stored(s)
                ? table(s).filter(predicate(s.fn()), named(s), Aggregates.materialized(s, from))
                : table(s).filter(predicate(s.fn()), named(s)));
            case "filterNotTable": return from.with(stored(s)
                ? table(s).filterNot(predicate(s.fn()), named(s), Aggregates.materialized(s, from))
                : table(s).filterNot(predicate(s.fn()), named(s)));
            case "mapTable": {
                ValueMapper mapper = v -> Functions.map(s.fn(), v);
                Node out = from.textValues(null);
                return out.with(stored(s) ? table(s).mapValues(mapper, named(s), Aggregates.materialized(s, out))
                    : table(s).mapValues(mapper, named(s)));
            }
            case "transformTable": {
                Node out = from.textValues(null);
                String[] stores = s.stores.toArray(new String[0]);
                return out.with(stored(s)
                    ? table(s).transformValues(Processors::transformer, Aggregates.materialized(s, out), named(s), stores)
                    : table(s).transformValues(Processors::transformer, named(s), stores));
            }
            case "toStream":
                return s.fns.isEmpty() ? from.with(table(s).toStream(named(s)))
                    : new Node(table(s).toStream((k, v) -> Functions.key(s.fn(), k, v), named(s)), Serdes.String(), from.value());
            case "groupTable":
                return Node.text(table(s).groupBy((KeyValueMapper) (k, v) -> Functions.pair(s.fn(), k, v),
                    grouped(s, Node.text(null))));
            case "suppress": return from.with(table(s).suppress(suppressed(s)));
            default: return null;
        }
    }

    static boolean stored(Step s) {
        return s.store.name != null || s.store.kind.equals("generated") || s.store.caching != null;
    }

    private Suppressed suppressed(Step s) {
        Suppressed.BufferConfig limit = Suppressed.BufferConfig.unbounded();
        if (s.buffer != null) {
            limit = s.buffer.records > 0 ? Suppressed.BufferConfig.maxRecords(s.buffer.records)
                : Suppressed.BufferConfig.maxBytes(s.buffer.bytes);
            limit = s.buffer.shutdown ? limit.shutDownWhenFull() : limit.emitEarlyWhenFull();
        }
        Suppressed made = s.fn().equals("closes")
            ? Suppressed.untilWindowCloses((Suppressed.StrictBufferConfig) limit)
            : Suppressed.untilTimeLimit(Duration.ofMillis(s.millis), limit);
        return s.name == null ? made : made.withName(s.name);
    }

    GlobalKTable global(Step s) {
        return (GlobalKTable) in(s, 1).it();
    }
}
