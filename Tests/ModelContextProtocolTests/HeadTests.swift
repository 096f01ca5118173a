import Testing

@testable import ModelContextProtocol

struct HeadTests {
    @Test(arguments: ["GET", "DELETE", "PUT", "OPTIONS", "post"])
    func `only POST is taken`(method: String) {
        let reply = MCPHead(method: method).refusal()
        #expect(reply?.status == 405)
        #expect(reply?.fields["allow"] == "POST")
    }

    @Test(arguments: ["http://evil.test", "null", "", "https://localhost:8443"])
    func `a browser is refused wherever it comes from`(origin: String) {
        #expect(MCPHead(origin: origin).refusal()?.status == 403)
        #expect(MCPHead(origin: origin).refusal(origins: [origin]) == nil)
    }

    @Test(
        arguments: [
            ("localhost", nil), ("localhost:8443", nil), ("127.0.0.1:1", nil), ("[::1]:1", nil),
            ("LOCALHOST", nil), (nil, nil), ("evil.test", 403), ("localhost.evil.test", 403),
            ("127.0.0.1.evil.test:80", 403), ("", 403), ("[evil]", 403), ("::1", 403),
            ("swiftlet-gateway:8443", nil), ("Swiftlet-Gateway", nil),
            ("swiftlet-gateway.evil.test", 403),
        ] as [(String?, Int?)])
    func `a server of this machine alone is called by no other name`(
        host: String?, status: Int?
    ) {
        let names = MCPHead.localNames.union(["swiftlet-gateway"])
        #expect(MCPHead(host: host).refusal(names: names)?.status == status)
        #expect(MCPHead(host: host).refusal() == nil)
    }

    @Test(
        arguments: [
            (nil, 415), ("text/plain", 415), ("application/jsonx", 415), ("application/json", nil),
            ("Application/JSON; charset=utf-8", nil),
        ] as [(String?, Int?)])
    func `the body has to be JSON`(type: String?, status: Int?) {
        #expect(MCPHead(contentType: type).refusal()?.status == status)
    }

    @Test(
        arguments: [
            (nil, nil), ("application/json, text/event-stream", nil), ("*/*", nil),
            ("text/event-stream, application/json;q=0.9", nil), ("text/html", 406), ("", 406),
        ] as [(String?, Int?)])
    func `the client has to take JSON`(accept: String?, status: Int?) {
        #expect(MCPHead(accept: accept).refusal()?.status == status)
    }

    @Test(
        arguments: [
            ("plain", "plain"), ("=?base64?aMOp?=", "hé"), ("=?base64?aGk=?=", "hi"),
            ("=?base64??=", ""), ("=?base64?aGk?=", nil), ("=?base64?aGl=?=", nil),
            ("=?base64?a===?=", nil), ("=?base64?/w==?=", nil), ("=?base64?", "=?base64?"),
        ] as [(String, String?)])
    func `wrapped headers are unwrapped, broken ones are nothing`(text: String, plain: String?) {
        #expect(MCPHead.unwrapped(text) == plain)
    }
}
