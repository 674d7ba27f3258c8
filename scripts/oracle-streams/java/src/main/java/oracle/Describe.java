package oracle;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

import org.apache.kafka.streams.Topology;

/** Writes what Kafka Streams says of each topology to a file. usage: Describe FOLDER */
public final class Describe {
    private Describe() {
    }

    public static void main(String[] args) throws Exception {
        Path folder = Files.createDirectories(Path.of(args[0]));
        for (Map.Entry<String, Topology> e : new Topologies("").all().entrySet()) {
            Files.writeString(folder.resolve(e.getKey() + ".txt"), e.getValue().describe().toString());
        }
    }
}
