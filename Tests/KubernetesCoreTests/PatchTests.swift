import KubernetesCore
import Testing

struct PatchTests {
    @Test func `merge patches follow the examples of RFC 7386`() throws {
        let cases = [
            (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
            (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
            (#"{"a":"b"}"#, #"{"a":null}"#, "{}"),
            (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#),
            (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
            (#"{"a":"c"}"#, #"{"a":["b"]}"#, #"{"a":["b"]}"#),
            (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
            (#"{"a":[{"b":"c"}]}"#, #"{"a":[1]}"#, #"{"a":[1]}"#),
            (#"["a","b"]"#, #"["c","d"]"#, #"["c","d"]"#),
            (#"{"a":"b"}"#, #"["c"]"#, #"["c"]"#),
            (#"{"a":"foo"}"#, "null", "null"),
            (#"{"e":null}"#, #"{"a":1}"#, #"{"a":1,"e":null}"#),
            (#"[1,2]"#, #"{"a":"b","c":null}"#, #"{"a":"b"}"#),
            ("{}", #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
        ]
        for (original, patch, expected) in cases {
            let result = MergePatch.apply(
                try JSONValue(parsing: patch), to: try JSONValue(parsing: original))
            #expect(result.text == expected, "\(original) \(patch)")
        }
    }

    @Test func `a difference makes the new value and nothing else`() {
        for seed in 0..<400 as Range<UInt64> {
            var random = SeededValues(seed: seed)
            let old = JSONValue.object(random.object(depth: 3))
            let new = JSONValue.object(random.changed(old.object ?? [:], depth: 3))
            let patch = MergePatch.difference(from: old, to: new)
            #expect(MergePatch.apply(patch, to: old) == new, "seed \(seed)")
            #expect(MergePatch.difference(from: new, to: new) == [:], "seed \(seed)")
            for key in patch.object?.keys ?? [] {
                #expect(old[key] != new[key], "seed \(seed)")
            }
        }
    }

    private static let operations: [(String, String, String?)] = [
        (
            #"{"foo":"bar"}"#, #"[{"op":"add","path":"/baz","value":"qux"}]"#,
            #"{"baz":"qux","foo":"bar"}"#
        ),
        (
            #"{"foo":["bar","baz"]}"#, #"[{"op":"add","path":"/foo/1","value":"qux"}]"#,
            #"{"foo":["bar","qux","baz"]}"#
        ),
        (
            #"{"foo":["bar"]}"#, #"[{"op":"add","path":"/foo/-","value":["x"]}]"#,
            #"{"foo":["bar",["x"]]}"#
        ),
        (#"{"baz":"qux","foo":"bar"}"#, #"[{"op":"remove","path":"/baz"}]"#, #"{"foo":"bar"}"#),
        (
            #"{"foo":["a","b","c"]}"#, #"[{"op":"remove","path":"/foo/1"}]"#,
            #"{"foo":["a","c"]}"#
        ),
        (
            #"{"baz":"qux"}"#, #"[{"op":"replace","path":"/baz","value":"boo"}]"#,
            #"{"baz":"boo"}"#
        ),
        (
            #"{"foo":{"bar":"baz","waldo":"fred"},"qux":{}}"#,
            #"[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]"#,
            #"{"foo":{"bar":"baz"},"qux":{"thud":"fred"}}"#
        ),
        (
            #"{"foo":["all","grass","cows","eat"]}"#,
            #"[{"op":"move","from":"/foo/1","path":"/foo/3"}]"#,
            #"{"foo":["all","cows","eat","grass"]}"#
        ),
        (
            #"{"a":{"b":1}}"#, #"[{"op":"copy","from":"/a","path":"/c"}]"#,
            #"{"a":{"b":1},"c":{"b":1}}"#
        ),
        (
            #"{"a":1}"#,
            #"[{"op":"test","path":"/a","value":1.0},{"op":"add","path":"","value":{}}]"#, "{}"
        ),
        (
            #"{"a/b":1,"m~n":2}"#,
            #"[{"op":"test","path":"/a~1b","value":1},{"op":"remove","path":"/m~0n"}]"#,
            #"{"a/b":1}"#
        ),
        (
            #"{"a":null}"#,
            #"[{"op":"test","path":"/a","value":null},{"op":"test","path":"/b","value":null}]"#,
            #"{"a":null}"#
        ),
        (#"{"a":1}"#, #"[{"op":"test","path":"/a","value":2}]"#, nil),
        (#"{"a":1}"#, #"[{"op":"remove","path":"/b"}]"#, nil),
        (#"{"a":1}"#, #"[{"op":"replace","path":"/b","value":1}]"#, nil),
        (#"{"a":[1]}"#, #"[{"op":"add","path":"/a/3","value":1}]"#, nil),
        (#"{"a":[1]}"#, #"[{"op":"add","path":"/a/01","value":1}]"#, nil),
        (#"{"a":1}"#, #"[{"op":"add","path":"/b/c","value":1}]"#, nil),
        (#"{"a":1}"#, #"[{"op":"jump","path":"/a"}]"#, nil),
        (#"{"a":1}"#, #"[{"op":"add","path":"a","value":1}]"#, nil),
        (#"{"a":1}"#, #"[{"op":"copy","from":"/x","path":"/b"}]"#, nil),
    ]

    @Test func `a JSON patch does what RFC 6902 says`() throws {
        for (original, patch, expected) in Self.operations {
            let value = try JSONValue(parsing: original)
            let result = try? JSONPatch(reading: JSONValue(parsing: patch)).applied(to: value)
            #expect(result?.text == expected, "\(original) \(patch)")
        }
    }

    @Test func `what a JSON patch asks too much of is refused`() {
        let many = JSONValue.array(
            Array(repeating: ["op": "remove", "path": "/a"], count: 10_001))
        #expect(
            throws: PatchError(
                .tooLarge, "The allowed maximum operations in a JSON patch is 10000, got 10001")
        ) {
            try JSONPatch(reading: many)
        }
        var doubling: [JSONValue] = []
        for _ in 0..<60 { doubling.append(["op": "copy", "from": "/a", "path": "/a/-"]) }
        #expect(throws: PatchError.self) {
            try JSONPatch(reading: .array(doubling)).applied(to: ["a": ["some text"]])
        }
        #expect(throws: PatchError.self) { try JSONPatch(reading: ["op": "add"]) }
        let fault = PatchError(.unprocessable, "x").status
        #expect(fault.code == 422)
        #expect(fault.message == "the server rejected our request due to an error in our request")
    }

    private static let strategic: [(String, String, String)] = [
        (
            #"{"spec":{"containers":[{"name":"a","image":"1"},{"name":"b","image":"2"}]}}"#,
            #"{"spec":{"containers":[{"name":"b","image":"3"}]}}"#,
            #"{"spec":{"containers":[{"image":"1","name":"a"},{"image":"3","name":"b"}]}}"#
        ),
        (
            #"{"spec":{"containers":[{"name":"a"}]}}"#,
            #"{"spec":{"containers":[{"name":"b"}]}}"#,
            #"{"spec":{"containers":[{"name":"b"},{"name":"a"}]}}"#
        ),
        (
            #"{"spec":{"containers":[{"name":"a"},{"name":"b"}]}}"#,
            #"{"spec":{"containers":[{"$patch":"delete","name":"a"}]}}"#,
            #"{"spec":{"containers":[{"name":"b"}]}}"#
        ),
        (
            #"{"spec":{"containers":[{"name":"a"},{"name":"b"}]}}"#,
            #"{"spec":{"containers":[{"$patch":"replace"},{"name":"c"}]}}"#,
            #"{"spec":{"containers":[{"name":"c"}]}}"#
        ),
        (
            #"{"spec":{"containers":[{"name":"a","env":[{"name":"X","value":"1"},"#
                + #"{"name":"Y","value":"2"}]}]}}"#,
            #"{"spec":{"containers":[{"name":"a","env":[{"name":"Y","value":"3"},"#
                + #"{"name":"Z","value":"4"}]}]}}"#,
            #"{"spec":{"containers":[{"env":[{"name":"X","value":"1"},"#
                + #"{"name":"Y","value":"3"},{"name":"Z","value":"4"}],"name":"a"}]}}"#
        ),
        (
            #"{"spec":{"containers":[{"name":"a"},{"name":"b"},{"name":"c"}]}}"#,
            #"{"spec":{"$setElementOrder/containers":[{"name":"c"},{"name":"a"}],"#
                + #""containers":[{"name":"c","image":"x"}]}}"#,
            #"{"spec":{"containers":[{"name":"b"},{"image":"x","name":"c"},{"name":"a"}]}}"#
        ),
        (
            #"{"spec":{"tolerations":[{"key":"a"}]}}"#,
            #"{"spec":{"tolerations":[{"key":"b"}]}}"#,
            #"{"spec":{"tolerations":[{"key":"b"}]}}"#
        ),
        (
            #"{"metadata":{"finalizers":["a/x","b/x"]}}"#,
            #"{"metadata":{"$deleteFromPrimitiveList/finalizers":["a/x"],"#
                + #""finalizers":["c/x"]}}"#,
            #"{"metadata":{"finalizers":["c/x","b/x"]}}"#
        ),
        (
            #"{"spec":{"volumes":[{"name":"v","emptyDir":{}}]}}"#,
            #"{"spec":{"volumes":[{"name":"v","$retainKeys":["name","hostPath"],"#
                + #""hostPath":{"path":"/"}}]}}"#,
            #"{"spec":{"volumes":[{"hostPath":{"path":"/"},"name":"v"}]}}"#
        ),
        (
            #"{"spec":{"nodeSelector":{"a":"1","b":"2"}}}"#,
            #"{"spec":{"nodeSelector":{"a":null,"c":"3"}}}"#,
            #"{"spec":{"nodeSelector":{"b":"2","c":"3"}}}"#
        ),
        (
            #"{"spec":{"securityContext":{"runAsUser":1,"fsGroup":2}}}"#,
            #"{"spec":{"securityContext":{"$patch":"replace","runAsUser":3}}}"#,
            #"{"spec":{"securityContext":{"runAsUser":3}}}"#
        ),
        (
            #"{"metadata":{"ownerReferences":[{"uid":"1","name":"a"}]}}"#,
            #"{"metadata":{"ownerReferences":[{"uid":"1","$patch":"delete"}]}}"#,
            #"{"metadata":{"ownerReferences":[]}}"#
        ),
        (
            #"{"status":{"conditions":[{"type":"Ready","status":"False"}]}}"#,
            #"{"status":{"conditions":[{"type":"Ready","status":"True"}]}}"#,
            #"{"status":{"conditions":[{"status":"True","type":"Ready"}]}}"#
        ),
    ]

    @Test func `a strategic merge patch merges the lists of pods by their keys`() throws {
        let shape = try #require(BuiltInShapes.shape(for: .pod))
        for (original, patch, expected) in Self.strategic {
            let result = try StrategicMergePatch.apply(
                try JSONValue(parsing: patch), to: try JSONValue(parsing: original), shape: shape)
            #expect(result.text == expected, "\(patch)")
        }
    }

    @Test func `a broken strategic merge patch is refused`() throws {
        let shape = try #require(BuiltInShapes.shape(for: .pod))
        let pod = try JSONValue(
            parsing: #"{"spec":{"containers":[{"name":"a"}]},"metadata":{"finalizers":["a"]}}"#)
        let cases = [
            #"[]"#, #"{"spec":{"$patch":"jump"}}"#, #"{"spec":{"containers":[{"image":"x"}]}}"#,
            #"{"spec":{"containers":[{"$patch":"delete"}]}}"#, #"{"spec":{"containers":[[1]]}}"#,
            #"{"spec":{"$setElementOrder/containers":1}}"#,
            #"{"spec":{"$setElementOrder/containers":[{"name":"b"}],"containers":[{"name":"a"}]}}"#,
            #"{"spec":{"$retainKeys":["a"],"b":1}}"#,
            #"{"metadata":{"$deleteFromPrimitiveList/finalizers":"a"}}"#,
        ]
        for patch in cases {
            #expect(throws: PatchError.self, "\(patch)") {
                try StrategicMergePatch.apply(try JSONValue(parsing: patch), to: pod, shape: shape)
            }
        }
    }

    @Test func `a patch is chosen by its media type`() throws {
        let value: JSONValue = ["a": 1]
        let merge = try Patch(mediaType: "application/merge-patch+json", body: ["a": .null])
        #expect(try merge?.applied(to: value, shape: .untyped) == [:])
        let json = try Patch(
            mediaType: "application/json-patch+json", body: [["op": "remove", "path": "/a"]])
        #expect(try json?.applied(to: value, shape: .untyped) == [:])
        let strategic = try Patch(
            mediaType: "application/strategic-merge-patch+json", body: ["b": 2])
        #expect(try strategic?.applied(to: value, shape: .untyped) == ["a": 1, "b": 2])
        #expect(try Patch(mediaType: "text/plain", body: [:]) == nil)
    }
}
