//! Sections 2.2.8 to 2.2.11: CLOSE-SESSION, CANCEL-SESSION and their Acks.

clauses! {
    "BUP-2.2.8-01" Must Client CloseSession
        "the client closes its session once the upload has succeeded";
    "BUP-2.2.8-02" Should Server CloseSession
        "a close leaves nothing of the session behind, not even its reply URL";
    "BUP-2.2.8.1-01" Must Client CloseSession
        "CLOSE-SESSION says Content-Length: 0";
    "BUP-2.2.8.2-01" Must Client CloseSession
        "the request that closes a session has the packet type CLOSE-SESSION";
    "BUP-2.2.8.3-01" MustNot Client CloseSession
        "CLOSE-SESSION has an empty body";
    "BUP-2.2.9-01" Must Server AckCloseSession
        "a close is acknowledged when everything the session held has been let go, not earlier";
    "BUP-2.2.9.1-01" Must Server AckCloseSession
        "the Ack to CLOSE-SESSION says Content-Length: 0";
    "BUP-2.2.9.2-01" Must Server AckCloseSession
        "the answer to CLOSE-SESSION has the packet type Ack";
    "BUP-2.2.9.2-02" Must Server AckCloseSession ["D11"]
        "the Ack to CLOSE-SESSION names its session when the status is 200";
    "BUP-2.2.9.2-03" Must Server AckCloseSession ["D1", "S6"]
        "a failed CLOSE-SESSION is told its error in BITS-Error";
    "BUP-2.2.9.2-04" MustNot Server AckCloseSession
        "a successful CLOSE-SESSION is told no error";
    "BUP-2.2.9.2-05" Must Server AckCloseSession
        "a failed CLOSE-SESSION is told its error context";
    "BUP-2.2.9.2-06" MustNot Server AckCloseSession
        "a successful CLOSE-SESSION is told no error context";
    "BUP-2.2.9.3-01" MustNot Server AckCloseSession
        "the Ack to CLOSE-SESSION has an empty body";
    "BUP-2.2.10-01" Must Client CancelSession ["D8"]
        "a cancel stops the upload and has its session removed";
    "BUP-2.2.10.1-01" Must Client CancelSession
        "CANCEL-SESSION says Content-Length: 0";
    "BUP-2.2.10.2-01" Must Client CancelSession
        "the request that cancels a session has the packet type CANCEL-SESSION";
    "BUP-2.2.10.3-01" MustNot Client CancelSession
        "CANCEL-SESSION has an empty body";
    "BUP-2.2.11-01" Must Server AckCancelSession
        "a cancel is acknowledged when everything the session held has been let go, not earlier";
    "BUP-2.2.11.1-01" Must Server AckCancelSession
        "the Ack to CANCEL-SESSION says Content-Length: 0";
    "BUP-2.2.11.2-01" Must Server AckCancelSession ["S2"]
        "the answer to CANCEL-SESSION has the packet type Ack";
    "BUP-2.2.11.2-02" Must Server AckCancelSession ["D11"]
        "the Ack to CANCEL-SESSION names its session when the status is 200";
    "BUP-2.2.11.2-03" Must Server AckCancelSession ["D1", "S6"]
        "a failed CANCEL-SESSION is told its error in BITS-Error";
    "BUP-2.2.11.2-04" MustNot Server AckCancelSession
        "a successful CANCEL-SESSION is told no error";
    "BUP-2.2.11.2-05" Must Server AckCancelSession
        "a failed CANCEL-SESSION is told its error context";
    "BUP-2.2.11.2-06" MustNot Server AckCancelSession
        "a successful CANCEL-SESSION is told no error context";
    "BUP-2.2.11.3-01" MustNot Server AckCancelSession
        "the Ack to CANCEL-SESSION has an empty body";
}
