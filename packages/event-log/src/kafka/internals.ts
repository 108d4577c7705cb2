/**
 * The insides of kafkajs 2.2.4 that this adapter uses, and nothing else of them. That version is the last and pinned, so
 * they do not change; another version is refused. Six things cannot be had from outside:
 *
 * - waiting before a member rejoins its group;
 * - reading record sets without an object for each record;
 * - receiving answers without new memory for each;
 * - sending a request without copying it twice;
 * - idling without a timer each millisecond;
 * - knowing of topics while one of them is gone.
 */
import { createRequire } from "node:module";
import type { Assigner } from "kafkajs";
import { LogError } from "../error.ts";
import { AnswerBuffer, type Connection } from "./answer-buffer.ts";

const require = createRequire(import.meta.url);
const KNOWN_VERSION = "2.2.4";

/** A kafkajs error has a name and, when a broker answered it, the protocol's type. */
export interface ClientError extends Error {
  readonly type?: string;
  readonly retriable?: boolean;
  readonly host?: string;
  readonly port?: number;
}

export interface FetchPartition {
  readonly partition: number;
  readonly fetchOffset: string;
  readonly maxBytes: number;
}

interface ProtocolRequest<Answer> {
  readonly request: unknown;
  readonly response: { decode(payload: Buffer): Answer; parse(answer: Answer): Answer };
}

export interface Broker {
  readonly versions: Readonly<Record<number, { readonly maxVersion: number }>> | null;
  readonly connectionPool: {
    readonly host: string;
    readonly port: number;
    send<Answer>(request: ProtocolRequest<Answer>): Promise<Answer>;
  };
  disconnect(): Promise<void>;
  heartbeat(of: { groupId: string; groupGenerationId: number; memberId: string }): Promise<unknown>;
  leaveGroup(of: { groupId: string; memberId: string }): Promise<unknown>;
  describeGroups(of: { groupIds: readonly string[] }): Promise<{
    groups: readonly {
      readonly state: string;
      readonly members: readonly { readonly memberId: string; readonly memberMetadata: Buffer }[];
    }[];
  }>;
  listOffsets(request: {
    replicaId: number;
    isolationLevel: number;
    topics: readonly { topic: string; partitions: readonly { partition: number; timestamp: number }[] }[];
  }): Promise<{
    responses: readonly {
      topic: string;
      partitions: readonly { partition: number; errorCode: number; offset: string }[];
    }[];
  }>;
  offsetCommit(request: OffsetCommit): Promise<unknown>;
  offsetFetch(request: {
    groupId: string;
    topics: readonly { topic: string; partitions: readonly { partition: number }[] }[];
  }): Promise<{
    responses: readonly {
      topic: string;
      partitions: readonly { partition: number; offset: string; metadata: string | null }[];
    }[];
  }>;
}

export interface OffsetCommit {
  readonly groupId: string;
  readonly groupGenerationId: number;
  readonly memberId: string;
  readonly topics: readonly {
    readonly topic: string;
    readonly partitions: readonly { readonly partition: number; readonly offset: string; readonly metadata: string }[];
  }[];
}

export interface Cluster {
  connect(): Promise<void>;
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>;
  refreshMetadata(): Promise<void>;
  refreshMetadataIfNecessary(): Promise<void>;
  removeBroker(at: { host: string; port: number }): void;
  findBroker(of: { nodeId: string }): Promise<Broker>;
  findGroupCoordinator(of: { groupId: string }): Promise<Broker>;
  findTopicPartitionMetadata(topic: string): readonly { readonly partitionId: number; readonly leader: number }[];
  fetchTopicsOffset(
    topics: readonly { topic: string; partitions: readonly { partition: number }[]; fromBeginning: boolean }[],
  ): Promise<readonly { topic: string; partitions: readonly { partition: number; offset: string }[] }[]>;
}

interface TopicMetadata {
  readonly topic: string;
  readonly topicErrorCode: number;
}

interface BrokerInside extends Broker {
  metadata(topics?: readonly string[]): Promise<unknown>;
  lookupRequest(apiKey: number, requests: unknown): (asked: object) => ProtocolRequest<unknown>;
}

interface ClusterInside extends Cluster {
  readonly brokerPool: {
    readonly metadata: { readonly topicMetadata: readonly TopicMetadata[] } | null;
    createBroker(options: object): BrokerInside;
  };
}

/**
 * A client of kafkajs asks for the metadata of all topics that were ever named to it. Where one of them is gone, may not be seen or has a
 * partition without a leader, kafkajs throws the whole answer away. From now on it takes the answer: such a topic has no partitions,
 * or one whose leader is -1, and `topicProblem` says why.
 */
