//! Sections 2.2.12 to 2.3: the notification of a server application, and download messages.

clauses! {
    "BUP-2.2.12-01" Must Backend NotifyRequest
        "where notification is switched on, by path or by content, the server application hears of each upload";
    "BUP-2.2.12-02" ProductNote Backend NotifyRequest ["S20"]
        "a notification is a POST in practice, whatever 2.2.1 says of BITS_POST";
    "BUP-2.2.12.1-01" Must Backend NotifyRequest
        "a notification's Content-Length counts the bytes of its body";
    "BUP-2.2.12.2-01" Must Backend NotifyRequest
        "a notification says where the upload goes in BITS-Original-Request-URL";
    "BUP-2.2.12.2-02" Must Backend NotifyRequest
        "BITS-Original-Request-URL holds the upload's destination as a complete http URL";
    "BUP-2.2.12.2-03" Must Backend NotifyRequest ["D23"]
        "a notification by reference tells the path of the uploaded data";
    "BUP-2.2.12.2-04" MustNot Backend NotifyRequest
        "a notification by value tells no path of the uploaded data";
    "BUP-2.2.12.2-05" Must Backend NotifyRequest ["D23"]
        "a notification by reference tells the path where the reply is to be put";
    "BUP-2.2.12.2-06" MustNot Backend NotifyRequest
        "a notification by value leaves out where a reply could be put";
    "BUP-2.2.12.3-01" Must Backend NotifyRequest
        "a notification by value has the uploaded data as its body";
    "BUP-2.2.12.3-02" MustNot Backend NotifyRequest
        "a notification that is not by value has an empty body";
    "BUP-2.2.13.1-01" Must Application NotifyResponse
        "a notification response's Content-Length counts the bytes of its body";
    "BUP-2.2.13.2-01" Must Application NotifyResponse
        "BITS-Static-Response-URL is a complete http URL within the client's reach";
    "BUP-2.2.13.2-02" Must Application NotifyResponse
        "an application that wants the upload put at its destination says BITS-Copy-File-To-Destination";
    "BUP-2.2.13.3-01" Must Application NotifyResponse
        "a response by value without a static URL has the reply as its body";
    "BUP-2.2.13.3-02" MustNot Application NotifyResponse ["S13"]
        "a response by reference, or with a static URL, has an empty body";
    "BUP-2.3-01" May Both Download
        "downloads may use HTTP/1.0 as well as HTTP/1.1";
    "BUP-2.3-02" Must Both Download
        "a download header is either understood as in RFC 2616 or passed over";
}
