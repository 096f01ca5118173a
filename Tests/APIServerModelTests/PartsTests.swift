import KubernetesCore
import Testing

@testable import APIServerModel

/// The parts that need no server.
@Suite struct PartsTests {
    @Test func `Base64 of any bytes reads back`() {
        for length in 0..<40 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ length) }
            #expect(Base64.decodeURL(Base64.encodeURL(bytes)) == bytes)
            #expect(Base64.firstFault(Base64.encode(bytes)) == nil)
        }
        #expect(Base64.firstFault("!!") == 0)
        #expect(Base64.firstFault("YW=") != nil)
        #expect(Base64.decodeURL("a*") == nil)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `the sorted map is a sorted map`(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var map = SortedMap<Int>()
        var model: [String: Int] = [:]
        for step in 0..<5_000 {
            let key = "k\(Int.random(in: 0..<1_500, using: &random))"
            if Int.random(in: 0..<3, using: &random) == 0 {
                map[key] = nil
                model[key] = nil
            } else {
                map[key] = step
                model[key] = step
            }
        }
        let sorted = model.sorted { $0.key < $1.key }
        #expect(map.values == sorted.map(\.value), "seed \(seed)")
        #expect(map.count == model.count)
        var found: [String] = []
        map.forEach(prefix: "k1") { key, _ in
            found.append(key)
            return true
        }
        #expect(found == sorted.map(\.key).filter { $0.hasPrefix("k1") })
        #expect(sorted.allSatisfy { map[$0.key] == $0.value })
    }

    @Test(arguments: [
        (".spec.size", "[3]"), (".status.conditions[?(@.type==\"Ready\")].status", "[\"True\"]"),
        (".status.conditions[?(@.type=='Done')].status", "[]"),
        (".status.conditions[*].type", "[\"Ready\",\"Slow\"]"), (".spec.list[1]", "[2]"),
        (".spec.list[-1]", "[3]"), (".spec['odd.key']", "[1]"), (".spec.odd\\.key", "[1]"),
        (".nowhere.at.all", "[]"),
    ])
    func `paths find what they name`(_ path: String, _ want: String) throws {
        let value: JSONValue = [
            "spec": ["size": 3, "list": [1, 2, 3], "odd.key": 1],
            "status": [
                "conditions": [
                    ["type": "Ready", "status": "True"], ["type": "Slow", "status": "False"],
                ]
            ],
        ]
        let found = try #require(JSONPath(path)).find(in: value)
        #expect(JSONValue.array(found).text == want)
    }

    @Test(arguments: [".a[", ".a[x]", ".a[?(b)]", "a b]c[", "."])
    func `what is no path is refused`(_ text: String) {
        let path = JSONPath(text)
        #expect(path == nil || path?.find(in: [:]).isEmpty != nil)
    }

    @Test(arguments: [
        (0, "0s"), (119, "119s"), (120, "2m"), (150, "2m30s"), (599, "9m59s"), (600, "10m"),
        (10_799, "179m"), (10_800, "3h"), (12_060, "3h21m"), (28_800, "8h"), (172_799, "47h"),
        (172_800, "2d"), (180_000, "2d2h"), (691_200, "8d"), (63_072_000, "2y"),
        (70_000_000, "2y80d"), (-5, "<invalid>"),
    ])
    func `ages are shown as kubectl shows them`(_ seconds: Int, _ text: String) {
        #expect(HumanDuration.text(.seconds(seconds)) == text)
    }

    @Test(arguments: [
        ("{not json}", "invalid character 'n' looking for beginning of object key string"),
        ("", "unexpected end of JSON input"),
        (
            "{\"a\":}",
            "invalid character '}' looking for "
                + "beginning of value"
        ), ("{\"a\" 1}", "invalid character '1' after object key"),
        ("[1 2]", "invalid character '2' after array element"),
        ("{\"a\":1 \"b\"}", "invalid character '\"' after object key:value pair"),
        ("tru", "unexpected end of JSON input"),
        ("nul!", "invalid character '!' in literal null (expecting 'l')"),
        ("1 2", "invalid character '2' after top-level value"),
    ])
    func `malformed JSON is explained in Go's words`(_ text: String, _ fault: String) {
        #expect(GoJSONFault.describe(Array(text.utf8)) == fault)
    }

    @Test func `queries are decoded`() {
        let query = Query("/api/v1/a%2Fb?labelSelector=app%20in%20(x,y)&watch&x=1+2&bad=%zz")
        #expect(query.segments == ["api", "v1", "a/b"])
        #expect(query["labelSelector"] == "app in (x,y)")
        #expect(query.flag("watch"))
        #expect(query["x"] == "1 2")
        #expect(query["bad"] == "%zz")
        #expect(!Query("/?watch=false").flag("watch"))
    }

    @Test func `the preferred version of a group comes first`() {
        let versions = ["v1alpha1", "v2beta1", "v1", "v10", "odd", "v2", "v1beta2"]
        #expect(
            versions.sorted(by: ResourceRegistry.isPreferred)
                == ["v10", "v2", "v1", "v2beta1", "v1beta2", "v1alpha1", "odd"])
    }

    @Test func `every type that the notation names is described`() {
        func names(_ type: FieldType) -> [String] {
            switch type {
            case .object(let name): [name]
            case .list(let element), .map(let element): names(element)
            default: []
            }
        }
        for (name, spec) in TypeCatalog.builtIn.types {
            for field in spec.fields {
                for used in names(field.type) {
                    #expect(TypeCatalog.builtIn[used] != nil, "\(name).\(field.name): \(used)")
                }
            }
        }
        for definition in BuiltInResources.all {
            for version in definition.versions {
                #expect(TypeCatalog.builtIn[version.typeName] != nil, "\(definition.kind)")
            }
        }
        for (name, tags) in ProtobufTags.table {
            for field in tags.values {
                #expect(TypeCatalog.builtIn[name]?[field] != nil, "\(name).\(field)")
            }
        }
    }

    @Test func `typed clients may send protocol buffers`() throws {
        func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
            [number << 3 | 2, UInt8(content.count)] + content
        }
        let metadata = field(1, Array("a".utf8))
        let entry = field(1, Array("k".utf8)) + field(2, Array("v".utf8))
        let raw = field(1, metadata) + field(2, entry)
        let type = field(1, Array("v1".utf8)) + field(2, Array("ConfigMap".utf8))
        let body = Array("k8s".utf8) + [0] + field(1, type) + field(2, raw)
        let value = try #require(ProtobufReader.object(body))
        #expect(value["kind"] == "ConfigMap")
        #expect(value[path: ["metadata", "name"]] == "a")
        #expect(value["data"] == ["k": "v"])
        for length in 0..<body.count {
            let cut = ProtobufReader.object(Array(body.prefix(length)))
            #expect(cut == nil || cut?["kind"] == "ConfigMap")
        }
    }
}
