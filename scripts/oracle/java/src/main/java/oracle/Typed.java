package oracle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.connect.data.Decimal;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;

/** The oracle's notation of Connect's data (see README.md), read and written. */
final class Typed {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private Typed() { }

    static JsonNode dump(Schema s) {
        if (s == null) {
            return JSON.nullNode();
        }
        ObjectNode o = JSON.objectNode();
        o.put("type", s.type().name());
        if (s.isOptional()) {
            o.put("optional", true);
        }
        if (s.name() != null) {
            o.set("name", text(s.name()));
        }
        if (s.version() != null) {
            o.put("version", s.version());
        }
        if (s.doc() != null) {
            o.set("doc", text(s.doc()));
        }
        if (s.parameters() != null && !s.parameters().isEmpty()) {
            ObjectNode p = o.putObject("params");
            new TreeMap<>(s.parameters()).forEach((k, v) -> p.set(k, text(v)));
        }
        if (s.defaultValue() != null) {
            o.set("default", dump(s.defaultValue()));
        }
        switch (s.type()) {
            case STRUCT -> {
                ArrayNode fields = o.putArray("fields");
                for (Field f : s.fields()) {
                    ObjectNode field = fields.addObject();
                    field.set("name", text(f.name()));
                    field.set("schema", dump(f.schema()));
                }
            }
            case MAP -> {
                o.set("key", dump(s.keySchema()));
                o.set("elem", dump(s.valueSchema()));
            }
            case ARRAY -> o.set("elem", dump(s.valueSchema()));
            default -> { }
        }
        return o;
    }

    static JsonNode dump(Object v) {
        if (v == null) {
            return JSON.nullNode();
        } else if (v instanceof Boolean b) {
            return JSON.booleanNode(b);
        } else if (v instanceof Byte n) {
            return JSON.textNode("i8:" + n);
        } else if (v instanceof Short n) {
            return JSON.textNode("i16:" + n);
        } else if (v instanceof Integer n) {
            return JSON.textNode("i32:" + n);
        } else if (v instanceof Long n) {
            return JSON.textNode("i64:" + n);
        } else if (v instanceof Float f) {
            return JSON.textNode(String.format("f32:%08x", Float.floatToIntBits(f)));
        } else if (v instanceof Double d) {
            return JSON.textNode(String.format("f64:%016x", Double.doubleToLongBits(d)));
        } else if (v instanceof String s) {
            return JSON.textNode(string(s));
        } else if (v instanceof byte[] b) {
            return JSON.textNode("b:" + Base64.getEncoder().encodeToString(b));
        } else if (v instanceof ByteBuffer b) {
            byte[] raw = new byte[b.remaining()];
            b.duplicate().get(raw);
            return JSON.textNode("b:" + Base64.getEncoder().encodeToString(raw));
        } else if (v instanceof BigDecimal d) {
            BigDecimal plain = d.signum() == 0 ? BigDecimal.ZERO : d.stripTrailingZeros();
            return JSON.textNode("dec:" + plain.unscaledValue() + "e" + -(long) plain.scale());
        } else if (v instanceof BigInteger n) {
            return JSON.textNode("big:" + n);
        } else if (v instanceof Date t) {
            return JSON.textNode("t:" + t.getTime());
        } else if (v instanceof Struct s) {
            ArrayNode a = JSON.arrayNode().add("S");
            for (Field f : s.schema().fields()) {
                a.addArray().add(text(f.name())).add(dump(s.getWithoutDefault(f.name())));
            }
            return a;
        } else if (v instanceof List<?> list) {
            ArrayNode a = JSON.arrayNode().add("L");
            list.forEach(item -> a.add(dump(item)));
            return a;
        } else if (v instanceof Map<?, ?> map) {
            TreeMap<String, ArrayNode> sorted = new TreeMap<>();
            map.forEach((k, item) -> {
                JsonNode key = dump(k);
                sorted.put(key.toString(), JSON.arrayNode().add(key).add(dump(item)));
            });
            ArrayNode a = JSON.arrayNode().add("M");
            sorted.values().forEach(a::add);
            return a;
        }
        return JSON.textNode("class:" + v.getClass().getName());
    }

    private static TextNode text(String s) {
        return JSON.textNode(isUnicode(s) ? s : string(s));
    }

