//! The older Win32 reference, in the order of its pages.

clauses! {
    "W32-bits-upload-protocol-01" Should Server AnyAck ["D13"]
        "a packet out of place is acknowledged all the same, with 400";
    "W32-ack-for-create-session-01" Must Server AckCreateSession ["D2"]
        "success of CREATE-SESSION shows as 200 or as 201";
    "W32-ack-for-create-session-02" Must Server AckCreateSession ["D4"]
        "CREATE-SESSION for a URL that does not exist gets 404";
    "W32-ack-for-create-session-03" Must Server AckCreateSession ["D3"]
        "CREATE-SESSION for a file that has to stay gets 409";
    "W32-ack-for-create-session-04" May Server AckCreateSession ["D6"]
        "a session id may be any text that HTTP can carry, up to 100 characters";
    "W32-ack-for-create-session-05" Must Server AnyAck ["D1", "U17"]
        "errors come as a hexadecimal BITS-Error-Code with context 0x5 or 0x7, and never with 200 or 201";
    "W32-ack-for-create-session-06" Must Server AckCreateSession ["D16", "D17", "S15"]
        "BITS-Host-Id needs the property to be set, and the fallback timeout needs BITS-Host-Id";
    "W32-ack-for-create-session-07" Must Server AckCreateSession ["D20"]
        "a failed CREATE-SESSION is told neither Accept-Encoding nor BITS-Protocol, as these need a 200 or 201";
    "W32-fragment-01" Must Server Fragment ["D5"]
        "of a fragment that begins in stored data the server writes what is new and keeps what it has";
    "W32-fragment-02" Must Server AckFragment ["D5"]
        "a fragment beyond the wanted byte gets 416, as the server holds one run of bytes only";
    "W32-fragment-03" MustNot Client Fragment ["D15", "D22"]
        "a client leaves out Content-Encoding, since servers take identity alone, and sends Content-Name with its first fragment only";
    "W32-ack-for-fragment-01" Must Server AckFragment
        "a range that ends at the total minus one completes the upload, and its Ack follows the application's answer and brings any reply URL";
    "W32-ack-for-fragment-02" Must Server AnyAck ["D24"]
        "an Ack tells the length of its body in Content-Length even if there is none";
    "W32-close-session-01" Must Server CloseSession ["D9", "S12"]
        "a close that comes too early throws the upload away, as there are no partial files";
    "W32-close-session-02" Must Server CloseSession
        "a close frees everything, temporary files and unread replies with it";
    "W32-cancel-session-01" Must Server Fragment ["D7"]
        "with its last fragment an upload is written to its destination and, if it awaits a reply, posted to the application";
    "W32-cancel-session-02" Must Server CancelSession ["D8", "S8"]
        "a cancel drops an unfinished upload, but of a finished one it drops the reply and leaves the file";
    "W32-ack-for-close-session-01" Must Client CloseSession ["D19", "U6"]
        "a client repeats a close or cancel on 500 to 599 other than BG_E_SESSION_NOT_FOUND, and on 100 to 499 does not";
    "W32-preventing-multiple-uploads-01" Must Server Fragment ["S11"]
        "a last fragment sent again because its Ack was lost is known as such, and the application gets the file again";
    "W32-bits-iis-extension-properties-01" Must Backend NotifyRequest ["U20"]
        "a notification goes over HTTP to a URL of up to 2,200 characters that takes on the destination's query and, if only a file name, its directory";
    "W32-notification-protocol-01" Must Server CloseSession
        "the server deletes no static reply and makes no folders on the way to a destination";
    "W32-handling-server-application-errors-01" Must Server AckFragment
        "an application succeeds with 200 only, and any other status is passed to the client in context 0x7";
    "W32-handling-server-application-errors-02" MustNot Server NotifyRequest
        "an upload that the application met with 403 is never posted to it again";
    "W32-setting-permissions-01" Must Server AnyAck
        "a directory with script or execute rights has every upload request refused with error 0x80200023";
    "W32-upload-limits-01" ProductNote Server Fragment
        "IIS 7 takes request bodies of up to 30,000,000 bytes unless set otherwise, and has no BITS headers in its refusal";
    "W32-http-requirements-01" Must Server Download
        "HEAD tells how large the file is";
    "W32-http-requirements-02" Must Server Download
        "GET serves ranges, with Content-Range and Content-Length in its answer";
    "W32-http-requirements-03" Must Server Download
        "a part among many ranges has Content-Range, Content-Type and 180 bytes of other headers at most";
    "W32-http-requirements-04" Must Server Download
        "no more than two line ends come between the header block and the first boundary";
    "W32-http-requirements-05" May Server Download
        "a server of HTTP/1.0 may do if HEAD and GET behave";
    "W32-http-requirements-06" Must Server Download
        "content made by a script can be downloaded only when the script knows Content-Range and Content-Length";
    "W32-file-transfer-consistency-01" Must Server Download
        "a file keeps its size and time stamp during a download, for they tell its versions apart";
}
