package suiro.es;

import java.io.PrintStream;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

/** Starts one Elasticsearch node from the class path, without the distribution's bootstrap. */
public final class EsNode {
    public static void main(String[] args) {
        PrintStream err = System.err; // LogConfigurator replaces System.err
        try { run(); } catch (Throwable t) { t.printStackTrace(err); err.flush(); Runtime.getRuntime().halt(1); }
    }

    private static void run() throws Exception {
        Path home = Paths.get(System.getProperty("es.path.home"));
        Path conf = Paths.get(System.getProperty("es.path.conf"));
        Settings base = Settings.builder().put("path.home", home.toString()).build();
        Environment env = InternalSettingsPreparer.prepareEnvironment(base, Map.of(), conf, () -> "suiro");
        LogConfigurator.setNodeName(Node.NODE_NAME_SETTING.get(env.settings()));
        LogConfigurator.registerErrorListener();
        LogConfigurator.configure(env, false);
        Node node = new Node(env, PluginsLoader.createPluginsLoader(
            PluginsLoader.loadModulesBundles(env.modulesDir()), PluginsLoader.loadPluginsBundles(env.pluginsDir()), Map.of(), false));
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try { node.prepareForClose(); node.close(); node.awaitClose(20, TimeUnit.SECONDS); }
            catch (Throwable t) { t.printStackTrace(); } finally { stopped.countDown(); }
        }));
        node.start();
        stopped.await();
    }
}
