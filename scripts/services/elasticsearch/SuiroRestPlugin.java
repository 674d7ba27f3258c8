package suiro.es;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.elasticsearch.Build;
import org.elasticsearch.ResourceAlreadyExistsException;
import org.elasticsearch.ResourceNotFoundException;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.admin.indices.create.AutoCreateAction;
import org.elasticsearch.action.admin.indices.create.CreateIndexRequest;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.cluster.ClusterStateUpdateTask;
import org.elasticsearch.cluster.metadata.DataStream;
import org.elasticsearch.cluster.metadata.IndexNameExpressionResolver;
import org.elasticsearch.cluster.metadata.Metadata;
import org.elasticsearch.cluster.metadata.MetadataDeleteIndexService;
import org.elasticsearch.cluster.metadata.MetadataIndexTemplateService;
import org.elasticsearch.cluster.node.DiscoveryNodes;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.Strings;
import org.elasticsearch.common.io.stream.NamedWriteableRegistry;
import org.elasticsearch.common.regex.Regex;
import org.elasticsearch.common.settings.ClusterSettings;
import org.elasticsearch.common.settings.IndexScopedSettings;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.common.settings.SettingsFilter;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.features.NodeFeature;
import org.elasticsearch.index.Index;
import org.elasticsearch.index.IndexVersion;
import org.elasticsearch.plugins.ActionPlugin;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.rest.BaseRestHandler;
import org.elasticsearch.rest.RestChannel;
import org.elasticsearch.rest.RestController;
import org.elasticsearch.rest.RestHandler;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.RestResponse;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.xcontent.XContentBuilder;

/** What the distribution's modules "rest-root" and "data-streams" (not on Maven Central) answer: GET / and GET/HEAD/PUT/DELETE _data_stream. */
public final class SuiroRestPlugin extends Plugin implements ActionPlugin {
    private ClusterService cluster;

    @Override public Collection<?> createComponents(PluginServices s) { cluster = s.clusterService(); return List.of(); }

    @Override public Collection<RestHandler> getRestHandlers(Settings settings, NamedWriteableRegistry w, RestController rc, ClusterSettings cs,
            IndexScopedSettings is, SettingsFilter f, IndexNameExpressionResolver r, Supplier<DiscoveryNodes> n, Predicate<NodeFeature> p) {
        return List.of(new Root(), new Streams(settings));
    }

    private interface Body { void write(XContentBuilder b) throws IOException; }

    private static void reply(RestChannel ch, RestStatus st, Body body) {
        try (XContentBuilder b = ch.newBuilder()) {
            b.startObject(); body.write(b); b.endObject();
            ch.sendResponse(new RestResponse(st, b));
        } catch (Exception e) { fail(ch, e); }
    }

    private static void fail(RestChannel ch, Exception e) {
        try { ch.sendResponse(new RestResponse(ch, e)); } catch (IOException io) { throw new RuntimeException(io); }
    }

    private final class Root extends BaseRestHandler {
        @Override public String getName() { return "suiro_root"; }
        @Override public List<Route> routes() { return List.of(new Route(RestRequest.Method.GET, "/"), new Route(RestRequest.Method.HEAD, "/")); }
        @Override protected RestChannelConsumer prepareRequest(RestRequest rq, NodeClient c) {
            return ch -> reply(ch, RestStatus.OK, b -> {
                Build v = Build.current();
                b.field("name", cluster.getNodeName()).field("cluster_name", cluster.getClusterName().value());
                b.field("cluster_uuid", cluster.state().metadata().clusterUUID());
                b.startObject("version").field("number", v.qualifiedVersion()).field("build_flavor", v.flavor())
                    .field("build_type", v.type().displayName()).field("build_hash", v.hash()).field("build_date", v.date())
                    .field("build_snapshot", v.isSnapshot()).field("lucene_version", IndexVersion.current().luceneVersion().toString())
                    .field("minimum_wire_compatibility_version", v.minWireCompatVersion())
                    .field("minimum_index_compatibility_version", v.minIndexCompatVersion()).endObject();
                b.field("tagline", "You Know, for Search");
            });
        }
    }

    private final class Streams extends BaseRestHandler {
        private final Settings settings;
        Streams(Settings s) { settings = s; }
        @Override public String getName() { return "suiro_data_stream"; }
        @Override public List<Route> routes() {
            return List.of(new Route(RestRequest.Method.GET, "/_data_stream"), new Route(RestRequest.Method.GET, "/_data_stream/{name}"),
                new Route(RestRequest.Method.HEAD, "/_data_stream/{name}"), new Route(RestRequest.Method.PUT, "/_data_stream/{name}"),
                new Route(RestRequest.Method.DELETE, "/_data_stream/{name}"));
        }

