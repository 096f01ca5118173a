import APIServerModel
import KubernetesCore
import Testing

@Suite struct ListTests {
    static let path = "/api/v1/namespaces/default/secrets"

    static func secret(_ name: String) -> JSONValue {
        ["apiVersion": "v1", "kind": "Secret", "metadata": ["name": .string(name)]]
    }

    @Test func `pages show one version, whatever changes between them`() {
        var test = TestServer()
        for index in 10..<30 { test.post(ListTests.path, ListTests.secret("s\(index)")) }
        let whole = test.get(ListTests.path).names
        var pages: [String] = []
        var token = ""
        repeat {
            let page = test.get(ListTests.path + "?limit=6&continue=\(token)")
            #expect(page.status == 200)
            pages += page.names
            token = page.body[path: ["metadata", "continue"]]?.string ?? ""
            test.delete(ListTests.path + "/s\(10 + pages.count % 20)")
            test.post(ListTests.path, ListTests.secret("t\(pages.count)"))
        } while !token.isEmpty
        #expect(pages == whole)
    }

    @Test func `an exact version is the list of that time`() {
        var test = TestServer()
        test.post(ListTests.path, ListTests.secret("a"))
        let version = test.get(ListTests.path).version
        test.post(ListTests.path, ListTests.secret("b"))
        test.delete(ListTests.path + "/a")
        let old = test.get(
            ListTests.path + "?resourceVersion=\(version)&resourceVersionMatch=Exact")
        #expect(old.names == ["a"])
        #expect(old.version == version)
        #expect(test.get(ListTests.path).names == ["b"])
    }

    @Test(arguments: [
        ("resourceVersionMatch=Exact", 422), ("resourceVersionMatch=Odd&resourceVersion=5", 422),
        ("resourceVersionMatch=Exact&resourceVersion=0", 422), ("sendInitialEvents=true", 422),
        ("resourceVersion=abc", 500), ("resourceVersion=999999", 504),
        ("labelSelector=a%20b", 400), ("fieldSelector=spec.odd%3D1", 400), ("continue=!!", 400),
        ("limit=0", 200), ("limit=-1", 200), ("resourceVersion=0", 200),
    ])
    func `odd options are answered with the right status`(_ query: String, _ status: Int) {
        var test = TestServer()
        #expect(test.get(ListTests.path + "?" + query).status == status, "\(query)")
    }

    @Test func `lists of all namespaces are in order of namespace and name`() {
        var test = TestServer()
        for namespace in ["b", "a", "a-b"] {
            test.post("/api/v1/namespaces", Make.namespace(namespace))
            for name in ["z", "y"] {
                test.post(
                    "/api/v1/namespaces/\(namespace)/secrets", ListTests.secret(name))
            }
        }
        let list = test.get("/api/v1/secrets").body["items"]?.array ?? []
        let keys = list.map {
            ($0[path: ["metadata", "namespace"]]?.string ?? "") + "/"
                + ($0[path: ["metadata", "name"]]?.string ?? "")
        }
        #expect(keys == ["a-b/y", "a-b/z", "a/y", "a/z", "b/y", "b/z"])
    }
}
