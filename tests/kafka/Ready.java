// Waits until a broker answers and lists its topics. Usage: java -cp 'JARS/*' Ready.java HOST:PORT SECONDS
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;

public class Ready {
  public static void main(String[] args) throws Exception {
    long end = System.nanoTime() + Long.parseLong(args[1]) * 1_000_000_000L;
    Map<String, Object> config = new HashMap<>();
    config.put("bootstrap.servers", args[0]);
    config.put("request.timeout.ms", 2000);
    config.put("default.api.timeout.ms", 2000);
    config.put("reconnect.backoff.ms", 50);
    config.put("reconnect.backoff.max.ms", 100);
    try (Admin admin = Admin.create(config)) {
      while (System.nanoTime() < end) {
        try {
          if (!admin.describeCluster().nodes().get(2, TimeUnit.SECONDS).isEmpty()) {
            admin.listTopics().names().get(2, TimeUnit.SECONDS);
            return;
          }
        } catch (ExecutionException | TimeoutException notYet) {
          // The loop asks again.
        }
        Thread.sleep(50);
      }
    }
    System.exit(1);
  }
}
