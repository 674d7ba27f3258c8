import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.mirror.RemoteClusterUtils;

/** What Kafka's own client of MirrorMaker 2 reads of the internal topics of a cluster: BROKERS ALIAS GROUP. */
public class Translate {
  public static void main(String[] args) throws Exception {
    Map<String, Object> cluster = Map.of("bootstrap.servers", args[0]);
    System.out.println("upstream " + RemoteClusterUtils.upstreamClusters(cluster));
    System.out.println("hops " + RemoteClusterUtils.replicationHops(cluster, args[1]));
    System.out.println("heartbeats " + RemoteClusterUtils.heartbeatTopics(cluster));
    Map<String, Long> offsets = new TreeMap<>();
    for (Map.Entry<TopicPartition, OffsetAndMetadata> e
        : RemoteClusterUtils.translateOffsets(cluster, args[1], args[2], Duration.ofSeconds(30)).entrySet()) {
      offsets.put(e.getKey().toString(), e.getValue().offset());
    }
    System.out.println("offsets " + offsets);
  }
}
