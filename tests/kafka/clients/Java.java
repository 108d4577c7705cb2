// Sends the cases of a file by Apache Kafka's own client. Usage: java -cp JARS Java.java BROKER TOPIC FILE (see README.md).
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

public class Java {
  static String broker;
  static String topic;

  record Case(String name, String codec, String mode, List<String[]> decoys, List<String[]> events) {}

  static KafkaProducer<String, String> producer(String codec, Map<String, String> more) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", broker);
    properties.put("compression.type", codec);
    properties.put("linger.ms", "50");
    properties.putAll(more);
    return new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer());
  }

  static void send(KafkaProducer<String, String> to, List<String[]> records) throws Exception {
    var waiting = new ArrayList<java.util.concurrent.Future<?>>();
    for (String[] record : records) waiting.add(to.send(new ProducerRecord<>(topic, record[1], record[2])));
    to.flush();
    for (var each : waiting) each.get();
  }

  public static void main(String[] args) throws Exception {
    broker = args[0];
    topic = args[1];
    var cases = new ArrayList<Case>();
    for (String line : Files.readAllLines(Path.of(args[2]))) {
      String[] parts = line.split("\t");
      if (parts[0].equals("C")) cases.add(new Case(parts[1], parts[2], parts[3], new ArrayList<>(), new ArrayList<>()));
      else if (parts[0].equals("D")) cases.get(cases.size() - 1).decoys().add(parts);
      else cases.get(cases.size() - 1).events().add(parts);
    }
    for (Case of : cases) {
      String mode = of.mode();
      if (!mode.equals("plain")) {
        var more = new TreeMap<String, String>();
        more.put("transactional.id", "java-" + of.name());
        more.put("transaction.timeout.ms", mode.equals("open") ? "5000" : "60000");
        var tx = producer(of.codec(), more);
        tx.initTransactions();
        tx.beginTransaction();
        send(tx, mode.equals("commit") ? of.events() : of.decoys());
        if (mode.equals("commit")) tx.commitTransaction();
        else if (mode.equals("abort")) tx.abortTransaction();
      }
      if (!mode.equals("commit")) send(producer(of.codec(), Map.of()), of.events());
    }
    System.out.println("done");
    System.out.flush();
    while (System.in.read() >= 0) {}
    Runtime.getRuntime().halt(0);
  }
}
