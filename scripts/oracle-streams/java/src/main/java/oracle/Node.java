package oracle;

import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/** A stream, table or group that a step made, and the serdes of its keys and values. */
record Node(Object it, Serde<?> key, Serde<?> value) {
    static Node text(Object it) {
        return new Node(it, Serdes.String(), Serdes.String());
    }

    Node with(Object other) {
        return new Node(other, key, value);
    }

    Node textValues(Object other) {
        return new Node(other, key, Serdes.String());
    }
}
