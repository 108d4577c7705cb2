// An OPC UA server of Eclipse Milo with Press.State (Int32), Press.Good (UInt64), Press.Scrap (UInt32), Press.Text (String) and Press.Run (Boolean)
// in http://example.org/press.
// Usage: java -cp 'JARS/*:CLASSES' MiloServer PORT [COUNT EVERY_MS]. A line `NAME VALUE AT` (epoch ms) on standard input sets a variable;
// COUNT further ones, Press.N0 and so on (UInt32), count up by themselves each EVERY_MS from the line `go` on.
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ulong;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.eclipse.milo.opcua.sdk.core.Reference;
import org.eclipse.milo.opcua.sdk.server.EndpointConfig;
import org.eclipse.milo.opcua.sdk.server.ManagedNamespaceWithLifecycle;
import org.eclipse.milo.opcua.sdk.server.OpcUaServer;
import org.eclipse.milo.opcua.sdk.server.OpcUaServerConfig;
import org.eclipse.milo.opcua.sdk.server.items.DataItem;
import org.eclipse.milo.opcua.sdk.server.items.MonitoredItem;
import org.eclipse.milo.opcua.sdk.server.nodes.UaFolderNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaVariableNode;
import org.eclipse.milo.opcua.sdk.server.util.SubscriptionModel;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.security.DefaultCertificateManager;
import org.eclipse.milo.opcua.stack.core.security.MemoryCertificateQuarantine;
import org.eclipse.milo.opcua.stack.core.security.SecurityPolicy;
import org.eclipse.milo.opcua.stack.core.transport.TransportProfile;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.enumerated.MessageSecurityMode;
import org.eclipse.milo.opcua.stack.transport.server.tcp.OpcTcpServerTransport;
import org.eclipse.milo.opcua.stack.transport.server.tcp.OpcTcpServerTransportConfig;

public class MiloServer {
  static final Map<String, UaVariableNode> NODES = new HashMap<>();
  static int counters = 0;

  static class Press extends ManagedNamespaceWithLifecycle {
    private final SubscriptionModel subscriptions;

    Press(OpcUaServer server) {
      super(server, "http://example.org/press");
      subscriptions = new SubscriptionModel(server, this);
      getLifecycleManager().addLifecycle(subscriptions);
      getLifecycleManager().addStartupTask(this::build);
    }

    private void build() {
      UaFolderNode folder = new UaFolderNode(getNodeContext(), newNodeId("Press"), newQualifiedName("Press"), LocalizedText.english("Press"));
      getNodeManager().addNode(folder);
      folder.addReference(new Reference(folder.getNodeId(), NodeIds.Organizes, NodeIds.ObjectsFolder.expanded(), false));
      add(folder, "State", NodeIds.Int32, new Variant(6));
      add(folder, "Good", NodeIds.UInt64, new Variant(ulong(100)));
      add(folder, "Scrap", NodeIds.UInt32, new Variant(uint(5)));
      add(folder, "Text", NodeIds.String, new Variant("Execute"));
      add(folder, "Run", NodeIds.Boolean, new Variant(true));
      for (int i = 0; i < counters; i++) add(folder, "N" + i, NodeIds.UInt32, new Variant(uint(0)));
    }

    private void add(UaFolderNode folder, String name, NodeId type, Variant value) {
      UaVariableNode node = UaVariableNode.build(getNodeContext(), b -> b
          .setNodeId(newNodeId("Press." + name)).setBrowseName(newQualifiedName(name))
          .setDisplayName(LocalizedText.english(name)).setDataType(type)
          .setTypeDefinition(NodeIds.BaseDataVariableType).setValue(new DataValue(value)).build());
      getNodeManager().addNode(node);
      folder.addOrganizes(node);
      NODES.put(name, node);
    }

    @Override public void onDataItemsCreated(List<DataItem> items) { subscriptions.onDataItemsCreated(items); }
    @Override public void onDataItemsModified(List<DataItem> items) { subscriptions.onDataItemsModified(items); }
    @Override public void onDataItemsDeleted(List<DataItem> items) { subscriptions.onDataItemsDeleted(items); }
    @Override public void onMonitoringModeChanged(List<MonitoredItem> items) { subscriptions.onMonitoringModeChanged(items); }
  }

  public static void main(String[] args) throws Exception {
    int port = Integer.parseInt(args[0]);
    counters = args.length > 1 ? Integer.parseInt(args[1]) : 0;
    EndpointConfig endpoint = EndpointConfig.newBuilder().setTransportProfile(TransportProfile.TCP_UASC_UABINARY)
        .setBindAddress("127.0.0.1").setBindPort(port).setHostname("127.0.0.1").setPath("/")
        .setSecurityPolicy(SecurityPolicy.None).setSecurityMode(MessageSecurityMode.None)
        .addTokenPolicies(OpcUaServerConfig.USER_TOKEN_POLICY_ANONYMOUS).build();
    OpcUaServerConfig config = OpcUaServerConfig.builder().setApplicationUri("urn:example:milo")
        .setApplicationName(LocalizedText.english("press")).setEndpoints(Set.of(endpoint))
        .setCertificateManager(new DefaultCertificateManager(new MemoryCertificateQuarantine())).build();
    OpcUaServer server = new OpcUaServer(config, profile -> new OpcTcpServerTransport(OpcTcpServerTransportConfig.newBuilder().build()));
    new Press(server).startup();
    server.startup().get();
    System.out.println("ready");
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.equals("go")) {
        countUp(Long.parseLong(args[2]));
        continue;
      }
      String[] asked = line.split(" ");
      Variant variant = switch (asked[0]) {
        case "Good" -> new Variant(ulong(Long.parseLong(asked[1])));
        case "Scrap" -> new Variant(uint(Long.parseLong(asked[1])));
        case "Text" -> new Variant(asked[1]);
        case "Run" -> new Variant(Boolean.parseBoolean(asked[1]));
        default -> new Variant(Integer.parseInt(asked[1]));
      };
      DateTime at = new DateTime(new java.util.Date(Long.parseLong(asked[2])));
      NODES.get(asked[0]).setValue(new DataValue(variant, StatusCode.GOOD, at, at));
    }
    System.exit(0);
  }

  static void countUp(long everyMs) {
    int[] count = {0};
    Executors.newSingleThreadScheduledExecutor().scheduleAtFixedRate(() -> {
      Variant variant = new Variant(uint(++count[0]));
      DateTime at = DateTime.now();
      for (int i = 0; i < counters; i++) NODES.get("N" + i).setValue(new DataValue(variant, StatusCode.GOOD, at, at));
    }, 0, everyMs, TimeUnit.MILLISECONDS);
  }
}
