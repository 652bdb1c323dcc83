//! Sections 2.2.2 to 2.2.5: CREATE-SESSION, PING and their Acks.

clauses! {
    "BUP-2.2.2.1-01" Should Client CreateSession ["D15"]
        "CREATE-SESSION tells the file name in Content-Name";
    "BUP-2.2.2.1-02" Must Client CreateSession
        "CREATE-SESSION says Content-Length: 0";
    "BUP-2.2.2.2-01" Must Client CreateSession
        "the request that opens a session has the packet type CREATE-SESSION";
    "BUP-2.2.2.2-02" Must Both CreateSession ["D14"]
        "offered protocols are GUIDs with spaces or commas between them";
    "BUP-2.2.2.2-03" Must Client CreateSession
        "offered protocols stand in the client's order of preference";
    "BUP-2.2.2.2-04" Must Both CreateSession
        "CREATE-SESSION offers its protocols in BITS-Supported-Protocols";
    "BUP-2.2.2.2-05" ProductNote Server CreateSession
        "Windows looks at the first 100 offered protocols";
    "BUP-2.2.2.3-01" MustNot Client CreateSession
        "CREATE-SESSION has an empty body";
    "BUP-2.2.3.1-01" ProductNote Server AckCreateSession ["D20"]
        "Accept-Encoding tells which content codings fragments may have, on Windows identity";
    "BUP-2.2.3.1-02" Must Server AckCreateSession
        "the Ack to CREATE-SESSION says Content-Length: 0";
    "BUP-2.2.3.2-01" Must Server AckCreateSession ["D2"]
        "a successful Ack to CREATE-SESSION tells the GUID of the protocol that was chosen";
    "BUP-2.2.3.2-02" MustNot Server AckCreateSession
        "a failed CREATE-SESSION is told no protocol";
    "BUP-2.2.3.2-03" Must Server AckCreateSession ["D10"]
        "the Ack to CREATE-SESSION tells the session id, unless no session came about";
    "BUP-2.2.3.2-04" Must Server AckCreateSession ["H1"]
        "BITS-Host-Id holds what RFC 1738 section 5 calls a host or RFC 2373 appendix B an IPv6address";
    "BUP-2.2.3.2-05" Must Server AckCreateSession ["D17"]
        "a directory with another upload host configured announces it in BITS-Host-Id";
    "BUP-2.2.3.2-06" MustNot Server AckCreateSession ["H2"]
        "a directory without another upload host announces none";
    "BUP-2.2.3.2-07" Must Server AckCreateSession ["D17"]
        "a directory with another upload host tells in seconds when to fall back from it";
    "BUP-2.2.3.2-08" MustNot Server AckCreateSession ["S15"]
        "a directory without another upload host tells no fallback timeout";
    "BUP-2.2.3.2-09" Must Client AnyRequest
        "from the Ack on, the client names the session in every message";
    "BUP-2.2.3.2-10" Must Client AnyRequest
        "the client turns to the host in BITS-Host-Id instead of the one in its URL";
    "BUP-2.2.3.2-11" Must Client AnyRequest ["D16"]
        "the client returns to the origin server when nothing got through for the fallback time";
    "BUP-2.2.3.2-12" Must Server AckCreateSession
        "the answer to CREATE-SESSION has the packet type Ack";
    "BUP-2.2.3.2-13" Must Server AckCreateSession ["D1", "S6"]
        "a failed CREATE-SESSION is told its error in BITS-Error";
    "BUP-2.2.3.2-14" MustNot Server AckCreateSession
        "a successful CREATE-SESSION is told no error";
    "BUP-2.2.3.2-15" Must Server AckCreateSession
        "a failed CREATE-SESSION is told its error context";
    "BUP-2.2.3.2-16" MustNot Server AckCreateSession
        "a successful CREATE-SESSION is told no error context";
    "BUP-2.2.3.3-01" MustNot Server AckCreateSession
        "the Ack to CREATE-SESSION has an empty body";
    "BUP-2.2.4-01" May Client Ping
        "a client may try the announced host with a PING";
    "BUP-2.2.4-02" Should Client Ping
        "a client that expects to authenticate its connection opens it with a PING";
    "BUP-2.2.4.1-01" Must Client Ping
        "PING says Content-Length: 0";
    "BUP-2.2.4.2-01" Must Client Ping
        "the request that tries a server has the packet type PING";
    "BUP-2.2.4.3-01" MustNot Client Ping
        "PING has an empty body";
    "BUP-2.2.5.1-01" Must Server AckPing
        "the Ack to PING says Content-Length: 0";
    "BUP-2.2.5.2-01" Must Server AckPing
        "the answer to PING has the packet type Ack";
    "BUP-2.2.5.2-02" Must Server AckPing ["D1", "S6"]
        "a failed PING is told its error in BITS-Error";
    "BUP-2.2.5.2-03" MustNot Server AckPing
        "a successful PING is told no error";
    "BUP-2.2.5.2-04" Must Server AckPing
        "a failed PING is told its error context";
    "BUP-2.2.5.2-05" MustNot Server AckPing
        "a successful PING is told no error context";
    "BUP-2.2.5.3-01" MustNot Server AckPing
        "the Ack to PING has an empty body";
}
