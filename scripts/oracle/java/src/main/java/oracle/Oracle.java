package oracle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.connector.ConnectRecord;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.Converter;
import org.apache.kafka.connect.storage.HeaderConverter;
import org.apache.kafka.connect.transforms.Transformation;
import org.apache.kafka.connect.transforms.predicates.Predicate;

/** Reads a case a line and prints what Kafka Connect's own classes make of it, a result a line. */
public final class Oracle {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final int KEPT = 512;

    private final Map<String, Object> plugins = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Object> e) {
            return size() > KEPT;
        }
    };
    private final Converter plain = new JsonConverter();
    private final Converter envelope = new JsonConverter();
    private String stage;

    private Oracle() {
        plain.configure(Map.of("schemas.enable", "false"), false);
        envelope.configure(Map.of(), false);
    }

    public static void main(String[] args) throws Exception {
        Oracle oracle = new Oracle();
        ObjectMapper mapper = new ObjectMapper();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            JsonNode c = mapper.readTree(line);
            ObjectNode result = JSON.objectNode();
            result.set("id", c.get("id"));
            try {
                result.set("ok", oracle.run(c));
            } catch (ClassNotFoundException e) {
                result.put("missing", true);
            } catch (Throwable e) { // also a StackOverflowError is an answer
                ObjectNode error = result.putObject("error");
                error.put("stage", oracle.stage);
                error.put("class", e.getClass().getName());
                error.put("message", shortened(e));
            }
            out.println(mapper.writeValueAsString(result));
        }
        out.flush();
    }

    private static String shortened(Throwable e) {
        String s = String.valueOf(e.getMessage());
        if (e.getCause() != null && e.getCause() != e) {
            s += " <- " + e.getCause().getClass().getSimpleName() + ": " + e.getCause().getMessage();
        }
        return s.codePointCount(0, s.length()) > 400 ? s.substring(0, s.offsetByCodePoints(0, 400)) : s;
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private JsonNode run(JsonNode c) throws Exception {
        switch (c.get("kind").asText()) {
            case "toConnect": return dump(converter(c).toConnectData(c.get("topic").asText(), bytes(c)));
            case "roundtrip": {
                Converter converter = converter(c);
                SchemaAndValue v = converter.toConnectData(c.get("topic").asText(), bytes(c));
                return written(converter.fromConnectData(c.get("topic").asText(), v.schema(), v.value()));
            }
            case "fromConnect": {
                Converter converter = converter(c);
                stage = "input";
                Schema schema = Typed.schema(c.get("data").get("schema"));
                Object value = Typed.value(c.get("data").get("value"), schema);
                stage = "apply";
                return written(converter.fromConnectData(c.get("topic").asText(), schema, value));
            }
            case "predicate": {
                Predicate p = predicate(c);
                return JSON.booleanNode(p.test(record(c.get("record"))));
            }
            case "smt": return smt(c);
            default: throw new IllegalArgumentException(c.get("kind").asText());
        }
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private JsonNode smt(JsonNode c) throws Exception {
        stage = "config";
        // Made anew for each case: a SimpleDateFormat remembers the zone of what it has read.
        Transformation t = (Transformation) made(c, made -> ((Transformation) made).configure(config(c)));
        Predicate p = c.hasNonNull("predicate") ? predicate(c.get("predicate")) : null;
        ConnectRecord<?> r = record(c.get("record"));
        if (p != null && p.test(r) == c.get("predicate").path("negate").asBoolean()) {
            return dump(r);
        }
        String before = dump(r).toString();
        ConnectRecord<?> out = (ConnectRecord<?>) t.apply(r);
        if (!dump(r).toString().equals(before)) {
            throw new IllegalStateException("the record given was changed");
        }
        return dump(out);
    }

    private Converter converter(JsonNode c) throws Exception {
        stage = "config";
        if (c.path("header").asBoolean()) {
            HeaderConverter converter = (HeaderConverter) plugin(c, made -> ((HeaderConverter) made).configure(config(c)));
            stage = "apply";
            return new OfHeaders(converter);
        }
        Converter converter = (Converter) plugin(c, made ->
            ((Converter) made).configure(config(c), c.path("isKey").asBoolean()));
        stage = "apply";
        return converter;
    }

    /** A header converter in the form of a converter. */
    private record OfHeaders(HeaderConverter made) implements Converter {
        @Override
        public void configure(Map<String, ?> configs, boolean isKey) {
        }

        @Override
        public byte[] fromConnectData(String topic, Schema schema, Object value) {
            return made.fromConnectHeader(topic, "h", schema, value);
        }

        @Override
        public SchemaAndValue toConnectData(String topic, byte[] value) {
            return made.toConnectHeader(topic, "h", value);
        }
    }

    @SuppressWarnings("rawtypes")
    private Predicate predicate(JsonNode c) throws Exception {
        stage = "config";
        return (Predicate) plugin(c, made -> ((Predicate) made).configure(config(c)));
    }

    private interface Configure {
        void accept(Object made);
    }

    private Object plugin(JsonNode c, Configure configure) throws Exception {
        String key = c.get("class").asText() + c.path("isKey").asBoolean() + c.path("header").asBoolean() + c.path("config");
        Object made = plugins.get(key);
        if (made == null) {
            made = made(c, configure);
            plugins.put(key, made);
        }
        return made;
    }

    private static Object made(JsonNode c, Configure configure) throws Exception {
        Object made = Class.forName(c.get("class").asText()).getDeclaredConstructor().newInstance();
        configure.accept(made);
        return made;
    }

    private static Map<String, String> config(JsonNode c) {
        Map<String, String> m = new HashMap<>();
        c.path("config").fields().forEachRemaining(e -> m.put(e.getKey(), e.getValue().asText()));
        return m;
    }

    private static byte[] bytes(JsonNode c) {
        return c.hasNonNull("bytes") ? Base64.getDecoder().decode(c.get("bytes").asText()) : null;
    }

    private static JsonNode written(byte[] raw) {
        ObjectNode o = JSON.objectNode();
        if (raw == null) {
            o.putNull("bytes");
        } else {
            o.put("bytes", Base64.getEncoder().encodeToString(raw));
        }
        return o;
    }

    private ConnectRecord<?> record(JsonNode r) {
        stage = "input";
        SchemaAndValue key = payload(r.get("key"));
        SchemaAndValue value = payload(r.get("value"));
        ConnectHeaders headers = new ConnectHeaders();
        for (JsonNode h : r.path("headers")) {
            headers.add(h.get("key").asText(), payload(h.get("data")));
        }
        Long timestamp = r.hasNonNull("timestamp") ? r.get("timestamp").asLong() : null;
        String topic = r.get("topic").asText();
        stage = "apply";
        if (r.path("source").asBoolean() || !r.hasNonNull("partition")) {
            Integer partition = r.hasNonNull("partition") ? r.get("partition").asInt() : null;
            return new SourceRecord(null, null, topic, partition, key.schema(), key.value(), value.schema(), value.value(),
                timestamp, headers);
        }
        return new SinkRecord(topic, r.get("partition").asInt(), key.schema(), key.value(), value.schema(), value.value(),
            r.path("offset").asLong(7), timestamp, TimestampType.CREATE_TIME, headers);
    }

    private SchemaAndValue payload(JsonNode p) {
        if (p == null || p.isNull()) {
            return SchemaAndValue.NULL;
        } else if (p.has("json")) {
            return plain.toConnectData("t", p.get("json").asText().getBytes(StandardCharsets.UTF_8));
        } else if (p.has("envelope")) {
            return envelope.toConnectData("t", p.get("envelope").asText().getBytes(StandardCharsets.UTF_8));
        }
        Schema schema = Typed.schema(p.get("typed").get("schema"));
        return new SchemaAndValue(schema, Typed.value(p.get("typed").get("value"), schema));
    }

    private static JsonNode dump(SchemaAndValue v) {
        ObjectNode o = JSON.objectNode();
        o.set("schema", Typed.dump(v.schema()));
        o.set("value", Typed.dump(v.value()));
        return o;
    }

    private static JsonNode dump(ConnectRecord<?> r) {
        if (r == null) {
            return JSON.nullNode();
        }
        ObjectNode o = JSON.objectNode();
        o.put("topic", r.topic());
        o.put("partition", r.kafkaPartition());
        o.put("timestamp", r.timestamp());
        o.set("key", dump(new SchemaAndValue(r.keySchema(), r.key())));
        o.set("value", dump(new SchemaAndValue(r.valueSchema(), r.value())));
        ArrayNode headers = o.putArray("headers");
        for (Header h : r.headers()) {
            headers.addObject().put("key", h.key()).set("data", dump(new SchemaAndValue(h.schema(), h.value())));
        }
        return o;
    }
}
