export { type Connection, type ConnectionsResult, parseConnections } from "./connections-file.ts";
export { type ConnectionStatus, Connector, type ConnectorOptions, type SignalStatus } from "./connector.ts";
export { gatewayReceiver, type Receiver, type RefusedDelivery } from "./delivery.ts";
export { certificatesFolder, type KnownCertificate, knownCertificates, trust } from "./opcua/trust.ts";
export { type ShdrConfiguration, type ShdrEvent, ShdrReader } from "./shdr/shdr-reader.ts";
export type { Observation, Received } from "./port.ts";
export { browse, type BrowseOptions } from "./browse/browse.ts";
export { draftOf, type DraftedMachine } from "./browse/draft.ts";
export type { Seen } from "./browse/seen.ts";
