import Testing

@testable import AgentRunner

struct ConfigurationTests {
    private let good = [
        "SWIFTLET_GATEWAY_URL": "https://10.0.0.1:8443", "SWIFTLET_TOKEN_FILE": "/t",
        "SWIFTLET_WORK_DIR": "/w", "SWIFTLET_POD_NAME": "p", "SWIFTLET_POD_NAMESPACE": "n",
        "SWIFTLET_SLOTS": "3", "SWIFTLET_GATEWAY_SERVER_NAME": "gateway.swiftlet.svc",
    ]

    @Test func `a whole environment configures`() throws {
        let configuration = try RunnerConfiguration(environment: good)
        #expect(configuration.slots == 3)
        #expect(configuration.gateway.url == "https://gateway.swiftlet.svc:8443")
        #expect(configuration.gateway.dnsOverride == ["gateway.swiftlet.svc": "10.0.0.1"])
    }

    @Test(arguments: [
        "SWIFTLET_GATEWAY_URL", "SWIFTLET_TOKEN_FILE", "SWIFTLET_WORK_DIR", "SWIFTLET_POD_NAME",
        "SWIFTLET_POD_NAMESPACE",
    ])
    func `a missing variable is named in one line`(name: String) {
        var environment = good
        environment[name] = nil
        let error = #expect(throws: RunnerConfiguration.ConfigurationError.self) {
            try RunnerConfiguration(environment: environment)
        }
        #expect(error?.description.contains(name) == true)
        #expect(error?.description.contains("\n") == false)
    }

    @Test(arguments: [
        ("SWIFTLET_SLOTS", "0"), ("SWIFTLET_SLOTS", "many"), ("SWIFTLET_SLOTS", "65"),
        ("SWIFTLET_WORK_DIR", "relative"), ("SWIFTLET_DRAIN_SECONDS", "-1"),
        ("SWIFTLET_GATEWAY_URL", "http://10.0.0.1:80"), ("SWIFTLET_GATEWAY_URL", "ftp://x"),
        ("SWIFTLET_GATEWAY_URL", "https://"), ("SWIFTLET_GATEWAY_URL", "https://h:0"),
        ("SWIFTLET_GATEWAY_URL", "https://h:99999"), ("SWIFTLET_GATEWAY_URL", "https://h/path"),
        ("SWIFTLET_GATEWAY_URL", "https://u@h:1"), ("SWIFTLET_GATEWAY_URL", "https://[::1"),
        ("SWIFTLET_GATEWAY_SERVER_NAME", "a/b"),
    ])
    func `a bad value is refused`(name: String, value: String) {
        var environment = good
        environment[name] = value
        #expect(throws: RunnerConfiguration.ConfigurationError.self) {
            try RunnerConfiguration(environment: environment)
        }
    }

    @Test(arguments: [
        ("https://10.0.0.1:8443/", "https://10.0.0.1:8443"), ("https://h", "https://h"),
        ("http://127.0.0.1:1", "http://127.0.0.1:1"), ("https://[::1]:9", "https://[::1]:9"),
        ("http://[::1]:9", "http://[::1]:9"),
    ])
    func `addresses are understood`(text: String, url: String) {
        #expect(GatewayAddress(text)?.url == url)
    }
}
