//! Section 3.2: the upload server.

clauses! {
    "BUP-3.2-01" Should Server NotifyRequest
        "a server for plain uploads has the notification side of 3.3 and 3.4 as well";
    "BUP-3.2-02" Must Server NotifyRequest
        "a server for uploads with replies has the notification side of 3.3 and 3.4";
    "BUP-3.2.1.1-01" MustImplied Server AckFragment ["D18", "S19"]
        "a directory's MaximumUploadSize, a 64-bit number, limits the bytes of each upload";
    "BUP-3.2.1.1-02" Must Server NotifyRequest
        "a directory notifies in one of three ways: NONE, NOTIFICATION_BY_REFERENCE or NOTIFICATION_BY_VALUE";
    "BUP-3.2.1.1-03" MustNot Server NotifyRequest
        "a directory of type NONE passes no upload on to an application";
    "BUP-3.2.1.1-04" MustImplied Server CloseSession ["D7"]
        "a directory of type NONE has uploads end up where their URL points";
    "BUP-3.2.1.1-05" MustNot Server AckFragment
        "a directory of type NONE gives no replies";
    "BUP-3.2.1.1-06" Must Backend NotifyRequest ["D23"]
        "by reference, the application at the NotificationURL is told where on disk the upload lies";
    "BUP-3.2.1.1-07" Must Backend NotifyRequest
        "by value, the application at the NotificationURL is sent the upload itself as a body";
    "BUP-3.2.1.1-08" Must Server NotifyRequest
        "a directory that notifies has a NotificationURL";
    "BUP-3.2.1.1-09" MustImplied Server AckCreateSession ["S15"]
        "a directory's BITSHostId and BITSHostIdFallbackTimeout, if set, are what the Ack to CREATE-SESSION says";
    "BUP-3.2.1.1-10" MustImplied Server AnyRequest ["D3", "U16"]
        "AllowOverwrites settles whether an upload can take the place of an existing file";
    "BUP-3.2.1.3.1-01" MustImplied Server CreateSession
        "each session is kept apart from the others under its own id";
    "BUP-3.2.1.4-01" ProductNote Server Fragment ["S11"]
        "Windows notes that all bytes are in, to make up for a notification that failed";
    "BUP-3.2.2.1-01" MustImplied Server Any ["U18"]
        "a session lives until no message has succeeded in it for the session timeout";
    "BUP-3.2.2.1-02" May Server Any
        "a directory may have a session timeout of its own";
    "BUP-3.2.2.1-03" ProductNote Server Any
        "sessions time out after 14 days (1,209,600 s) by default, and any positive time will do";
    "BUP-3.2.3-01" Must Server AnyRequest
        "a starting server listens for uploads on its port, sharing a listener that is there already";
    "BUP-3.2.4.1-01" Must Server AnyRequest
        "a directory with uploads switched on takes them below its URL prefix";
    "BUP-3.2.4.2-01" Must Server AnyRequest
        "switching uploads off throws away the sessions of the directory";
    "BUP-3.2.4.2-02" Must Server AnyRequest
        "switching uploads off makes the server deaf to them below the directory's prefix";
    "BUP-3.2.4.2-03" ProductNote Server AnyAck ["D25", "U12"]
        "Windows goes on to answer 501 with 0x80070005 when uploads were switched off, which the protocol leaves open";
    "BUP-3.2.5.1.1-01" MustImplied Server CreateSession ["D10"]
        "a CREATE-SESSION that fails any of its tests begins no session";
    "BUP-3.2.5.1.1-02" MustImplied Server Fragment ["U3"]
        "a session begins empty and without error, wants byte 0 and means to publish its file";
    "BUP-3.2.5.1.2-01" MustImplied Server CloseSession ["D9", "S12"]
        "CLOSE-SESSION ends a session that is still receiving fragments";
    "BUP-3.2.5.1.2-02" MustImplied Server CancelSession
        "CANCEL-SESSION drops a session that is still receiving fragments";
    "BUP-3.2.5.1.2-03" MustImplied Server Fragment
        "a session that is receiving judges each fragment by the state, message and fragment rules";
    "BUP-3.2.5.1.2-04" MustImplied Server Fragment ["S10", "S11"]
        "a fragment that comes after the application's answer is served from what was kept of it";
    "BUP-3.2.5.1.2-05" MustImplied Server Fragment ["S11"]
        "a fragment that comes when all bytes are in starts another notification";
    "BUP-3.2.5.1.2-06" MustImplied Server Fragment
        "the fragment that completes an upload is acknowledged after the application was called";
    "BUP-3.2.5.1.2-07" MustImplied Server AckFragment
        "a fragment before the last is acknowledged with the offset after it, and more may follow";
    "BUP-3.2.5.1.3-01" MustImplied Server NotifyRequest
        "once complete, an upload is announced with its destination URL and the path of its data";
    "BUP-3.2.5.1.3-02" May Server NotifyRequest
        "the announcement may bring the directory's notification type and URL along";
    "BUP-3.2.5.1.3-03" MustImplied Server AckFragment
        "when the application cannot be called, the last fragment fails and the session wants it again";
    "BUP-3.2.5.1.3-04" MustImplied Server AckFragment
        "when the application's answer does not come through, the last fragment fails and the session wants it again";
    "BUP-3.2.5.1.3-05" MustImplied Server AckFragment
        "when the application refuses or makes no sense, the last fragment fails and the session wants it again";
    "BUP-3.2.5.1.3-06" MustImplied Server AckFragment ["D1", "S6", "U17"]
        "an error code from the application's side makes the context 0x7";
    "BUP-3.2.5.1.3-07" MustImplied Server AckFragment
        "a static reply is not the server's to delete, so its path is forgotten";
    "BUP-3.2.5.1.3-08" MustImplied Server AckFragment ["S16"]
        "after a good notification the last Ack has the reply URL, and only the close is awaited";
    "BUP-3.2.5.1.4-01" MustImplied Server CloseSession
        "CLOSE-SESSION completes a session whose bytes are all in";
    "BUP-3.2.5.1.4-02" MustImplied Server AnyAck ["D8", "S8", "U5"]
        "anything but a close is answered by its type and leaves a finished upload as it is";
    "BUP-3.2.5.1.5-01" MustImplied Server CloseSession
        "a CLOSE-SESSION that fails any of its tests puts no file at the destination";
    "BUP-3.2.5.1.5-02" MustImplied Server CloseSession
        "a completed session that is to be copied fills its destination with the uploaded bytes";
    "BUP-3.2.5.1.5-03" MustImplied Server CloseSession ["D19", "U5", "U6"]
        "a completed session is known no more";
    "BUP-3.2.5.1.6-01" MustImplied Server CancelSession ["S18"]
        "a CANCEL-SESSION has to pass all of its tests";
    "BUP-3.2.5.2.1-01" Must Server AnyAck ["S17"]
        "an answer without BITS headers is still a response by RFC 2616 section 6";
    "BUP-3.2.5.2.1-02" Should Server AnyAck
        "an answer without BITS headers has an empty body";
    "BUP-3.2.5.2.2-01" MustImplied Server CreateSession ["U3", "U4"]
        "CREATE-SESSION adds a session of its own to those that are active";
    "BUP-3.2.5.2.2-02" MustImplied Server AckPing ["S3"]
        "PING gets its answer without any session being looked up";
    "BUP-3.2.5.2.2-03" MustImplied Server AnyRequest
        "every other message reaches the session that its id names";
    "BUP-3.2.5.2.2-04" MustImplied Server AnyAck ["U11"]
        "a message that cannot be sorted or placed is told so by an error";
    "BUP-3.2.5.2.3-01" Must Server AnyAck ["S7"]
        "a message that fails the common tests gets an Ack of its own kind, unless it is a PING";
    "BUP-3.2.5.2.3-02" Must Server AnyRequest ["D1", "S6", "U17"]
        "breaking a rule of 2.2 costs a message 400, 0x80070057 and context 0x5";
    "BUP-3.2.5.2.3-03" Must Server AnyRequest ["U12"]
        "whoever uploads has to have the right to write at the destination";
    "BUP-3.2.5.2.3-04" Must Server AnyAck
        "a sender without that right gets 403, 0x80070005 and context 0x5";
    "BUP-3.2.5.2.3-05" Must Server AnyRequest ["U8"]
        "a message that lacks Content-Length is not accepted";
    "BUP-3.2.5.2.3-06" Should Server AnyAck ["S4"]
        "a message that lacks Content-Length gets 411, 0x80070057 and context 0x5";
    "BUP-3.2.5.2.3-07" ProductNote Server AnyAck ["S4"]
        "Windows gives 400 rather than 411 to a message that lacks Content-Length";
    "BUP-3.2.5.2.3-08" Must Server AnyRequest ["U14"]
        "a message other than CREATE-SESSION has to name an active session";
    "BUP-3.2.5.2.3-09" Must Server AnyAck ["D12"]
        "a message that names no active session is turned away with 500, 0x8020001F and context 0x5";
    "BUP-3.2.5.2.3-10" MustImplied Server AnyRequest ["D21", "U11"]
        "a message is acted upon by its packet type only when all common tests are passed";
    "BUP-3.2.5.2.4-01" Must Server CreateSession ["D14"]
        "CREATE-SESSION has to offer a protocol that the server speaks";
    "BUP-3.2.5.2.4-02" Must Server AckCreateSession
        "CREATE-SESSION without a shared protocol gets 400, 0x80070057 and context 0x5";
    "BUP-3.2.5.2.4-03" Must Server AckCreateSession ["D6"]
        "each session gets a GUID made for it, and keeps it";
    "BUP-3.2.5.2.4-04" Should Server Fragment
        "uploaded bytes wait in a place of their own before the destination is touched";
    "BUP-3.2.5.2.4-05" ProductNote Server Fragment
        "Windows collects the fragments in a file on the server until it has them all";
    "BUP-3.2.5.2.4-06" Should Server AckCreateSession ["D17", "S15"]
        "the Ack to CREATE-SESSION has the directory's host id and fallback timeout";
    "BUP-3.2.5.2.4-07" ProductNote Server AckCreateSession
        "Windows announces host id and fallback timeout wherever they are set";
    "BUP-3.2.5.2.4-08" Must Server AckCreateSession ["D2"]
        "CREATE-SESSION gets the Ack of 2.2.3, be it good or bad";
    "BUP-3.2.5.2.5-01" Must Server AckPing ["U12"]
        "PING gets 200 in the Ack of 2.2.5 and changes nothing";
    "BUP-3.2.5.2.6-01" Must Server AckFragment ["D5", "S11"]
        "a fragment that starts before or behind the wanted byte gets 416";
    "BUP-3.2.5.2.6-02" Must Server AckFragment ["S6"]
        "a 416 tells in BITS-Received-Content-Range where to go on";
    "BUP-3.2.5.2.6-03" Must Server Fragment ["D22", "U19"]
        "RFC 2616 14.16 decides what a Content-Range means";
    "BUP-3.2.5.2.6-04" Must Server AckFragment ["U13"]
        "a Content-Range against RFC 2616 14.16 gets 400, 0x80070057 and context 0x5";
    "BUP-3.2.5.2.6-05" Must Server AckFragment ["D11"]
        "FRAGMENT gets the Ack of 2.2.7, be it good or bad";
    "BUP-3.2.5.2.6-06" Must Server AckFragment
        "a fragment that failed behind the server, in the back-end client, gets context 0x7";
    "BUP-3.2.5.2.7-01" Must Server CloseSession ["D7"]
        "a close brings the uploaded file to its destination";
    "BUP-3.2.5.2.7-02" Must Server CloseSession
        "a close removes the working copy and all that the server knew of the session";
    "BUP-3.2.5.2.7-03" Must Server AckCloseSession
        "a close whose uploaded data is gone gets 404 in the Ack of 2.2.9";
    "BUP-3.2.5.2.7-04" Must Server CloseSession
        "a close removes the reply that the back-end client told of";
    "BUP-3.2.5.2.7-05" Must Server AckCloseSession ["D11"]
        "CLOSE-SESSION gets the Ack of 2.2.9";
    "BUP-3.2.5.2.8-01" Must Server CancelSession ["D8", "S8"]
        "a cancel removes the uploaded data, the reply and all that the server knew of the session";
    "BUP-3.2.5.2.8-02" Must Server CancelSession ["S8"]
        "a cancel removes the reply that the back-end client told of";
    "BUP-3.2.5.2.8-03" Must Server AckCancelSession ["D11", "S2"]
        "CANCEL-SESSION gets the Ack of 2.2.11";
    "BUP-3.2.6.1-01" Must Server Any
        "a session that times out takes its data with it and is known no more";
    "BUP-3.2.6.1-02" ProductNote Server AckFragment
        "with a short session timeout a reply can be gone before it was downloaded";
    "BUP-3.2.7-01" May Server Any
        "a server may give up sessions by itself, for want of room or under attack";
    "BUP-3.2.7-02" Must Server Any
        "a session that was given up is cleared away like one that timed out";
    "BUP-3.2.7-03" ProductNote Server Any
        "administrators of Windows Server 2003 cannot limit the sessions of an account or certificate";
}
