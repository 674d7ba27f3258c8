package oracle;

import java.util.List;

/** One operator of a case; internal/cases describes it. */
final class Step {
    public String op;
    public List<String> in = List.of();
    public List<String> out = List.of();
    public List<String> fns = List.of();
    public String name;
    public List<String> topics = List.of();
    public String pattern;
    public String extractor;
    public Store store = new Store();
    public Window window = new Window();
    public Buffer buffer;
    public List<String> stores = List.of();
    public List<String> names = List.of();
    public long millis;
    public int partitions;

    /** How an operator keeps its state. */
    static final class Store {
        public String name;
        public String kind = "";
        public Boolean caching;
        public Boolean logging;
        public long retention;
        public long history;

        /** Nothing is said about the store: overloads with and without options take different numbers. */
        boolean unsaid() {
            return name == null && kind.isEmpty() && caching == null && logging == null && retention == 0;
        }
    }

    /** Windows of all kinds. */
    static final class Window {
        public String kind = "";
        public long size;
        public long advance;
        public long grace = -1;
        public long after = -1;
    }

    /** How much a suppression holds. */
    static final class Buffer {
        public long records;
        public long bytes;
        public boolean shutdown;
    }

    String fn() {
        return fns.isEmpty() ? "" : fns.get(0);
    }

    String topic() {
        return topics.get(0);
    }
}