export function knowEachTopic(cluster: Cluster): void {
  const { brokerPool } = cluster as ClusterInside;
  const apiKeys = require("kafkajs/src/protocol/requests/apiKeys") as { readonly Metadata: number };
  const { requests } = require("kafkajs/src/protocol/requests") as {
    readonly requests: { readonly Metadata: unknown };
  };
  const create = brokerPool.createBroker.bind(brokerPool);
  brokerPool.createBroker = (options) => {
    const broker = create(options);
    broker.metadata = async (topics = []) => {
      const { request, response } = broker.lookupRequest(
        apiKeys.Metadata,
        requests.Metadata,
      )({ topics, allowAutoTopicCreation: false });
      const answer = broker.connectionPool.send({
        request,
        response: { decode: (payload) => response.decode(payload), parse: (told) => told },
      });
      return answer.catch(async (error: ClientError) => {
        if (error.name === "KafkaJSConnectionClosedError") await broker.disconnect();
        throw error;
      });
    };
    return broker;
  };
}

/** Why nothing is known of a topic that was named; `null`: something is, or it was not asked for yet. */
export function topicProblem(cluster: Cluster, topic: string): Error | null {
  const { metadata } = (cluster as ClusterInside).brokerPool;
  const code = metadata?.topicMetadata.find((of) => of.topic === topic)?.topicErrorCode ?? 0;
  return code === 0 ? null : protocolError(code);
}

/** What kafkajs throws for an error code that a broker answers with. */
export function protocolError(code: number): Error {
  const { createErrorFromCode } = require("kafkajs/src/protocol/error") as { createErrorFromCode(of: number): Error };
  return createErrorFromCode(code);
}

/** A member's side of the group protocol. */
export interface Membership {
  readonly cluster: Cluster;
  readonly coordinator: Broker | null;
  readonly groupId: string;
  readonly generationId: number | null;
  /** `null`: not a member, or not any more. */
  memberId: string | null;
  assigned(): readonly { topic: string; partitions: readonly number[] }[];
  pause(topics: readonly { topic: string }[]): void;
}

export interface JoinHooks {
  /** The group wants everyone to join again: what is assigned must be given back before this resolves. */
  beforeJoin(membership: Membership): Promise<void>;
  afterJoin(membership: Membership): void;
}

const hooksOf = new WeakMap<object, JoinHooks>();

/** Calls the hooks when the consumer that was made with this assigner joins its group. */
export function hookJoins(assigner: Assigner, hooks: JoinHooks): void {
  hooksOf.set(assigner, hooks);
}

interface ConsumerGroupInside extends Membership {
  readonly assigners: readonly object[];
  /** Epoch ms of the last heartbeat. */
  lastRequest: number;
}

interface RequestQueueInside {
  readonly throttledUntil: number;
  readonly pending: { readonly length: number };
}

let prepared = false;

/** Once a process, before a client is made. */
export function prepareClient(): void {
  if (prepared) return;
  const { version } = require("kafkajs/package.json") as { version: string };
  if (version !== KNOWN_VERSION) {
    throw new LogError("OEE_LOG_CLIENT_VERSION", `kafkajs ${version} is installed, expected ${KNOWN_VERSION}`);
  }
  waitBeforeJoining();
  beatWhateverTheClock();
  idleQuietly();
  receiveInPlace();
  sendInPlace();
  prepared = true;
}

function waitBeforeJoining(): void {
  const { prototype } = require("kafkajs/src/consumer/consumerGroup") as {
    prototype: { joinAndSync(this: ConsumerGroupInside): Promise<void> };
  };
  const join = prototype.joinAndSync;
  prototype.joinAndSync = async function joinAndSync() {
    const hooks = this.assigners.map((assigner) => hooksOf.get(assigner)).find((each) => each !== undefined);
    await hooks?.beforeJoin(this);
    await join.call(this);
    hooks?.afterJoin(this);
  };
}

/** kafkajs waits for the next heartbeat by the clock of the system: one set back would have the group lose its member. */
function beatWhateverTheClock(): void {
  const { prototype } = require("kafkajs/src/consumer/consumerGroup") as {
    prototype: { heartbeat(this: ConsumerGroupInside, at: { interval: number }): Promise<void> };
  };
  const beat = prototype.heartbeat;
  prototype.heartbeat = function heartbeat(at) {
    if (this.lastRequest > Date.now()) this.lastRequest = 0;
    return beat.call(this, at);
  };
}

/** kafkajs looks for throttled requests every millisecond, even when there is none. */
function idleQuietly(): void {
  const { prototype } = require("kafkajs/src/network/requestQueue") as {
    prototype: { scheduleCheckPendingRequests(this: RequestQueueInside): void };
  };
  const schedule = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function scheduleCheckPendingRequests() {
    if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this);
  };
}

/** kafkajs keeps each piece that a socket reads and joins them: an answer to a fetch is put together where the last one was. */
function receiveInPlace(): void {
  const { prototype } = require("kafkajs/src/network/connection") as { prototype: Connection };
  const process = prototype.processData;
  const buffers = new WeakMap<object, AnswerBuffer>();
  prototype.processData = function processData(piece) {
    if (this.authHandlers !== null) {
      process.call(this, Buffer.from(piece));
      return;
    }
    let buffer = buffers.get(this.socket);
    if (buffer === undefined) buffers.set(this.socket, (buffer = new AnswerBuffer(FETCH.apiKey)));
    buffer.take(this, piece, (bytes) => process.call(this, bytes));
  };
}

