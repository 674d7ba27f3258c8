package oracle;

import java.time.Duration;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.kstream.ValueTransformerWithKey;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.ValueAndTimestamp;

/** The processors that a case may name. internal/ours has the same ones in Go. */
final class Processors {
    private Processors() {
    }

    /** Puts the key before the value. */
    static ValueTransformerWithKey<Object, Object, String> transformer() {
        return new ValueTransformerWithKey<>() {
            @Override
            public void init(org.apache.kafka.streams.processor.ProcessorContext context) {
            }

            @Override
            public String transform(Object key, Object value) {
                return value == null ? null : Functions.text(key) + ":" + Functions.text(value);
            }

            @Override
            public void close() {
            }
        };
    }

    /** A processor that may change keys. */
    static final class Records implements Processor<Object, Object, String, String> {
        private final Step s;
        private ProcessorContext<String, String> context;
        private KeyValueStore<String, Object> store;
        private int ticks;

        Records(Step s) {
            this.s = s;
        }

        @Override
        public void init(ProcessorContext<String, String> context) {
            this.context = context;
            this.store = s.stores.isEmpty() ? null : context.getStateStore(s.stores.get(0));
            switch (s.fn()) {
                case "stream-ticks":
                    context.schedule(Duration.ofMillis(s.millis), PunctuationType.STREAM_TIME, this::tick);
                    break;
                case "wall-ticks":
                    context.schedule(Duration.ofMillis(s.millis), PunctuationType.WALL_CLOCK_TIME, this::tick);
                    break;
                case "drain":
                    context.schedule(Duration.ofMillis(s.millis), PunctuationType.STREAM_TIME, this::drain);
                    break;
                default:
            }
        }

        private void tick(long at) {
            ticks++;
            context.forward(new Record<>("tick", "n" + ticks, at));
        }

        /** Forwards what is kept, and forgets it. */
        private void drain(long at) {
            try (KeyValueIterator<String, Object> all = store.all()) {
                while (all.hasNext()) {
                    KeyValue<String, Object> one = all.next();
                    context.forward(new Record<>(one.key, (String) one.value, at));
                    store.put(one.key, null);
                }
            }
        }

        @Override
        public void process(Record<Object, Object> r) {
            String k = Functions.text(r.key());
            String v = Functions.text(r.value());
            switch (s.fn()) {
                case "pass": case "stream-ticks": case "wall-ticks":
                    context.forward(r.withKey(k).withValue(v));
                    return;
                case "drain":
                    if (k != null) {
                        store.put(k, v);
                    }
                    return;
                case "count":
                    if (k != null) {
                        Object n = store.get(k);
                        String now = Integer.toString(n == null ? 1 : Integer.parseInt((String) n) + 1);
                        store.put(k, "x".equals(v) ? null : now);
                        context.forward(r.withKey(k).withValue(now));
                    }
                    return;
                case "lookup": {
                    Object kept = k == null ? null : store.get(k);
                    Object value = kept instanceof ValueAndTimestamp<?> vt ? vt.value() + "@" + vt.timestamp() : kept;
                    context.forward(r.withKey(k).withValue(v + "&" + value));
                    return;
                }
                case "later": context.forward(r.withKey(k).withValue(v).withTimestamp(r.timestamp() + 500)); return;
                case "header": {
                    Record<String, String> out = r.withKey(k).withValue(v);
                    out = out.withHeaders(new org.apache.kafka.common.header.internals.RecordHeaders(r.headers()));
                    out.headers().add("seen", new byte[] {'1'});
                    context.forward(out);
                    return;
                }
                case "times":
                    context.forward(r.withKey(k).withValue(context.currentStreamTimeMs() + "/" + context.currentSystemTimeMs()));
                    return;
                case "meta":
                    context.forward(r.withKey(k).withValue(context.recordMetadata()
                        .map(m -> m.topic() + "-" + m.partition() + "@" + m.offset()).orElse("none")));
                    return;
                case "child": context.forward(r.withKey(k).withValue(v), s.names.get(0)); return;
                default: throw Functions.unknown("processor " + s.fn());
            }
        }
    }

    /** A processor that leaves keys alone. */
    static final class Values implements FixedKeyProcessor<Object, Object, String> {
        private final Step s;
        private FixedKeyProcessorContext<Object, String> context;
        private KeyValueStore<String, String> store;

        Values(Step s) {
            this.s = s;
        }

        @Override
        public void init(FixedKeyProcessorContext<Object, String> context) {
            this.context = context;
            this.store = s.stores.isEmpty() ? null : context.getStateStore(s.stores.get(0));
        }

        @Override
        public void process(FixedKeyRecord<Object, Object> r) {
            String v = Functions.text(r.value());
            switch (s.fn()) {
                case "pass": context.forward(r.withValue(v)); return;
                case "later": context.forward(r.withValue(v).withTimestamp(r.timestamp() + 500)); return;
                case "previous": {
                    String k = Functions.text(r.key());
                    if (k != null) {
                        context.forward(r.withValue(store.get(k) + ">" + v));
                        store.put(k, v);
                    }
                    return;
                }
                default: throw Functions.unknown("processor " + s.fn());
            }
        }
    }
}
