// The peers' job on Kafka Streams: minute rows of good pieces and running time, a state a machine with its changelog.
// Arguments: brokers, events topic, rows topic, application id, state directory, "memory" or "rocksdb".
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.nio.ByteBuffer;
import java.util.Properties;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

public final class Peer {
  static final long MINUTE_MS = 60_000;
  static final JsonFactory JSON = new JsonFactory();
  static final LongAdder TAKEN = new LongAdder();

  static final class Machine {
    long at;
    long minute;
    long good;
    long runMs;
    boolean running;
  }

  static final Serde<Machine> MACHINE = Serdes.serdeFrom(
    (Serializer<Machine>) (topic, m) -> m == null ? null
      : ByteBuffer.allocate(33).putLong(m.at).putLong(m.minute).putLong(m.good).putLong(m.runMs).put((byte) (m.running ? 1 : 0)).array(),
    (Deserializer<Machine>) (topic, bytes) -> {
      if (bytes == null) return null;
      ByteBuffer in = ByteBuffer.wrap(bytes);
      Machine m = new Machine();
      m.at = in.getLong();
      m.minute = in.getLong();
      m.good = in.getLong();
      m.runMs = in.getLong();
      m.running = in.get() == 1;
      return m;
    });

  static final class Minutes implements Processor<String, byte[], String, String> {
    private ProcessorContext<String, String> context;
    private KeyValueStore<String, Machine> machines;

    @Override
    public void init(ProcessorContext<String, String> context) {
      this.context = context;
      machines = context.getStateStore("machines");
    }

    @Override
    public void process(Record<String, byte[]> record) {
      long at = 0;
      long good = 0;
      String state = null;
      try (JsonParser json = JSON.createParser(record.value())) {
        json.nextToken();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          String field = json.currentName();
          json.nextToken();
          switch (field) {
            case "at" -> at = json.getLongValue();
            case "good" -> good = json.getLongValue();
            case "state" -> state = json.getText();
            default -> { }
          }
        }
      } catch (java.io.IOException error) {
        throw new java.io.UncheckedIOException(error);
      }
      Machine m = machines.get(record.key());
      if (m == null) {
        m = new Machine();
        m.at = at;
        m.minute = at / MINUTE_MS;
      }
      for (long end = (m.minute + 1) * MINUTE_MS; at >= end; end += MINUTE_MS) {
        if (m.running) m.runMs += end - m.at;
        String row = "{\"machine\":\"" + record.key() + "\",\"from\":" + (end - MINUTE_MS) + ",\"good\":" + m.good + ",\"runMs\":" + m.runMs + "}";
        context.forward(record.withValue(row));
        m.at = end;
        m.minute++;
        m.good = 0;
        m.runMs = 0;
      }
      if (m.running) m.runMs += at - m.at;
      m.at = at;
      m.good += good;
      if (state != null) m.running = state.equals("running");
      machines.put(record.key(), m);
      TAKEN.increment();
    }
  }

  public static void main(String[] args) throws InterruptedException {
    Properties settings = new Properties();
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, args[0]);
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, args[3]);
    settings.put(StreamsConfig.STATE_DIR_CONFIG, args[4]);
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 2);
    settings.put("auto.offset.reset", "earliest");
    var supplier = args[5].equals("memory") ? Stores.inMemoryKeyValueStore("machines") : Stores.persistentKeyValueStore("machines");
    StreamsBuilder builder = new StreamsBuilder();
    builder.addStateStore(Stores.keyValueStoreBuilder(supplier, Serdes.String(), MACHINE));
    builder.stream(args[1], Consumed.with(Serdes.String(), Serdes.ByteArray()))
      .process(Minutes::new, "machines")
      .to(args[2], Produced.with(Serdes.String(), Serdes.String()));
    KafkaStreams streams = new KafkaStreams(builder.build(), settings);
    Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
    streams.start();
    while (true) {
      Thread.sleep(200);
      System.out.println("taken " + TAKEN.sum());
    }
  }
}
