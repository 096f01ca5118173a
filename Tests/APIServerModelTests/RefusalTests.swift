import APIServerModel
import KubernetesCore
import Testing

/// Requests that are refused, and the words in which a kube-apiserver refuses them.
@Suite struct RefusalTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var method: String
        var path: String
        var type: String?
        var body: String
        var status: Int
        var message: String

        init(
            _ method: String, _ path: String, _ body: String, type: String? = nil,
            _ status: Int, _ message: String
        ) {
            self.method = method
            self.path = path
            self.type = type
            self.body = body
            self.status = status
            self.message = message
        }

        init(_ method: String, _ path: String, _ status: Int, _ message: String) {
            self.init(method, path, "", status, message)
        }

        var testDescription: String { "\(method) \(path) \(body.prefix(60))" }
    }

    static let merge = "application/merge-patch+json"
    static let strategic = "application/strategic-merge-patch+json"
    static let apply = "application/apply-patch+yaml"
    static let json = "application/json-patch+json"
    private static let maps = "/api/v1/namespaces/default/configmaps"
    private static let widgets = "/apis/example.dev/v1/namespaces/default/widgets"
    private static let widget = #"{"apiVersion":"example.dev/v1","kind":"Widget","metadata":"#

    private static func check(_ cases: [Case], _ test: inout TestServer) {
        for given in cases {
            let reply = test.server.handle(
                ServerRequest(
                    method: given.method, path: given.path,
                    headers: given.type.map { [("content-type", $0)] } ?? [],
                    body: Array(given.body.utf8), clientIdentity: test.identity), at: test.now)
            test.settle()
            guard case .response(let status, _, let bytes) = reply else {
                Issue.record("\(given.testDescription): a stream")
                continue
            }
            let text = String(decoding: bytes, as: UTF8.self)
            let message = (try? JSONValue(parsing: bytes))?["message"]?.string ?? text
            #expect(status == given.status, "\(given.testDescription): \(message)")
            #expect(message.contains(given.message), "\(given.testDescription): \(message)")
        }
    }

    private static func server() -> TestServer {
        var test = TestServer()
        test.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", Make.widgets)
        test.post(widgets, Make.widget("w"))
        test.post(maps, Make.configMap("m", data: ["k": "v"]))
        return test
    }

    @Test func `what a patch leaves is the patch's fault`() {
        var test = RefusalTests.server()
        RefusalTests.check(
            [
                Case(
                    "PATCH", RefusalTests.maps + "/m", #"{"data":{"k":1}}"#,
                    type: RefusalTests.merge, 422,
                    "json: cannot unmarshal number into Go struct field ConfigMap.data of type"),
                Case(
                    "PATCH", RefusalTests.maps + "/m", #"{"data":{"k":1}}"#,
                    type: RefusalTests.strategic, 422,
                    #" "" is invalid: patch: Invalid value: "map[data:map[k:1]]": json"#),
                Case(
                    "PATCH", RefusalTests.widgets + "/w?fieldValidation=Strict",
                    #"{"spec":{"more":1}}"#, type: RefusalTests.merge, 422,
                    #"strict decoding error: unknown field "spec.more""#),
                Case(
                    "PATCH", RefusalTests.widgets + "/w?fieldValidation=Strict",
                    #"{"spec":{"size":1,"size":1}}"#, type: RefusalTests.merge, 422,
                    #"strict decoding error: duplicate field "spec.size""#),
                Case(
                    "PATCH", RefusalTests.widgets + "/w", "[]", type: RefusalTests.merge, 400,
                    "error decoding patch: json: cannot unmarshal array into Go value of type "
                        + "map[string]interface {}"),
                Case(
                    "PATCH", RefusalTests.widgets + "/w", "{}", type: RefusalTests.json, 400,
                    "cannot unmarshal object into Go value of type []interface {}"),
            ], &test)
    }

    @Test func `an object keeps its name, its namespace and its identity`() {
        var test = RefusalTests.server()
        let path = RefusalTests.widgets + "/w"
        RefusalTests.check(
            [
                Case(
                    "PATCH", path, #"{"metadata":{"name":"x"}}"#, type: RefusalTests.merge, 400,
                    "the name of the object (x) does not match the name on the URL (w)"),
                Case(
                    "PATCH", path, #"{"metadata":null}"#, type: RefusalTests.merge, 400,
                    "the name of the object (w based on URL) was undeterminable: name must be"),
                Case(
                    "PATCH", path, #"{"metadata":{"namespace":"x"}}"#, type: RefusalTests.merge,
                    400, "the namespace of the provided object does not match the namespace sent"),
                Case(
                    "PATCH", path, #"{"metadata":{"uid":"x"}}"#, type: RefusalTests.merge, 422,
                    #"metadata.uid: Invalid value: "x": field is immutable"#),
                Case(
                    "PUT", path, RefusalTests.widget + #"{"name":"w","resourceVersion":"x"}}"#,
                    500, #"strconv.ParseUint: parsing "x": invalid syntax"#),
                Case(
                    "PUT", path,
                    RefusalTests.widget + #"{"name":"w","uid":"x","resourceVersion":"1"}}"#, 409,
                    "the object has been modified"),
            ], &test)
    }

    @Test func `an apply must fit the types of its kind`() {
        var test = RefusalTests.server()
        let path = RefusalTests.widgets + "/w?fieldManager=m"
        let head = #"{"apiVersion":"example.dev/v1","kind":"Widget","metadata":{"name":"w"}"#
        RefusalTests.check(
            [
                Case(
                    "PATCH", path, head + #","spec":{"size":"x"}}"#, type: RefusalTests.apply, 500,
                    "failed to create typed patch object (/w; example.dev/v1, Kind=Widget): "
                        + ".spec.size: expected numeric (int or float), got string"),
                Case(
                    "PATCH", path, head + #","spec":{"more":1}}"#, type: RefusalTests.apply, 500,
                    ".spec.more: field not declared in schema"),
                Case(
                    "PATCH", path, #"{"kind":"Widget","metadata":{"name":"w"}}"#,
                    type: RefusalTests.apply, 400,
                    "Incorrect version specified in apply patch. Specified patch version: , "),
                Case(
                    "PATCH", RefusalTests.maps + "/m?fieldManager=m",
                    #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m"},"#
                        + #""data":{"k":5}}"#, type: RefusalTests.apply, 500,
                    "(/m; /v1, Kind=ConfigMap): .data.k: expected string, got "
                        + "&value.valueUnstructured{Value:5}"),
                Case(
                    "PATCH", RefusalTests.widgets + "/new?fieldManager=m",
                    RefusalTests.widget + #"{"name":"new","uid":"x"}}"#, type: RefusalTests.apply,
                    409, "uid mismatch: the provided object specified uid x"),
            ], &test)
    }

    @Test func `paths that are not served are not found in the words of who serves them`() {
        var test = RefusalTests.server()
        let group = "/apis/example.dev/v1"
        RefusalTests.check(
            [
                Case("GET", group + "/namespaces/default/nothings", 404, "404 page not found"),
                Case("GET", group + "/widgets/w", 404, "404 page not found"),
                Case("POST", group + "/widgets", "{}", 404, "404 page not found"),
                Case(
                    "GET", RefusalTests.widgets + "/w/nothing", 404,
                    #"widgets.example.dev "w" not found"#),
                Case(
                    "POST", RefusalTests.widgets + "/w/status", "{}", 405,
                    #"create is not supported on resources of kind "widgets.example.dev""#),
                Case("PUT", RefusalTests.widgets, "{}", 400, "name must be provided"),
                Case(
                    "GET", "/api/v1/nothings", 404,
                    "the server could not find the requested resource"),
            ], &test)
    }

    @Test func `options are checked by name, number and letter`() {
        var test = RefusalTests.server()
        let maps = RefusalTests.maps
        RefusalTests.check(
            [
                Case("GET", maps + "?limit=x", 400, #"strconv.ParseInt: parsing "x": invalid"#),
                Case(
                    "POST", maps + "?fieldValidation=No", "{}", 422,
                    #"supported values: "", "Ignore", "Strict", "Warn""#),
                Case(
                    "POST", maps + "?fieldManager=%01", "{}", 422,
                    "invalid character U+0001 (at position 0)"),
                Case("DELETE", maps + "/m", "{bad", 500, "couldn't get version/kind; json parse"),
                Case(
                    "POST", maps, "x", type: "text/plain", 415,
                    "application/json, application/yaml, application/vnd.kubernetes.protobuf"),
                Case(
                    "POST", maps, #"{"apiVersion":"v1","kind":"Secret"}"#, 400,
                    #"Secret in version "v1" cannot be handled as a ConfigMap: converting "#
                        + "(v1.Secret) to (core.ConfigMap): unknown conversion"),
                Case(
                    "POST", RefusalTests.widgets, #"{ "metadata": {}}"#, 400,
                    #"Object 'Kind' is missing in '{ "metadata": {}}'"#),
            ], &test)
    }
}
