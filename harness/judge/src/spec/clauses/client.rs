//! Section 3.1: the upload client.

clauses! {
    "BUP-3.1.1.1-01" Must Client AnyRequest
        "the client passes on credentials in the very format of their authentication scheme";
    "BUP-3.1.1.2-01" Must Client AnyRequest
        "a new upload knows no host id and no reply URL and has a fallback value of 0xFFFFFFFF, so it begins at the URL's own host";
    "BUP-3.1.2.1-01" ProductNote Client AnyRequest
        "a client gives up sending a request after 2 minutes, unless set to another positive time";
    "BUP-3.1.2.2-01" ProductNote Client AnyAck
        "a client gives up waiting for an answer after 5 minutes, unless set to another positive time";
    "BUP-3.1.2.3-01" ProductNote Client AckCreateSession ["D16"]
        "a client stays with the host in BITS-Host-Id for ever (0xffffffff) unless told a positive number of seconds";
    "BUP-3.1.4.2-01" Must Client AnyRequest
        "a paused upload finishes the step that it is in and then rests";
    "BUP-3.1.4.3-01" MustImplied Client Ping
        "a resumed upload sends a PING before it goes on with its fragment";
    "BUP-3.1.4.4-01" MustImplied Client CancelSession ["D8", "S8"]
        "an upload can be cancelled in any state, and CANCEL-SESSION tells the server";
    "BUP-3.1.5.1.1-01" MustImplied Client Fragment
        "an upload sets out at offset 0 without session id, host id or reply URL";
    "BUP-3.1.5.1.2-01" MustImplied Client CreateSession
        "CREATE-SESSION goes to the host in BITS-Host-Id once there is one, and to the origin server before";
    "BUP-3.1.5.1.2-02" MustImplied Client AckCreateSession
        "the client keeps the session id, host id and fallback timeout that the Ack tells it";
    "BUP-3.1.5.1.2-03" MustImplied Client Ping
        "a client that was given a host id pings next, and any other begins with its data";
    "BUP-3.1.5.1.2-04" MustImplied Client Fragment ["D5"]
        "a session made anew inherits the client's offset, so its first fragment can start in the middle of the file";
    "BUP-3.1.5.1.3-01" MustImplied Client Ping
        "PING goes where the data will go, and data waits for its Ack";
    "BUP-3.1.5.1.4-01" May Client Fragment
        "a client may cut its file into fragments of any lengths, equal or not";
    "BUP-3.1.5.1.4-02" Must Client Fragment ["U9"]
        "a fragment's range ends at its start plus its length minus one";
    "BUP-3.1.5.1.4-03" MustImplied Client AckFragment
        "a client takes a 416 as news of the right offset and carries on";
    "BUP-3.1.5.1.4-04" MustImplied Client AckFragment
        "a client moves to the offset that the server wants, be it ahead or behind";
    "BUP-3.1.5.1.4-05" MustImplied Client AckFragment ["D16"]
        "any answer to a fragment that can be read winds the host fallback timer back";
    "BUP-3.1.5.1.4-06" MustImplied Client AckFragment ["S11"]
        "when the wanted offset is the file's size, the client downloads its reply if it was told a URL, and closes otherwise";
    "BUP-3.1.5.1.4-07" MustImplied Client Fragment ["U8"]
        "a client waits for the Ack to one fragment before it sends another";
    "BUP-3.1.5.1.5-01" MustImplied Client CloseSession
        "a client closes a finished upload and counts a close without Ack as failed";
    "BUP-3.1.5.1.7-01" MustImplied Client CreateSession
        "error 0x8020001F comes before any other reaction and leads to a new session";
    "BUP-3.1.5.1.7-02" MustImplied Client AnyRequest
        "a first 401 or 407 makes the client send the same message again with credentials";
    "BUP-3.1.5.1.7-03" MustImplied Client AnyRequest
        "a 401 or 407 in spite of credentials ends the attempt and is told to the caller";
    "BUP-3.1.5.1.7-04" MustImplied Client Fragment
        "after a 413 the client tries a shorter fragment from the same offset";
    "BUP-3.1.5.1.7-05" MustImplied Client AnyRequest
        "any other failure at an announced host starts the fallback timer if it is not running";
    "BUP-3.1.5.1.8-01" Must Client Download
        "a reply is downloaded before its session is closed";
    "BUP-3.1.5.1.8-02" MustImplied Client CloseSession
        "a reply that cannot be downloaded is an error and keeps the session from being closed";
    "BUP-3.1.5.2.1-01" Must Client AnyAck
        "a client answers 401 and 407 as RFC 2617 and RFC 2616 say";
    "BUP-3.1.5.2.1-02" Must Client AnyAck ["D3"]
        "a client does not try again after a 403 but tells its user that writing there is forbidden";
    "BUP-3.1.5.2.1-03" Must Client AnyAck ["D25"]
        "a client takes 501 with 0x80070005 as uploads switched off and tells its caller";
    "BUP-3.1.5.2.1-04" Must Client AnyAck ["D19"]
        "error 0x8020001F to anything but a cancel sends the client back to CREATE-SESSION";
    "BUP-3.1.5.2.1-05" Must Client AnyAck ["D18"]
        "a client takes 0x80200020 as a file beyond the directory's limit and tells its caller";
    "BUP-3.1.5.2.1-06" Must Client AnyAck
        "a client takes 0x80070057 as a fault in its own headers and tells its caller";
    "BUP-3.1.5.2.1-07" Must Client AnyAck
        "a client tells its caller of any failure that it has no rule for";
    "BUP-3.1.5.2.2-01" Must Client AckCreateSession
        "a client throws away an answer to CREATE-SESSION that is against 2.2.1 or 2.2.3";
    "BUP-3.1.5.2.2-02" Must Client AnyRequest
        "a 200 with BITS-Host-Id moves all further messages to that host";
    "BUP-3.1.5.2.2-03" Should Client Ping
        "a client finds out with a PING whether the announced host is there, before it sends data";
    "BUP-3.1.5.2.3-01" Must Client AckPing
        "a client throws away an answer to PING that is against 2.2.1 or 2.2.5, and takes 200 as success";
    "BUP-3.1.5.2.4-01" Must Client AckFragment ["D11"]
        "a client throws away an answer to FRAGMENT that is against 2.2.1 or 2.2.7";
    "BUP-3.1.5.2.4-02" Must Client AckFragment
        "a client tests the wanted offset of a 200 or a 416 and then adopts it";
    "BUP-3.1.5.2.4-03" Should Client Fragment
        "a client shortens its fragments for as long as it gets 413";
    "BUP-3.1.5.2.4-04" ProductNote Client Fragment
        "Windows sends up to 128 KB a fragment without BITS 2.5, 5 KB to 13 MB with it, and never less than 5 KB after a 413";
    "BUP-3.1.5.2.4-05" Must Server AckFragment
        "the answer to the fragment that completes an upload with a reply tells the reply URL";
    "BUP-3.1.5.2.4-06" Must Client AckFragment
        "a client that gets no reply URL with its last Ack, though it awaits a reply, tells of an error";
    "BUP-3.1.5.2.5-01" Must Client AckCloseSession
        "a client throws away an answer to CLOSE-SESSION that is against 2.2.1 or 2.2.9, and trusts a 200 that the session is gone";
    "BUP-3.1.5.2.6-01" Must Client AckCancelSession ["D21", "S2"]
        "a client throws away an answer to CANCEL-SESSION that is against 2.2.1 or 2.2.11, and trusts a 200 that the session is gone";
    "BUP-3.1.6.1-01" MustImplied Client AnyRequest ["U10"]
        "a client that cannot send in time drops the request, suspends the upload and tells of a timeout";
    "BUP-3.1.6.2-01" MustImplied Client AnyAck ["D5", "S11"]
        "a client that gets no answer in time drops the request, suspends the upload and tells of a timeout";
    "BUP-3.1.6.3-01" Must Client AnyRequest
        "a client whose fallback timer ran out turns back to the host of its URL for good";
}
