package oracle;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.kstream.Windowed;

/** The functions that a case may name. internal/ours has the same ones in Go. */
final class Functions {
    private Functions() {
    }

    /** The text of a key or value; null stays null. */
    static String text(Object o) {
        if (o instanceof Windowed<?> w) {
            return w.key() + "@" + w.window().start() + "/" + w.window().end();
        }
        return o == null ? null : o.toString();
    }

    private static String shown(Object o) {
        return o == null ? "null" : text(o);
    }

    static boolean test(String fn, Object key, Object value) {
        String k = text(key);
        String v = text(value);
        switch (fn) {
            case "has-a": return v != null && v.contains("a");
            case "key-odd": return k != null && k.length() % 2 == 1;
            case "not-null": return v != null;
            case "long": return v != null && v.length() > 3;
            case "all": return true;
            case "none": return false;
            default: throw unknown(fn);
        }
    }

    /** A value from a value. */
    static String map(String fn, Object value) {
        String v = text(value);
        switch (fn) {
            case "bang": return v == null ? null : v + "!";
            case "len": return v == null ? "null" : Integer.toString(v.length());
            case "nil-if-b": return v == null || v.contains("b") ? null : v;
            case "was-null": return v == null ? "was-null" : v;
            case "same": return v;
            default: throw unknown(fn);
        }
    }

    static List<String> flat(String fn, Object value) {
        List<String> out = new ArrayList<>();
        String v = text(value);
        switch (fn) {
            case "words":
                for (String word : v == null ? new String[0] : v.split(" ")) {
                    if (!word.isEmpty()) {
                        out.add(word);
                    }
                }
                return out;
            case "twice":
                out.add(v);
                out.add(v);
                return out;
            default: throw unknown(fn);
        }
    }

    /** A key from a record. */
    static String key(String fn, Object key, Object value) {
        String v = text(value);
        switch (fn) {
            case "first": return v == null || v.isEmpty() ? null : v.substring(0, 1);
            case "value": return v;
            case "prefix": return "p" + shown(key);
            case "text": return text(key);
            case "const": return "c";
            case "nil": return null;
            default: throw unknown(fn);
        }
    }

    static KeyValue<String, String> pair(String fn, Object key, Object value) {
        switch (fn) {
            case "swap": return KeyValue.pair(text(value), text(key));
            case "first": case "value": case "prefix": case "text": case "const": case "nil":
                return KeyValue.pair(key(fn, key, value), text(value));
            default: throw unknown(fn);
        }
    }

    static List<KeyValue<String, String>> pairs(String fn, Object key, Object value) {
        List<KeyValue<String, String>> out = new ArrayList<>();
        switch (fn) {
            case "words":
                flat("words", value).forEach(word -> out.add(KeyValue.pair(word, text(value))));
                return out;
            case "both":
                out.add(KeyValue.pair(text(key), text(value)));
                out.add(KeyValue.pair(text(value), text(key)));
                return out;
            default: throw unknown(fn);
        }
    }

    static String init(String fn) {
        return fn.equals("sum") ? "0" : fn.equals("nil-init") ? null : "";
    }

    static String add(String fn, Object value, String aggregate) {
        String v = shown(value);
        switch (fn) {
            case "concat": return aggregate + "+" + v;
            case "nil-on-x": return v.contains("x") ? null : shown(aggregate) + "+" + v;
            case "nil-init": return shown(aggregate) + "+" + v;
            case "sum": return Long.toString(number(aggregate) + number(v));
            default: throw unknown(fn);
        }
    }

    static String subtract(String fn, Object value, String aggregate) {
        String v = shown(value);
        switch (fn) {
            case "concat": case "nil-init": return aggregate + "-" + v;
            case "nil-on-x": return v.contains("x") ? null : shown(aggregate) + "-" + v;
            case "sum": return Long.toString(number(aggregate) - number(v));
            default: throw unknown(fn);
        }
    }

    /** The length of a text stands for its number. */
    private static long number(String s) {
        try {
            return Long.parseLong(s);
        } catch (NumberFormatException e) {
            return s.length();
        }
    }

    static String reduce(String fn, Object a, Object b) {
        switch (fn) {
            case "bar": return shown(a) + "|" + shown(b);
            case "minus": return shown(a) + "-" + shown(b);
            case "max": return shown(a).compareTo(shown(b)) >= 0 ? text(a) : text(b);
            case "nil-on-x": return shown(b).contains("x") ? null : shown(a) + "|" + shown(b);
            default: throw unknown(fn);
        }
    }

    static String join(String fn, Object left, Object right) {
        String both = shown(left) + "&" + shown(right);
        switch (fn) {
            case "and": return both;
            case "nil-on-x": return both.contains("x") ? null : both;
            default: throw unknown(fn);
        }
    }

    /** The topic a record goes to. */
    static String topic(Object key) {
        return Set.of("a", "b").contains(shown(key)) ? "out-" + key : "out-others";
    }

    static IllegalArgumentException unknown(String what) {
        return new IllegalArgumentException("the oracle does not know " + what);
    }
}
