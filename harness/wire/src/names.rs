//! The names of the headers that the protocol uses, as the traces of section 4 spell them.

/// The kind of message (2.2.1.2).
pub const PACKET_TYPE: &str = "BITS-Packet-Type";
/// The upload session (2.2.1.2).
pub const SESSION_ID: &str = "BITS-Session-Id";
/// The protocols that a client offers (2.2.2.2).
pub const SUPPORTED_PROTOCOLS: &str = "BITS-Supported-Protocols";
/// The protocol that the server chose (2.2.3.2).
pub const PROTOCOL: &str = "BITS-Protocol";
/// The host to send the rest of the upload to (2.2.3.2).
pub const HOST_ID: &str = "BITS-Host-Id";
/// Seconds after which a client returns to the first host (2.2.3.2).
pub const HOST_ID_FALLBACK_TIMEOUT: &str = "BITS-Host-Id-Fallback-Timeout";
/// The offset of the next byte wanted (2.2.7.2).
pub const RECEIVED_CONTENT_RANGE: &str = "BITS-Received-Content-Range";
/// Where the reply to an upload is found (2.2.7.2).
pub const REPLY_URL: &str = "BITS-Reply-URL";
/// An HRESULT (2.2.1.2).
pub const ERROR: &str = "BITS-Error";
/// The older reference's name for [`ERROR`] (D1).
pub const ERROR_CODE: &str = "BITS-Error-Code";
/// Where an error arose (2.2.1.2).
pub const ERROR_CONTEXT: &str = "BITS-Error-Context";
/// The destination of the upload that a notification is about (2.2.12.2).
pub const ORIGINAL_REQUEST_URL: &str = "BITS-Original-Request-URL";
/// Where the upload lies, for a notification by reference (D23).
pub const REQUEST_DATA_FILE: &str = "BITS-Request-DataFile-Name";
/// Where the reply is to be put, for a notification by reference (D23).
pub const RESPONSE_DATA_FILE: &str = "BITS-Response-DataFile-Name";
/// The other spelling of [`REQUEST_DATA_FILE`] (D23).
pub const REQUEST_DATA_ENTITY: &str = "BITS-Request-DataEntity-Name";
/// The other spelling of [`RESPONSE_DATA_FILE`] (D23).
pub const RESPONSE_DATA_ENTITY: &str = "BITS-Response-DataEntity-Name";
/// Where the server application has a reply that is no file of the server's (2.2.13.2).
pub const STATIC_RESPONSE_URL: &str = "BITS-Static-Response-URL";
/// Says that the application wants the upload at its destination (2.2.13.2).
pub const COPY_TO_DESTINATION: &str = "BITS-Copy-File-To-Destination";
/// Bytes in the body.
pub const CONTENT_LENGTH: &str = "Content-Length";
/// The place of a fragment in the entity.
pub const CONTENT_RANGE: &str = "Content-Range";
/// The name of the file on the client; servers do not use it.
pub const CONTENT_NAME: &str = "Content-Name";
/// The coding of a fragment's bytes.
pub const CONTENT_ENCODING: &str = "Content-Encoding";
/// The codings that a server takes.
pub const ACCEPT_ENCODING: &str = "Accept-Encoding";
/// HTTP's framing by chunks.
pub const TRANSFER_ENCODING: &str = "Transfer-Encoding";
/// HTTP's connection options.
pub const CONNECTION: &str = "Connection";
/// The server that a request is for.
pub const HOST: &str = "Host";
/// The headers of requests that have a usual spelling, in that spelling.
const SPELLED: [&str; 10] = [
    PACKET_TYPE,
    SESSION_ID,
    SUPPORTED_PROTOCOLS,
    CONTENT_RANGE,
    CONTENT_LENGTH,
    CONTENT_NAME,
    HOST,
    CONNECTION,
    "Accept",
    "User-Agent",
];

/// The usual spelling of `name`, if it is one of the headers that have one, in whatever letters.
#[must_use]
pub fn spelling(name: &str) -> Option<&'static str> {
    SPELLED.into_iter().find(|known| name.eq_ignore_ascii_case(known))
}

/// Whether `name` is one of the headers that have a usual spelling, in another one.
#[must_use]
pub fn is_respelled(name: &str) -> bool {
    spelling(name).is_some_and(|known| name != known)
}

/// Who a client says it is.
pub const AUTHORIZATION: &str = "Authorization";
/// What a server asks for before it does what a request says (401).
pub const WWW_AUTHENTICATE: &str = "WWW-Authenticate";
/// What a proxy asks for before it passes a request on (407).
pub const PROXY_AUTHENTICATE: &str = "Proxy-Authenticate";
/// The product that answered.
pub const SERVER: &str = "Server";

/// Names that most messages hold, as clients and servers spell them: [`Header`](super::Header) keeps these without memory of
/// their own. Which names are here makes no other difference.
pub(super) const COMMON: [&str; 31] = [
    PACKET_TYPE,
    SESSION_ID,
    CONTENT_RANGE,
    CONTENT_LENGTH,
    HOST,
    CONNECTION,
    "Accept",
    "User-Agent",
    SUPPORTED_PROTOCOLS,
    PROTOCOL,
    RECEIVED_CONTENT_RANGE,
    ERROR,
    ERROR_CONTEXT,
    SERVER,
    "Date",
    "Bits-Packet-Type",
    "Bits-Session-Id",
    "Bits-Protocol",
    "Bits-Received-Content-Range",
    "Bits-Error",
    "Bits-Error-Context",
    "Bits-Reply-Url",
    REPLY_URL,
    CONTENT_NAME,
    "Content-Type",
    "Last-Modified",
    "Accept-Ranges",
    "Etag",
    "ETag",
    TRANSFER_ENCODING,
    AUTHORIZATION,
];
