import KubernetesCore
import Testing

struct ServerSideApplyTests {
    private static let version = "conf.example.dev/v1"

    private func time(_ minute: Int) -> Timestamp { Timestamp(seconds: Int64(minute) * 60) }

    /// What each manager owns, as `name Operation fieldsV1`.
    private func owners(_ object: JSONValue) -> [String] {
        (object[path: ["metadata", "managedFields"]]?.array ?? []).map { entry in
            "\(entry["manager"]?.string ?? "") \(entry["operation"]?.string ?? "") "
                + (entry["fieldsV1"]?.text ?? "")
        }
    }

    private func widgets() throws -> ServerSideApply {
        ServerSideApply(
            shape: try WidgetFixture.schema().shape, ignored: FieldSet(fields: "status"))
    }

    /// Why `manager` cannot apply `spec`; nil where it can.
    private func refusal(
        _ apply: ServerSideApply, _ live: JSONValue, _ spec: String, _ manager: String
    ) throws -> ApplyError? {
        let patch = try WidgetFixture.object(spec)
        do throws(ApplyError) {
            _ = try apply.applied(
                live: live, patch: patch, manager: manager, apiVersion: Self.version, at: time(3))
            return nil
        } catch {
            return error
        }
    }

    @Test func `apply creates, merges, conflicts, forces and removes`() throws {
        let apply = try widgets()
        let first = try apply.applied(
            live: nil, patch: try WidgetFixture.object(#"{"mode":"fast","size":4,"detail":"one"}"#),
            manager: "one", apiVersion: Self.version, at: time(1))
        #expect(
            owners(first) == [#"one Apply {"f:spec":{"f:detail":{},"f:mode":{},"f:size":{}}}"#])
        let other = try WidgetFixture.object(#"{"mode":"fast","size":5}"#)
        #expect(
            throws: ApplyError.conflict([
                ApplyError.Conflict(manager: "\"one\"", path: ".spec.size")
            ])
        ) {
            try apply.applied(
                live: first, patch: other, manager: "two", apiVersion: Self.version, at: time(2))
        }
        let forced = try apply.applied(
            live: first, patch: other, manager: "two", apiVersion: Self.version, force: true,
            at: time(2))
        #expect(
            owners(forced) == [
                #"one Apply {"f:spec":{"f:detail":{},"f:mode":{}}}"#,
                #"two Apply {"f:spec":{"f:mode":{},"f:size":{}}}"#,
            ])
        #expect(forced["spec"] == ["detail": "one", "mode": "fast", "size": 5])
        let less = try apply.applied(
            live: forced, patch: try WidgetFixture.object(#"{"mode":"fast"}"#), manager: "one",
            apiVersion: Self.version, at: time(3))
        #expect(less["spec"] == ["mode": "fast", "size": 5])
        #expect(
            owners(less) == [
                #"two Apply {"f:spec":{"f:mode":{},"f:size":{}}}"#,
                #"one Apply {"f:spec":{"f:mode":{}}}"#,
            ])
    }

    @Test func `applying the same again changes nothing`() throws {
        let apply = try widgets()
        let patch = try WidgetFixture.object(#"{"mode":"fast","parts":[{"name":"x"}]}"#)
        let once = try apply.applied(
            live: nil, patch: patch, manager: "one", apiVersion: Self.version, at: time(1))
        let twice = try apply.applied(
            live: once, patch: patch, manager: "one", apiVersion: Self.version, at: time(9))
        #expect(once == twice)
    }

    @Test func `lists by keys and sets are merged and pruned by owner`() throws {
        let apply = try widgets()
        func applied(_ live: JSONValue?, _ spec: String, _ manager: String) throws -> JSONValue {
            try apply.applied(
                live: live, patch: try WidgetFixture.object(spec), manager: manager,
                apiVersion: Self.version, at: time(1))
        }
        let one = try applied(
            nil, #"{"mode":"fast","parts":[{"name":"x","count":2}],"tags":["p"]}"#, "one")
        #expect(
            owners(one) == [
                #"one Apply {"f:spec":{"f:mode":{},"f:parts":{"k:{\"name\":\"x\"}":{".":{},"#
                    + #""f:count":{},"f:name":{}}},"f:tags":{"v:\"p\"":{}}}}"#
            ])
        let two = try applied(
            one, #"{"mode":"fast","parts":[{"name":"y","count":3}],"tags":["q"]}"#, "two")
        #expect(
            two[path: ["spec", "parts"]]?.text
                == #"[{"count":2,"name":"x"},{"count":3,"name":"y"}]"#)
        #expect(two[path: ["spec", "tags"]] == ["p", "q"])
        let rest = try applied(two, #"{"mode":"fast","parts":[],"tags":[]}"#, "one")
        #expect(rest[path: ["spec", "parts"]]?.text == #"[{"count":3,"name":"y"}]"#)
        #expect(rest[path: ["spec", "tags"]] == ["q"])
        let none = try applied(rest, #"{"mode":"fast"}"#, "two")
        #expect(none["spec"] == ["mode": "fast"])
    }

    @Test func `an update takes over what it changes and drops what it removes`() throws {
        let apply = try widgets()
        let applied = try apply.applied(
            live: nil, patch: try WidgetFixture.object(#"{"mode":"fast","size":4,"detail":"a"}"#),
            manager: "one", apiVersion: Self.version, at: time(1))
        var changed = applied
        changed[path: ["spec", "size"]] = 6
        changed[path: ["spec", "detail"]] = nil
        changed["status"] = ["phase": "x"]
        let updated = apply.updated(
            live: applied, new: changed, manager: "edit", apiVersion: Self.version, at: time(2))
        #expect(
            owners(updated) == [
                #"one Apply {"f:spec":{"f:mode":{}}}"#, #"edit Update {"f:spec":{"f:size":{}}}"#,
            ])
        #expect(
            updated[path: ["metadata", "managedFields"]]?[1]?["time"] == "1970-01-01T00:02:00Z")
        let error = try refusal(
            apply, updated, #"{"mode":"fast","size":7,"detail":"b"}"#, "one")
        #expect(
            error?.description
                == #"Apply failed with 1 conflict: conflict with "edit" using "#
                + "conf.example.dev/v1: .spec.size")
        #expect(error?.status.code == 409)
        #expect(error?.status.causes.first?.field == ".spec.size")
        #expect(error?.status.causes.first?.reason == "FieldManagerConflict")
    }

    @Test func `several conflicts are listed by manager`() throws {
        let apply = try widgets()
        let live = try apply.applied(
            live: nil, patch: try WidgetFixture.object(#"{"mode":"fast","size":4,"max":5}"#),
            manager: "one", apiVersion: Self.version, at: time(1))
        #expect(
            try refusal(apply, live, #"{"mode":"safe","size":5}"#, "two")?.description
                == "Apply failed with 2 conflicts: conflicts with \"one\":\n- .spec.mode\n"
                + "- .spec.size")
    }

    @Test func `the creator of a custom resource owns its containers`() throws {
        let apply = try widgets()
        let created = apply.updated(
            live: nil,
            new: try WidgetFixture.object(
                #"{"mode":"fast","parts":[{"name":"x"}],"labels":{"a":"b"}}"#),
            manager: "kubectl-create", apiVersion: Self.version, at: time(1))
        #expect(
            owners(created) == [
                #"kubectl-create Update {"f:spec":{".":{},"f:labels":{".":{},"f:a":{}},"#
                    + #""f:mode":{},"#
                    + #""f:parts":{".":{},"k:{\"name\":\"x\"}":{".":{},"f:name":{}}}}}"#
            ])
    }

    @Test func `the creator of a pod owns no empty parts of its type`() throws {
        let apply = ServerSideApply(
            shape: try #require(BuiltInShapes.shape(for: .pod)),
            empty: BuiltInShapes.emptyObject(of: .pod))
        let pod: JSONValue = [
            "apiVersion": "v1", "kind": "Pod", "metadata": ["name": "a", "labels": ["x": "y"]],
            "spec": [
                "containers": [
                    [
                        "name": "c", "image": "i",
                        "ports": [["containerPort": 80, "protocol": "TCP"]],
                    ]
                ], "restartPolicy": "Always", "securityContext": [:],
            ], "status": ["phase": "Pending"],
        ]
        let created = apply.updated(
            live: nil, new: pod, manager: "m", apiVersion: "v1", at: time(1))
        #expect(
            owners(created) == [
                #"m Update {"f:metadata":{"f:labels":{".":{},"f:x":{}}},"f:spec":{"#
                    + #""f:containers":{"k:{\"name\":\"c\"}":{".":{},"f:image":{},"f:name":{},"#
                    + #""f:ports":{".":{},"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"#
                    + #""f:containerPort":{},"f:protocol":{}}}}},"f:restartPolicy":{},"#
                    + #""f:securityContext":{}},"f:status":{"f:phase":{}}}"#
            ])
    }

    @Test func `who applies first to an untracked object conflicts with what was there`() throws {
        let apply = try widgets()
        let live = try WidgetFixture.object(#"{"mode":"fast","size":4}"#)
        let untouched = apply.updated(
            live: live, new: try WidgetFixture.object(#"{"mode":"fast","size":5}"#), manager: "m",
            apiVersion: Self.version, at: time(1))
        #expect(owners(untouched).isEmpty)
        #expect(
            try refusal(apply, live, #"{"size":5}"#, "one")?.description
                == #"Apply failed with 1 conflict: conflict with "before-first-apply" using "#
                + "conf.example.dev/v1: .spec.size")
    }

    @Test func `subresources have entries of their own`() throws {
        let status = ServerSideApply(
            shape: try WidgetFixture.schema().shape, ignored: FieldSet(fields: "spec", "metadata"))
        let live = try widgets().updated(
            live: nil, new: try WidgetFixture.object(#"{"mode":"fast"}"#), manager: "m",
            apiVersion: Self.version, at: time(1))
        var changed = live
        changed["status"] = ["phase": "Ready"]
        changed[path: ["metadata", "managedFields"]] = []
        let updated = status.updated(
            live: live, new: changed, manager: "m", apiVersion: Self.version,
            subresource: "status", at: time(2))
        #expect(
            owners(updated).last == #"m Update {"f:status":{".":{},"f:phase":{}}}"#)
        #expect(
            updated[path: ["metadata", "managedFields"]]?[1]?["subresource"] == "status")
    }

    @Test func `a configuration that breaks its shape is refused`() throws {
        let apply = try widgets()
        for (spec, message) in [
            (
                #"{"parts":[{"name":"x"},{"name":"x"}]}"#,
                #".spec.parts: duplicate entries for key [name="x"]"#
            ),
            (#"{"tags":["a","a"]}"#, #".spec.tags: duplicate entries for key [="a"]"#),
            (#"{"bogus":1}"#, ".spec.bogus: field not declared in schema"),
            (
                #"{"parts":[{}]}"#,
                ".spec.parts: element 0: associative list with keys has an element that omits key "
                    + "field \"name\" (and doesn't have default value)"
            ),
        ] {
            #expect(
                throws: ApplyError.malformed(
                    "failed to create typed patch object (/a; conf.example.dev/v1, Kind=Widget): "
                        + message)
            ) {
                try apply.applied(
                    live: nil, patch: try WidgetFixture.object(spec), manager: "m",
                    apiVersion: Self.version, at: time(1))
            }
        }
        var owned = try WidgetFixture.object("{}")
        owned[path: ["metadata", "managedFields"]] = [[:]]
        #expect(throws: ApplyError.badRequest("metadata.managedFields must be nil")) {
            try apply.applied(
                live: nil, patch: owned, manager: "m", apiVersion: Self.version, at: time(1))
        }
    }

    @Test func `updaters beyond ten are put together`() throws {
        let apply = try widgets()
        var object = apply.updated(
            live: nil, new: try WidgetFixture.object(#"{"mode":"fast"}"#), manager: "m0",
            apiVersion: Self.version, at: time(0))
        for index in 1...14 {
            var next = object
            next[path: ["spec", "labels"]] = .object(
                JSONObject((1...index).map { ("l\($0)", "x") }))
            object = apply.updated(
                live: object, new: next, manager: "m\(index)", apiVersion: Self.version,
                at: time(index))
        }
        let names = owners(object).map { $0.split(separator: " ")[0] }
        #expect(names.count == 10)
        #expect(names.first == "ancient-changes")
    }

    @Test func `managed fields read back as they are written, and can be reset`() throws {
        let apply = try widgets()
        let object = try apply.applied(
            live: nil,
            patch: try WidgetFixture.object(
                #"{"mode":"fast","tags":["a"],"parts":[{"name":"x"}]}"#),
            manager: "one", apiVersion: Self.version, at: time(1))
        let json = object[path: ["metadata", "managedFields"]]
        #expect(ManagedFields(reading: json)?.json == json)
        #expect(ManagedFields(reading: [["operation": "Jump"]]) == nil)
        var reset = object
        reset[path: ["metadata", "managedFields"]] = [[:]]
        let result = apply.updated(
            live: object, new: reset, manager: "m", apiVersion: Self.version, at: time(2))
        #expect(owners(result).isEmpty)
    }

    @Test func `sets of fields obey the laws of sets`() throws {
        for seed in 0..<200 as Range<UInt64> {
            var random = SeededValues(seed: seed)
            let one = set(&random)
            let other = set(&random)
            #expect(one.union(other) == other.union(one), "seed \(seed)")
            #expect(one.intersection(other) == other.intersection(one), "seed \(seed)")
            #expect(one.difference(other).intersection(other).isEmpty, "seed \(seed)")
            #expect(
                one.difference(other).union(one.intersection(other)) == one, "seed \(seed)")
            #expect(try FieldSet(reading: one.json) == one, "seed \(seed)")
        }
    }

    private func set(_ random: inout SeededValues) -> FieldSet {
        FieldSet(
            (0..<random.next(6)).map { _ in
                (0...random.next(3)).map { _ in
                    switch random.next(4) {
                    case 0: .key(["name": .int(random.next(2))])
                    case 1: .value(.int(random.next(2)))
                    default: .field("f\(random.next(3))")
                    }
                }
            })
    }
}