/** Bytes before the body of a produce request for what kafkajs writes there: sizes and numbers (14), and the client's name. */
export const REQUEST_HEAD_BYTES = 512;

/** The body of a request, behind room for its head. It stands for one of kafkajs's encoders. */
class BehindRoom {
  readonly buf: Buffer;
  readonly start: number;

  constructor(buf: Buffer, start: number) {
    this.buf = buf;
    this.start = start;
  }

  get buffer(): Buffer {
    return this.buf.subarray(this.start);
  }

  size(): number {
    return this.buf.length - this.start;
  }

  /** With a head before it, which has room there. */
  behind(head: Buffer): BehindRoom {
    const start = this.start - head.length;
    head.copy(this.buf, start);
    return new BehindRoom(this.buf, start);
  }
}

interface EncoderInside {
  readonly buffer: Buffer;
  writeEncoder(value: unknown): unknown;
}

/** kafkajs copies a body behind its head, and both behind their size, into zeroed room of up to twice as much: where there is room before a body they are written into it. */
function sendInPlace(): void {
  const { prototype } = require("kafkajs/src/protocol/encoder") as { prototype: EncoderInside };
  const write = prototype.writeEncoder;
  prototype.writeEncoder = function writeEncoder(value) {
    const head = this.buffer;
    return value instanceof BehindRoom && head.length <= value.start ? value.behind(head) : write.call(this, value);
  };
}

/** An API of Kafka's protocol in the version that is spoken here. */
interface Api {
  readonly apiKey: number;
  readonly apiName: string;
  readonly apiVersion: number;
}

const PRODUCE: Api = { apiKey: 0, apiName: "Produce", apiVersion: 7 };
const FETCH: Api = { apiKey: 1, apiName: "Fetch", apiVersion: 11 };
const METADATA: Api = { apiKey: 3, apiName: "Metadata", apiVersion: 10 };

export interface FetchOptions {
  readonly maxWaitTime: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly topics: readonly { readonly topic: string; readonly partitions: readonly FetchPartition[] }[];
}

/** Sends a fetch; `decode` gets the bytes of the answer. kafkajs keeps fetches on a connection of their own. */
export function sendFetch<Answer>(
  broker: Broker,
  options: FetchOptions,
  decode: (payload: Buffer) => Answer,
): Promise<Answer> {
  checkVersion(broker, FETCH);
  const encode = require("kafkajs/src/protocol/requests/fetch/v11/request") as (options: object) => unknown;
  return broker.connectionPool.send({ request: encode({ ...options, replicaId: -1 }), response: responseOf(decode) });
}

/** Sends a produce request, whose body in `buffer` is preceded by `REQUEST_HEAD_BYTES`. */
export function sendProduce<Answer>(
  broker: Broker,
  buffer: Buffer,
  decode: (payload: Buffer) => Answer,
): Promise<Answer> {
  checkVersion(broker, PRODUCE);
  const request = { ...PRODUCE, encode: async () => new BehindRoom(buffer, REQUEST_HEAD_BYTES) };
  return broker.connectionPool.send({ request, response: responseOf(decode) });
}

/** Sends a request for metadata in a version that kafkajs does not know, its header's end included; `null`: nor does the broker. */
export async function sendMetadata<Answer>(
  broker: Broker,
  body: Buffer,
  decode: (payload: Buffer) => Answer,
): Promise<Answer | null> {
  if (newestOf(broker, METADATA) < METADATA.apiVersion) return null;
  const request = { ...METADATA, encode: async () => new BehindRoom(body, 0) };
  return broker.connectionPool.send({ request, response: responseOf(decode) });
}

/** What kafkajs does itself after requests that it sends: forgets a broker whose connection is gone. */
export async function forgetClosed(cluster: Cluster, broker: Broker, error: unknown): Promise<void> {
  if ((error as ClientError).name !== "KafkaJSConnectionClosedError") return;
  await broker.disconnect();
  const { host, port } = broker.connectionPool;
  cluster.removeBroker({ host, port });
}

function responseOf<Answer>(decode: (payload: Buffer) => Answer): ProtocolRequest<Answer>["response"] {
  return { decode, parse: (answer) => answer };
}

function newestOf({ versions }: Broker, { apiKey }: Api): number {
  return versions?.[apiKey]?.maxVersion ?? 0;
}

function checkVersion(broker: Broker, api: Api): void {
  const { apiName, apiVersion } = api;
  const newest = newestOf(broker, api);
  if (newest >= apiVersion) return;
  throw new LogError(
    "OEE_LOG_UNAVAILABLE",
    `the broker speaks ${apiName} up to ${newest}, expected ${apiVersion}: Kafka 2.3 or newer`,
  );
}
