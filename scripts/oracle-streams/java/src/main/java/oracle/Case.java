package oracle;

import java.util.List;
import java.util.Map;

/** A topology and what it is given; internal/cases describes it. */
final class Case {
    public String id;
    public String tag;
    public Map<String, String> config = Map.of();
    public List<Step> steps = List.of();
    public List<Event> input = List.of();
    public String twin;

    /** A record, a move of the clock, or a commit. */
    static final class Event {
        public String topic;
        public String key;
        public String value;
        public long ts;
        public List<List<String>> headers = List.of();
        public long advance;
        public boolean commit;
    }
}
