import APIServerModel
import KubernetesCore
import Testing

@Suite struct WriteTests {
    static let path = "/api/v1/namespaces/default/configmaps"

    @Test func `of writers with the same version exactly one wins`() {
        var test = TestServer()
        test.post(WriteTests.path, Make.configMap("a", data: ["n": "0"]))
        for round in 1...20 {
            let read = test.get(WriteTests.path + "/a").body
            var won = 0
            for writer in 0..<5 {
                var mine = read
                mine[path: ["data", "n"]] = .string("\(round)-\(writer)")
                let answer = test.put(WriteTests.path + "/a", mine)
                #expect(answer.status == 200 || answer.status == 409)
                if answer.status == 200 { won += 1 }
            }
            #expect(won == 1)
        }
    }

    @Test func `a write without a difference keeps the version`() {
        var test = TestServer()
        let made = test.post(WriteTests.path, Make.configMap("a", data: ["k": "v"]))
        let same = test.merge(WriteTests.path + "/a", ["data": ["k": "v"]])
        #expect(same.version == made.version)
        test.pass(seconds: 5)
        #expect(test.put(WriteTests.path + "/a", made.body).version == made.version)
    }

    @Test func `a dry run changes nothing`() {
        var test = TestServer()
        test.post(WriteTests.path, Make.configMap("a"))
        let before = test.server.resourceVersion
        #expect(
            test.send("POST", WriteTests.path + "?dryRun=All", Make.configMap("b")).status == 201)
        test.send(
            "PATCH", WriteTests.path + "/a?dryRun=All", ["data": ["k": "v"]],
            type: "application/merge-patch+json")
        test.send("DELETE", WriteTests.path + "/a?dryRun=All")
        #expect(test.server.resourceVersion == before)
        #expect(test.get(WriteTests.path + "/a").status == 200)
    }

    @Test func `applies conflict with updates of others, and force takes the field`() {
        var test = TestServer()
        test.send(
            "POST", WriteTests.path, Make.configMap("a", data: ["k": "1"]),
            headers: [("user-agent", "editor/1.0")])
        var wanted = Make.configMap("a", data: ["k": "2"])
        wanted[path: ["metadata", "labels"]] = nil
        let refused = test.apply(WriteTests.path + "/a", wanted, manager: "gitops")
        #expect(refused.status == 409)
        #expect(
            refused.message
                == "Apply failed with 1 conflict: conflict with \"editor\" using v1: .data.k")
        let forced = test.apply(WriteTests.path + "/a", wanted, manager: "gitops", force: true)
        #expect(forced.status == 200)
        #expect(forced.body[path: ["data", "k"]] == "2")
    }

    @Test func `unknown fields are warned about, refused or dropped in silence as asked`() {
        var test = TestServer()
        var odd = Make.configMap("a")
        odd["dta"] = ["k": "v"]
        let warned = test.send("POST", WriteTests.path, odd)
        #expect(warned.status == 201)
        #expect(warned.warnings == [#"299 - "unknown field \"dta\"""#])
        let refused = test.send("POST", WriteTests.path + "?fieldValidation=Strict", odd)
        #expect(refused.status == 400)
        #expect(
            refused.message == "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: "
                + "strict decoding error: unknown field \"dta\"")
        var other = odd
        other[path: ["metadata", "name"]] = "b"
        let silent = test.send("POST", WriteTests.path + "?fieldValidation=Ignore", other)
        #expect(silent.status == 201 && silent.warnings.isEmpty)
    }

    @Test func `values of a wrong type are refused in the words of the API server`() {
        var test = TestServer()
        let answer = test.post(
            "/api/v1/namespaces/default/pods",
            Make.pod("a", spec: ["terminationGracePeriodSeconds": "soon"]))
        #expect(answer.status == 400)
        #expect(
            answer.message == "Pod in version \"v1\" cannot be handled as a Pod: json: cannot "
                + "unmarshal string into Go struct field "
                + "PodSpec.spec.terminationGracePeriodSeconds of type int64")
    }

    @Test func `a body that is too large, malformed or of another kind is refused`() {
        var test = TestServer()
        let large = Make.configMap(
            "a", data: ["k": .string(String(repeating: "x", count: 4 << 20))])
        #expect(test.post(WriteTests.path, large).status == 413)
        #expect(test.post(WriteTests.path, [1, 2]).status == 400)
        #expect(test.post(WriteTests.path, Make.pod("a")).status == 400)
        #expect(
            test.send("POST", WriteTests.path, Make.configMap("a"), type: "text/plain").status
                == 415)
        #expect(
            test.send("GET", WriteTests.path, accept: "application/vnd.kubernetes.protobuf").status
                == 406)
    }

    @Test func `secrets keep plain text as Base64`() {
        var test = TestServer()
        let made = test.post(
            "/api/v1/namespaces/default/secrets",
            [
                "apiVersion": "v1", "kind": "Secret", "metadata": ["name": "s"],
                "stringData": ["user": "me", "long": "four score"],
            ])
        #expect(made.body[path: ["data", "user"]] == "bWU=")
        #expect(made.body[path: ["data", "long"]] == "Zm91ciBzY29yZQ==")
        #expect(made.body["stringData"] == nil)
    }

    @Test func `immutable maps do not change`() {
        var test = TestServer()
        var map = Make.configMap("a", data: ["k": "v"])
        map["immutable"] = true
        test.post(WriteTests.path, map)
        #expect(test.merge(WriteTests.path + "/a", ["data": ["k": "w"]]).status == 422)
        #expect(test.merge(WriteTests.path + "/a", ["immutable": false]).status == 422)
        #expect(
            test.merge(WriteTests.path + "/a", ["metadata": ["labels": ["a": "b"]]]).status == 200)
    }
}
