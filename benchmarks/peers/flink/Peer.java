// The peers' job on Flink: minute rows of good pieces and running time, keyed state on the heap, checkpoints every 10 s.
// Arguments: brokers, events topic, rows topic, group, folder of checkpoints.
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.LongAdder;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.serialization.AbstractDeserializationSchema;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

public final class Peer {
  static final long MINUTE_MS = 60_000;
  static final JsonFactory JSON = new JsonFactory();
  static final LongAdder TAKEN = new LongAdder();

  public static final class Event {
    public String machine;
    public long at;
    public long good;
    public String state;
  }

  public static final class Machine {
    public long at;
    public long minute;
    public long good;
    public long runMs;
    public boolean running;
  }

  static final class Parsed extends AbstractDeserializationSchema<Event> {
    @Override
    public Event deserialize(byte[] bytes) throws IOException {
      Event event = new Event();
      try (JsonParser json = JSON.createParser(bytes)) {
        json.nextToken();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          String field = json.currentName();
          json.nextToken();
          switch (field) {
            case "machine" -> event.machine = json.getText();
            case "at" -> event.at = json.getLongValue();
            case "good" -> event.good = json.getLongValue();
            case "state" -> event.state = json.getText();
            default -> { }
          }
        }
      }
      return event;
    }
  }

  static final class Minutes extends KeyedProcessFunction<String, Event, String> {
    private transient ValueState<Machine> machines;

    @Override
    public void open(OpenContext context) {
      machines = getRuntimeContext().getState(new ValueStateDescriptor<>("machine", Machine.class));
    }

    @Override
    public void processElement(Event event, Context context, Collector<String> rows) throws IOException {
      Machine m = machines.value();
      if (m == null) {
        m = new Machine();
        m.at = event.at;
        m.minute = event.at / MINUTE_MS;
      }
      for (long end = (m.minute + 1) * MINUTE_MS; event.at >= end; end += MINUTE_MS) {
        if (m.running) m.runMs += end - m.at;
        rows.collect("{\"machine\":\"" + event.machine + "\",\"from\":" + (end - MINUTE_MS) + ",\"good\":" + m.good + ",\"runMs\":" + m.runMs + "}");
        m.at = end;
        m.minute++;
        m.good = 0;
        m.runMs = 0;
      }
      if (m.running) m.runMs += event.at - m.at;
      m.at = event.at;
      m.good += event.good;
      if (event.state != null) m.running = event.state.equals("running");
      machines.update(m);
      TAKEN.increment();
    }
  }

  public static void main(String[] args) throws Exception {
    Configuration settings = new Configuration();
    settings.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, "file://" + args[4]);
    StreamExecutionEnvironment flink = StreamExecutionEnvironment.createLocalEnvironment(2, settings);
    flink.enableCheckpointing(10_000);
    flink.getConfig().enableObjectReuse();
    KafkaSource<Event> source = KafkaSource.<Event>builder()
      .setBootstrapServers(args[0]).setTopics(args[1]).setGroupId(args[3])
      .setStartingOffsets(OffsetsInitializer.earliest()).setValueOnlyDeserializer(new Parsed()).build();
    KafkaSink<String> sink = KafkaSink.<String>builder()
      .setBootstrapServers(args[0]).setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE)
      .setRecordSerializer(KafkaRecordSerializationSchema.builder().setTopic(args[2]).setValueSerializationSchema(new SimpleStringSchema(StandardCharsets.UTF_8)).build())
      .build();
    flink.fromSource(source, WatermarkStrategy.noWatermarks(), "events")
      .keyBy(event -> event.machine).process(new Minutes()).sinkTo(sink);
    flink.executeAsync("minutes");
    while (true) {
      Thread.sleep(200);
      System.out.println("taken " + TAKEN.sum());
    }
  }
}