        private List<DataStream> find(Metadata m, String[] names, boolean strict) {
            Map<String, DataStream> all = new TreeMap<>(m.dataStreams()), out = new TreeMap<>();
            for (String n : names) {
                boolean pattern = Regex.isSimpleMatchPattern(n) || n.equals("_all");
                for (Map.Entry<String, DataStream> e : all.entrySet())
                    if (n.equals("_all") || Regex.simpleMatch(n, e.getKey())) out.put(e.getKey(), e.getValue());
                if (strict && !pattern && !all.containsKey(n)) throw new org.elasticsearch.index.IndexNotFoundException(n);
            }
            return new ArrayList<>(out.values());
        }

        @Override protected RestChannelConsumer prepareRequest(RestRequest rq, NodeClient client) {
            String name = rq.param("name", "*"); String[] names = Strings.splitStringByCommaToArray(name);
            rq.param("expand_wildcards"); rq.param("master_timeout"); rq.param("timeout"); rq.param("include_defaults"); rq.param("verbose");
            TimeValue wait = TimeValue.timeValueSeconds(30);
            switch (rq.method()) {
                case PUT: return ch -> put(ch, client, name, wait);
                case DELETE: return ch -> delete(ch, names, wait);
                default: return ch -> get(ch, names);
            }
        }

        private void get(RestChannel ch, String[] names) {
            Metadata m = cluster.state().metadata();
            List<DataStream> found;
            try { found = find(m, names, true); } catch (Exception e) { fail(ch, e); return; }
            reply(ch, RestStatus.OK, b -> {
                b.startArray("data_streams");
                for (DataStream d : found) {
                    b.startObject().field("name", d.getName()).startObject("timestamp_field").field("name", "@timestamp").endObject();
                    b.startArray("indices");
                    for (Index i : d.getIndices()) b.startObject().field("index_name", i.getName()).field("index_uuid", i.getUUID()).endObject();
                    b.endArray().field("generation", d.getGeneration());
                    String t = MetadataIndexTemplateService.findV2Template(m, d.getName(), false);
                    b.field("status", "GREEN"); if (t != null) b.field("template", t);
                    b.field("hidden", d.isHidden()).field("system", d.isSystem()).field("allow_custom_routing", d.isAllowCustomRouting())
                        .field("replicated", d.isReplicated()).endObject();
                }
                b.endArray();
            });
        }

        private void put(RestChannel ch, NodeClient client, String name, TimeValue wait) {
            Metadata m = cluster.state().metadata();
            if (m.dataStreams().containsKey(name)) { fail(ch, new ResourceAlreadyExistsException("data_stream [" + name + "] already exists")); return; }
            String t = MetadataIndexTemplateService.findV2Template(m, name, false);
            if (t == null) { fail(ch, new IllegalArgumentException("no matching index template found for data stream [" + name + "]")); return; }
            if (m.templatesV2().get(t).getDataStreamTemplate() == null) {
                fail(ch, new IllegalArgumentException("matching index template [" + t + "] for data stream [" + name + "] has no data stream template")); return;
            }
            CreateIndexRequest cr = new CreateIndexRequest(name); cr.masterNodeTimeout(wait);
            client.execute(AutoCreateAction.INSTANCE, cr, ActionListener.wrap(
                ok -> reply(ch, RestStatus.OK, b -> b.field("acknowledged", true)), e -> fail(ch, e)));
        }

        private void delete(RestChannel ch, String[] names, TimeValue wait) {
            cluster.submitUnbatchedStateUpdateTask("delete-data-stream", new ClusterStateUpdateTask(wait) {
                @Override public ClusterState execute(ClusterState st) {
                    Metadata.Builder mb = Metadata.builder(st.metadata()); Set<Index> gone = new HashSet<>();
                    for (DataStream d : find(st.metadata(), names, true)) { mb.removeDataStream(d.getName()); gone.addAll(d.getIndices()); gone.addAll(d.getFailureIndices()); }
                    if (gone.isEmpty()) return st;
                    return MetadataDeleteIndexService.deleteIndices(ClusterState.builder(st).metadata(mb).build(), gone, settings);
                }
                @Override public void onFailure(Exception e) { fail(ch, e); }
                @Override public void clusterStateProcessed(ClusterState a, ClusterState b2) { reply(ch, RestStatus.OK, b -> b.field("acknowledged", true)); }
            });
        }
    }
}
