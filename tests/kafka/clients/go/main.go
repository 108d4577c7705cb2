// Sends the cases of a file by franz-go or kafka-go. Usage: clients franz|kafka-go BROKER TOPIC FILE (see ../README.md).
package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/compress"
	"github.com/twmb/franz-go/pkg/kgo"
)

type record struct{ key, value string }

type testCase struct {
	name, codec, mode string
	decoys, events    []record
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func cases(path string) []*testCase {
	file, err := os.Open(path)
	must(err)
	defer file.Close()
	var all []*testCase
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		parts := strings.Split(lines.Text(), "\t")
		switch parts[0] {
		case "C":
			all = append(all, &testCase{name: parts[1], codec: parts[2], mode: parts[3]})
		case "D":
			last := all[len(all)-1]
			last.decoys = append(last.decoys, record{parts[1], parts[2]})
		default:
			last := all[len(all)-1]
			last.events = append(last.events, record{parts[1], parts[2]})
		}
	}
	must(lines.Err())
	return all
}

func franzCodec(name string) kgo.CompressionCodec {
	switch name {
	case "gzip":
		return kgo.GzipCompression()
	case "snappy":
		return kgo.SnappyCompression()
	case "lz4":
		return kgo.Lz4Compression()
	case "zstd":
		return kgo.ZstdCompression()
	}
	return kgo.NoCompression()
}

func sendFranz(client *kgo.Client, records []record) {
	batch := make([]*kgo.Record, len(records))
	for i, each := range records {
		batch[i] = &kgo.Record{Key: []byte(each.key), Value: []byte(each.value)}
	}
	must(client.ProduceSync(context.Background(), batch...).FirstErr())
}

func franz(broker, topic string, of *testCase) {
	client := func(more ...kgo.Opt) *kgo.Client {
		options := []kgo.Opt{kgo.SeedBrokers(broker), kgo.DefaultProduceTopic(topic), kgo.ProducerLinger(50 * time.Millisecond)}
		// snappy is the default of franz-go
		if of.codec != "snappy" {
			options = append(options, kgo.ProducerBatchCompression(franzCodec(of.codec)))
		}
		made, err := kgo.NewClient(append(options, more...)...)
		must(err)
		return made
	}
	if of.mode != "plain" {
		timeout := 60 * time.Second
		if of.mode == "open" {
			timeout = 5 * time.Second
		}
		tx := client(kgo.TransactionalID("franz-"+of.name), kgo.TransactionTimeout(timeout))
		must(tx.BeginTransaction())
		switch of.mode {
		case "commit":
			sendFranz(tx, of.events)
			must(tx.EndTransaction(context.Background(), kgo.TryCommit))
		case "abort":
			sendFranz(tx, of.decoys)
			must(tx.EndTransaction(context.Background(), kgo.TryAbort))
		default:
			sendFranz(tx, of.decoys)
		}
	}
	if of.mode != "commit" {
		sendFranz(client(), of.events)
	}
}

func kafkaGo(broker, topic string, of *testCase) {
	codecs := map[string]compress.Compression{"gzip": kafka.Gzip, "snappy": kafka.Snappy, "lz4": kafka.Lz4, "zstd": kafka.Zstd}
	writer := &kafka.Writer{
		Addr:         kafka.TCP(broker),
		Topic:        topic,
		Balancer:     kafka.Murmur2Balancer{},
		Compression:  codecs[of.codec],
		RequiredAcks: kafka.RequireAll,
		BatchTimeout: 50 * time.Millisecond,
	}
	messages := make([]kafka.Message, len(of.events))
	for i, each := range of.events {
		messages[i] = kafka.Message{Key: []byte(each.key), Value: []byte(each.value)}
	}
	must(writer.WriteMessages(context.Background(), messages...))
	must(writer.Close())
}

func main() {
	which, broker, topic := os.Args[1], os.Args[2], os.Args[3]
	for _, of := range cases(os.Args[4]) {
		if which == "franz" {
			franz(broker, topic, of)
		} else {
			kafkaGo(broker, topic, of)
		}
	}
	fmt.Println("done")
	_, err := io.Copy(io.Discard, os.Stdin)
	must(err)
	os.Exit(0)
}