    private static String string(String s) {
        if (isUnicode(s)) {
            return "s:" + s;
        }
        StringBuilder b = new StringBuilder("s16:");
        for (char c : s.toCharArray()) {
            b.append(String.format("%04x", (int) c));
        }
        return b.toString();
    }

    /** Says whether s has no half of a surrogate pair, which UTF-8 cannot carry. */
    private static boolean isUnicode(String s) {
        return s.codePoints().noneMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }

    static Schema schema(JsonNode o) {
        if (o == null || o.isNull()) {
            return null;
        }
        SchemaBuilder b = switch (o.get("type").asText()) {
            case "ARRAY" -> SchemaBuilder.array(schema(o.get("elem")));
            case "MAP" -> SchemaBuilder.map(schema(o.get("key")), schema(o.get("elem")));
            default -> SchemaBuilder.type(Schema.Type.valueOf(o.get("type").asText()));
        };
        if (o.path("optional").asBoolean()) {
            b.optional();
        }
        if (o.has("name")) {
            b.name(o.get("name").asText());
        }
        if (o.has("version")) {
            b.version(o.get("version").asInt());
        }
        if (o.has("doc")) {
            b.doc(o.get("doc").asText());
        }
        if (o.has("params")) {
            o.get("params").fields().forEachRemaining(p -> b.parameter(p.getKey(), p.getValue().asText()));
        }
        if (o.has("fields")) {
            for (JsonNode f : o.get("fields")) {
                b.field(f.get("name").asText(), schema(f.get("schema")));
            }
        }
        if (o.has("default")) {
            b.defaultValue(value(o.get("default"), b));
        }
        return b.build();
    }

    /** Reads a value; its tags say the class, the schema only what a struct and a decimal need to be made. */
    static Object value(JsonNode v, Schema s) {
        if (v == null || v.isNull()) {
            return null;
        } else if (v.isBoolean()) {
            return v.asBoolean();
        } else if (v.isTextual()) {
            int colon = v.asText().indexOf(':');
            return scalar(v.asText().substring(0, colon), v.asText().substring(colon + 1), s);
        }
        switch (v.get(0).asText()) {
            case "L": {
                List<Object> list = new ArrayList<>();
                for (int i = 1; i < v.size(); i++) {
                    list.add(value(v.get(i), elem(s)));
                }
                return list;
            }
            case "M": {
                Map<Object, Object> map = new LinkedHashMap<>();
                for (int i = 1; i < v.size(); i++) {
                    map.put(value(v.get(i).get(0), s != null && s.type() == Schema.Type.MAP ? s.keySchema() : null),
                        value(v.get(i).get(1), elem(s)));
                }
                return map;
            }
            default: {
                Struct struct = new Struct(s);
                for (int i = 1; i < v.size(); i++) {
                    String name = v.get(i).get(0).asText();
                    Object item = value(v.get(i).get(1), s.field(name).schema());
                    if (item != null) {
                        struct.put(name, item);
                    }
                }
                return struct;
            }
        }
    }

    /** A value need not be of its schema: converters are asked about such, too. */
    private static Schema elem(Schema s) {
        return s != null && (s.type() == Schema.Type.MAP || s.type() == Schema.Type.ARRAY) ? s.valueSchema() : null;
    }

    private static Object scalar(String tag, String text, Schema s) {
        switch (tag) {
            case "i8": return Byte.valueOf(text);
            case "i16": return Short.valueOf(text);
            case "i32": return Integer.valueOf(text);
            case "i64": return Long.valueOf(text);
            case "f32": return Float.intBitsToFloat(Integer.parseUnsignedInt(text, 16));
            case "f64": return Double.longBitsToDouble(Long.parseUnsignedLong(text, 16));
            case "s": return text;
            case "b": return Base64.getDecoder().decode(text);
            case "big": return new BigInteger(text);
            case "t": return new Date(Long.parseLong(text));
            case "dec": {
                int e = text.indexOf('e');
                BigDecimal d = new BigDecimal(new BigInteger(text.substring(0, e)), -Integer.parseInt(text.substring(e + 1)));
                boolean decimal = s != null && Decimal.LOGICAL_NAME.equals(s.name());
                return decimal ? d.setScale(Integer.parseInt(s.parameters().get(Decimal.SCALE_FIELD))) : d;
            }
            default: throw new IllegalArgumentException("tag " + tag);
        }
    }
}
