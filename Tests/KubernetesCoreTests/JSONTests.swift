import KubernetesCore
import Testing

struct JSONTests {
    @Test func `a text that is JSON reads back as it is written`() throws {
        for (text, expected) in [
            ("null", "null"), (" [1 , 2.50, -3e2] ", "[1,2.5,-300]"),
            (#"{"b":1,"a":{"x":[]}}"#, #"{"a":{"x":[]},"b":1}"#),
            (#""\u00e9\ud83d\ude00\n\/""#, "\"é😀\\n/\""), (#""\ud800""#, "\"\u{FFFD}\""),
            ("9223372036854775807", "9223372036854775807"), ("1e2", "100"), ("0.1", "0.1"),
            (#"{"a":1,"a":2}"#, #"{"a":2}"#),
        ] {
            #expect(try JSONValue(parsing: text).text == expected, "\(text)")
        }
    }

    @Test func `a text that is no JSON is refused with its place`() {
        for text in [
            "", "{", "[1,]", "{\"a\"}", "{\"a\":1,}", "tru", "01", "1.", "-", "\"a", "\"\\x\"",
            "\"\u{01}\"", "[1 2]", "1 2", "{a:1}", "\"\\u12g4\"", "nul",
        ] {
            #expect(throws: JSONError.self, "\(text)") { try JSONValue(parsing: text) }
        }
        #expect(throws: JSONError.self) {
            try JSONValue(parsing: [UInt8(ascii: "\""), 0xFF, UInt8(ascii: "\"")])
        }
    }

    @Test func `limits hold for depth, size and repeated keys`() {
        let deep = String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
        #expect(throws: JSONError.self) { try JSONDocument(parsing: deep) }
        var limits = JSONDocument.Limits()
        limits.bytesMax = 3
        #expect(throws: JSONError.self) { try JSONDocument(parsing: "[1,2]", limits: limits) }
        limits = JSONDocument.Limits()
        limits.refusesDuplicateKeys = true
        #expect(throws: JSONError.self) {
            try JSONDocument(parsing: #"{"a":{"b":1,"b":2}}"#, limits: limits)
        }
    }

    @Test func `a missing member is no member, and null is one`() {
        let object: JSONValue = ["a": .null]
        #expect(object["a"] == .some(.null))
        #expect(object["b"] == .none)
        #expect(object.object?["b"] == .none)
        #expect(object[path: ["b", "c"]] == .none)
        var changed = object
        changed["a"] = nil
        #expect(changed == [:])
        changed[path: ["x", "y"]] = 1
        #expect(changed.text == #"{"x":{"y":1}}"#)
        changed[path: ["x", "z"]] = nil
        #expect(changed.text == #"{"x":{"y":1}}"#)
    }

    @Test func `an object keeps its members in order`() {
        var object: JSONObject = ["b": 1, "a": 2, "b": 3]
        #expect(object.keys == ["a", "b"])
        #expect(object["b"] == 3)
        object["aa"] = 4
        #expect(object.keys == ["a", "aa", "b"])
        #expect(object.remove("a") == 2)
        #expect(object.remove("a") == .none)
        #expect(object.map(\.0) == ["aa", "b"])
    }

    @Test func `nodes read what is asked and name the path of what does not fit`() throws {
        let root = try JSONDocument(
            parsing: #"{"spec":{"parts":[{"n":1.0},{"n":"x"}],"on":true,"no":null,"big":1e300}}"#
        ).root
        let spec = try root.required("spec")
        let parts = try spec.required("parts").elements
        #expect(try parts[0].required("n").integer() == 1)
        #expect(parts[1]["n"]?.path == "spec.parts[1].n")
        #expect(spec["no"] == nil)
        #expect(try spec["on"]?.bool() == true)
        do {
            _ = try parts[1].required("n").integer()
            Issue.record("a string was read as a number")
        } catch {
            #expect(error.description == "spec.parts[1].n: expected a whole number, found a string")
        }
        #expect(throws: JSONError.self) { try spec.required("big").integer() }
        #expect(throws: JSONError.self) { try spec.required("none") }
        #expect(throws: JSONError.self) { try spec.required("on").string() }
        #expect(spec.value()["parts"]?[1] == ["n": "x"])
    }

    @Test func `any value reads back as it is written`() throws {
        for seed in 0..<300 as Range<UInt64> {
            var random = SeededValues(seed: seed)
            let value = random.value(depth: 4)
            #expect(try JSONValue(parsing: value.text) == value, "seed \(seed)")
            #expect(try JSONValue(parsing: value.prettyText) == value, "seed \(seed)")
        }
    }
}
