// Prints payloads of Sparkplug B as Eclipse Tahu encodes them, in base64, a line each: values of every width, then the same compressed.
// With `lines`: for each line `SEQ STATE GOOD` of standard input a payload with these and a bdSeq of 0.
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.Base64;
import java.util.Date;
import org.eclipse.tahu.message.SparkplugBPayloadEncoder;
import org.eclipse.tahu.message.model.DataSet;
import org.eclipse.tahu.message.model.DataSetDataType;
import org.eclipse.tahu.message.model.Metric;
import org.eclipse.tahu.message.model.MetricDataType;
import org.eclipse.tahu.message.model.Row;
import org.eclipse.tahu.message.model.SparkplugBPayload;
import org.eclipse.tahu.message.model.Value;
import org.eclipse.tahu.util.CompressionAlgorithm;
import org.eclipse.tahu.util.PayloadUtil;

public class TahuEncode {
  static final Date AT = new Date(1772427600000L);

  static Metric metric(String name, MetricDataType type, Object value) throws Exception {
    return new Metric.MetricBuilder(name, type, value).timestamp(AT).createMetric();
  }

  static void encodeLines() throws Exception {
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String[] said = line.split(" ");
      Date now = new Date();
      print(new SparkplugBPayloadEncoder().getBytes(new SparkplugBPayload.SparkplugBPayloadBuilder(Long.parseLong(said[0])).setTimestamp(now)
          .addMetric(new Metric.MetricBuilder("bdSeq", MetricDataType.Int64, 0L).timestamp(now).createMetric())
          .addMetric(new Metric.MetricBuilder("state", MetricDataType.String, said[1]).timestamp(now).createMetric())
          .addMetric(new Metric.MetricBuilder("good", MetricDataType.UInt32, Long.parseLong(said[2])).timestamp(now).createMetric())
          .createPayload(), false));
    }
  }

  public static void main(String[] args) throws Exception {
    if (args.length > 0) {
      encodeLines();
      return;
    }
    DataSet table = new DataSet.DataSetBuilder(2).addColumnName("id").addColumnName("count")
        .addType(DataSetDataType.Int32).addType(DataSetDataType.Int64)
        .addRow(new Row.RowBuilder().addValue(new Value<>(DataSetDataType.Int32, 1)).addValue(new Value<>(DataSetDataType.Int64, -5L)).createRow())
        .createDataSet();
    SparkplugBPayload payload = new SparkplugBPayload.SparkplugBPayloadBuilder(7L).setTimestamp(AT)
        .addMetric(metric("int8", MetricDataType.Int8, (byte) -5))
        .addMetric(metric("int16", MetricDataType.Int16, (short) -300))
        .addMetric(metric("int32", MetricDataType.Int32, -300))
        .addMetric(metric("int64", MetricDataType.Int64, -5L))
        .addMetric(metric("uint8", MetricDataType.UInt8, (short) 251))
        .addMetric(metric("uint16", MetricDataType.UInt16, 65236))
        .addMetric(metric("uint32", MetricDataType.UInt32, 4_000_000_000L))
        .addMetric(metric("uint64", MetricDataType.UInt64, java.math.BigInteger.valueOf(1L << 52)))
        .addMetric(metric("float", MetricDataType.Float, 1.5f))
        .addMetric(metric("double", MetricDataType.Double, 0.1))
        .addMetric(metric("boolean", MetricDataType.Boolean, true))
        .addMetric(metric("string", MetricDataType.String, "Füller"))
        .addMetric(metric("array", MetricDataType.Int32Array, new Integer[] {1, -2, 3}))
        .addMetric(metric("table", MetricDataType.DataSet, table))
        .addMetric(metric("null", MetricDataType.Int32, null))
        .addMetric(new Metric.MetricBuilder("old", MetricDataType.Int32, 3).timestamp(AT).isHistorical(true).createMetric())
        .createPayload();
    SparkplugBPayloadEncoder encoder = new SparkplugBPayloadEncoder();
    print(encoder.getBytes(payload, false));
    print(encoder.getBytes(PayloadUtil.compress(payload, CompressionAlgorithm.GZIP, false), false));
    print(encoder.getBytes(PayloadUtil.compress(payload, CompressionAlgorithm.DEFLATE, false), false));
  }

  static void print(byte[] bytes) {
    System.out.println(Base64.getEncoder().encodeToString(bytes));
  }
}
