import KubernetesCore
import PolicyEngine
import Testing

@Suite struct ContextTests {
    private func value(
        _ entries: String, _ expression: String, _ expected: String,
        lookup: @escaping @Sendable (PolicySurroundings.Lookup) -> PolicySurroundings.Answer = {
            _ in .unavailable("nothing to look up in")
        }
    ) throws -> Bool? {
        try KyvernoFixture.holds(
            "{key: \"{{ \(expression) }}\", operator: Equals, value: \(expected)}",
            context: "context:\n\(entries)", lookup: lookup)
    }

    @Test(
        arguments: [
            ("{value: 5}", "5", true), ("{value: {a: [1, x]}}", "{a: [1, x]}", true),
            ("{jmesPath: request.object.metadata.name}", "web", true),
            ("{value: {a: b}, jmesPath: a}", "b", true),
            ("{jmesPath: request.object.gone, default: d}", "d", true),
            ("{jmesPath: \"request.object.metadata.gone || `null`\", default: d}", "d", true),
            ("{value: {a: b}, jmesPath: c, default: d}", "d", true),
            ("{jmesPath: request.object.gone}", "x", nil),
            ("{default: d}", "d", true), ("{value: \"{{ request.operation }}\"}", "CREATE", true),
            ("{jmesPath: \"request.object.metadata.'{{ 'x' }}'\", default: d}", "d", true),
        ] as [(String, String, Bool?)])
    func `variables of a context`(_ variable: String, _ expected: String, _ holds: Bool?) throws {
        #expect(
            try value("- {name: v, variable: \(variable)}", "v", expected) == holds)
    }

    @Test func `an entry sees those before it, and no others`() throws {
        let entries = """
            - {name: first, variable: {value: 1}}
            - {name: second, variable: {jmesPath: "first", default: none}}
            - {name: third, variable: {jmesPath: "later", default: none}}
            - {name: later, variable: {value: 2}}
            """
        #expect(try value(entries, "second", "1") == true)
        #expect(try value(entries, "third", "none") == true)
    }

    @Test func `an entry is loaded when it is mentioned, and only then`() throws {
        let entries = """
            - {name: broken, variable: {jmesPath: "request.object.gone"}}
            - {name: fine, variable: {value: 1}}
            """
        #expect(try value(entries, "fine", "1") == true)
        #expect(try value(entries, "request.broken || 'x'", "x") == true)
        // Even where something would stand in for it, the failure shows.
        #expect(try value(entries, "broken || 'x'", "x") == nil)
    }

    private static let map: JSONValue = [
        "metadata": ["name": "m"], "data": ["key": "value"], "binaryData": ["x": "eA=="],
    ]

    @Test func `config maps come from the cluster, and what it cannot say is an error`() throws {
        let entries = "- {name: m, configMap: {name: \"m-{{ request.operation }}\", namespace: n}}"
        #expect(
            try value(entries, "m.data.key", "value") { lookup in
                lookup == .configMap(namespace: "n", name: "m-CREATE")
                    ? .found(Self.map) : .notFound
            } == true)
        #expect(try value(entries, "m.data.key", "value") { _ in .notFound } == nil)
        #expect(try value(entries, "m.data.key", "value") { _ in .unavailable("gone") } == nil)
        #expect(
            try value("- {name: m, configMap: {name: m}}", "m.data.key", "value") { lookup in
                lookup == .configMap(namespace: "default", name: "m") ? .found(Self.map) : .notFound
            } == true)
    }

    @Test func `calls are answered by lookups, and a default stands for what fails`() throws {
        let call = """
            - name: count
              apiCall:
                urlPath: "/api/v1/namespaces/{{ request.namespace }}/pods"
                jmesPath: "items | length(@)"
            """
        #expect(
            try value(call, "count", "2") { lookup in
                lookup == .apiCall(path: "/api/v1/namespaces/team-a/pods")
                    ? .found(["items": [1, 2]]) : .notFound
            } == true)
        #expect(try value(call, "count", "2") { _ in .unavailable("gone") } == nil)
        let fallback = call + "\n    default: 7"
        #expect(try value(fallback, "count", "7") { _ in .notFound } == true)
    }

    @Test func `global entries and images are looked up`() throws {
        let entries = """
            - {name: g, globalReference: {name: pods, jmesPath: "[0]"}}
            - {name: i, imageRegistry: {reference: nginx, jmesPath: configData.os}}
            """
        let lookup: @Sendable (PolicySurroundings.Lookup) -> PolicySurroundings.Answer = {
            switch $0 {
            case .globalContext("pods"): .found(["a"])
            case .image("nginx"): .found(["configData": ["os": "linux"]])
            default: .notFound
            }
        }
        #expect(try value(entries, "g", "a", lookup: lookup) == true)
        #expect(try value(entries, "i", "linux", lookup: lookup) == true)
    }

    @Test func `a policy of a namespace reads nothing of others`() throws {
        let policy = """
            apiVersion: kyverno.io/v1
            kind: Policy
            metadata: {name: p, namespace: team-a}
            spec:
              rules:
              - name: r
                match: {any: [{resources: {kinds: [Pod]}}]}
                context:
                - ENTRY
                validate: {message: "{{ x }}", deny: {conditions: {all: [{key: "{{ x }}",
                  operator: NotEquals, value: y}]}}}
            """
        for (entry, outcome) in [
            ("{name: x, configMap: {name: m, namespace: team-b}}", .error),
            ("{name: x, configMap: {name: m}}", .fail),
            ("{name: x, apiCall: {urlPath: /api/v1/nodes}}", .error),
            ("{name: x, apiCall: {urlPath: /api/v1/namespaces/team-a/pods}}", .fail),
        ] as [(String, PolicyResult.Outcome)] {
            let results = try KyvernoFixture.results(policy.replacing("ENTRY", with: entry)) { _ in
                .found(["data": ["k": "v"]])
            }
            #expect(results.first?.outcome == outcome, "\(entry)")
        }
    }

    @Test(
        arguments: [
            ("images.containers.main.registry", "ghcr.io"),
            ("images.containers.main.path", "acme/web"), ("images.containers.main.name", "web"),
            ("images.containers.main.tag", "\"1.2\""),
            ("images.containers.side.registry", "docker.io"),
            ("images.containers.side.path", "nginx"), ("images.containers.side.tag", "latest"),
            ("images.containers.side.reference", "docker.io/nginx:latest"),
            ("images.containers.side.jsonPointer", "/spec/containers/1/image"),
            ("images.initContainers || 'none'", "none"),
            ("images.containers.side.digest || 'none'", "none"),
        ])
    func `images are taken apart`(_ expression: String, _ expected: String) throws {
        #expect(
            try KyvernoFixture.holds(
                "{key: \"{{ \(expression) }}\", operator: Equals, value: \(expected)}") == true)
    }

    @Test(
        arguments: [
            ("localhost/a:1", "localhost/a:1"), ("a/b", "docker.io/a/b:latest"),
            ("reg:5000/a/b:c", "reg:5000/a/b:c"),
            (
                "a@sha256:0123456789abcdef0123456789abcdef",
                "docker.io/a@sha256:0123456789abcdef0123456789abcdef"
            ), ("A", nil), ("a:b:c", nil), ("a//b", nil), ("", "none"), ("-a", nil),
            ("a@sha256:12", nil), ("a b", nil),
        ] as [(String, String?)])
    func `image references follow their grammar`(_ image: String, _ reference: String?) throws {
        var request = try KyvernoFixture.request()
        request.object[path: ["spec", "containers"]] = [["name": "c", "image": .string(image)]]
        let text = reference ?? "unused"
        let holds = try KyvernoFixture.holds(
            "{key: \"{{ images.containers.c.reference || 'none' }}\", operator: Equals, "
                + "value: \"\(text)\"}", request)
        #expect(holds == (reference == nil ? nil : true))
    }

    @Test func `the service account that asks is known by its parts`() throws {
        let request = try KyvernoFixture.request(
            user: PolicyRequest.User(name: "system:serviceaccount:ci:ann"))
        #expect(
            try KyvernoFixture.holds(
                "{key: \"{{serviceAccountNamespace}}/{{serviceAccountName}}\", operator: Equals, "
                    + "value: ci/ann}", request) == true)
    }
}
