package oracle;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.streams.Topology;

/** Reads a case a line and prints what Kafka Streams makes of it, an answer a line. */
public final class Oracle {
    private String stage;

    private Oracle() {
    }

    public static void main(String[] args) throws Exception {
        ObjectMapper mapper = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        Oracle oracle = new Oracle();
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            Case c = mapper.readValue(line, Case.class);
            ObjectNode answer = JsonNodeFactory.instance.objectNode();
            answer.put("id", c.id);
            try {
                answer.set("ok", oracle.run(c, args[0]));
            } catch (Exception | StackOverflowError e) {
                answer.putObject("error").put("stage", oracle.stage).put("class", e.getClass().getName())
                    .put("message", message(e));
            }
            out.println(mapper.writeValueAsString(answer));
        }
        out.flush();
    }

    private static String message(Throwable e) {
        String s = String.valueOf(e.getMessage());
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            s += " <- " + cause.getClass().getSimpleName() + ": " + cause.getMessage();
        }
        return s.length() > 400 ? s.substring(0, 400) : s;
    }

    private ObjectNode run(Case c, String state) throws Exception {
        Properties config = config(c, state);
        List<String> seen = new ArrayList<>();
        stage = "build";
        Topology topology = new Builder(seen).build(c.steps, config);
        ObjectNode ok = JsonNodeFactory.instance.objectNode();
        ok.put("describe", topology.describe().toString());
        try (Driver driver = new Driver(topology, config)) {
            stage = "run";
            Set<String> keys = new TreeSet<>();
            for (Case.Event e : c.input) {
                if (e.key != null) {
                    keys.add(e.key);
                }
                play(driver, e);
            }
            driver.commit();
            Answers answers = new Answers(driver);
            answers.topics(ok);
            answers.stores(ok, keys);
            ok.put("dropped", answers.dropped());
        }
        seen.forEach(ok.putArray("seen")::add);
        return ok;
    }

    private static void play(Driver driver, Case.Event e) throws Exception {
        if (e.commit) {
            driver.commit();
        } else if (e.advance > 0) {
            driver.advance(e.advance);
        } else {
            driver.send(e);
        }
    }

    private static Properties config(Case c, String state) {
        Properties config = new Properties();
        config.put("application.id", "app");
        config.put("state.dir", state);
        config.put("statestore.cache.max.bytes", "0");
        config.put("default.key.serde", "org.apache.kafka.common.serialization.Serdes$StringSerde");
        config.put("default.value.serde", "org.apache.kafka.common.serialization.Serdes$StringSerde");
        config.put("dsl.store.suppliers.class",
            "org.apache.kafka.streams.state.BuiltInDslStoreSuppliers$InMemoryDslStoreSuppliers");
        config.putAll(c.config);
        return config;
    }
}
