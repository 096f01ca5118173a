import Foundation
import KubernetesCore
import Subprocess
import Testing

/// Every way in which kubectl writes, against a cluster without operator and node: what is answered
/// is the API server's own.
@Suite(.serialized, .timeLimit(.minutes(5))) struct KubectlWriteTests {
    static let map = """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: walk, namespace: default}
        data: {a: "%VALUE%"}
        """

    private func map(_ value: String) -> String {
        Self.map.replacingOccurrences(of: "%VALUE%", with: value)
    }

    static let task = """
        apiVersion: swiftlet.dev/v1alpha1
        kind: BackgroundTask
        metadata: {name: walk, namespace: default}
        spec: {poolRef: {name: none}, command: ["true"], priority: 0}
        """

    private func withAPI(_ body: @Sendable (DevCluster) async throws -> Void) async throws {
        try await DevCluster.run(["--no-operator", "--no-node"], body)
    }

    /// Writes an editor that changes the file it is given by `expression`, and returns its path.
    private func editor(
        _ expression: String, named name: String, in cluster: DevCluster
    ) throws -> String {
        let path = cluster.folder + "/" + name
        try "#!/bin/sh\nexec sed -i '\(expression)' \"$1\"\n".write(
            toFile: path, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        return path
    }

    @Test func `edit stores a change, leaves what is unchanged, and refuses what is invalid`()
        async throws
    {
        try await withAPI { cluster in
            try await cluster.kubectl("create", "-f", "-", input: Self.task)
            let raise = try editor("s/priority: 0/priority: 7/", named: "raise", in: cluster)
            let edited = try await cluster.attempt(
                ["edit", "bt", "walk"], environment: ["KUBE_EDITOR": raise])
            #expect(edited.succeeded && edited.output.contains("edited"), "\(edited)")
            let task = try await cluster.object("bt", "walk")
            #expect(task["spec"]?["priority"]?.integer == 7)

            let idle = try editor("s/^never$/x/", named: "idle", in: cluster)
            let same = try await cluster.attempt(
                ["edit", "bt", "walk"], environment: ["KUBE_EDITOR": nil, "EDITOR": idle])
            #expect(
                same.succeeded && same.error.contains("Edit cancelled, no changes made"),
                "\(same)")

            let spoil = try editor("s/priority: .*/priority: 5000/", named: "spoil", in: cluster)
            let spoilt = try await cluster.attempt(
                ["edit", "bt", "walk"], environment: ["KUBE_EDITOR": spoil])
            #expect(!spoilt.succeeded)
            #expect(spoilt.error.contains("is invalid"), "\(spoilt.error)")
            let after = try await cluster.object("bt", "walk")
            #expect(after["spec"]?["priority"]?.integer == 7)
            #expect(after["metadata"]?["generation"]?.integer == 2)
        }
    }

    @Test func `server-side apply names who owns a field, and diff shows what would change`()
        async throws
    {
        try await withAPI { cluster in
            let apply = ["apply", "--server-side", "-f", "-"]
            let made = try await cluster.attempt(apply, input: map("1"))
            #expect(made.succeeded && made.output.contains("serverside-applied"), "\(made)")
            let other = apply + ["--field-manager=other"]
            let conflict = try await cluster.attempt(other, input: map("2"))
            #expect(!conflict.succeeded)
            #expect(
                conflict.error.contains("conflict with \"kubectl\": .data.a"),
                "\(conflict.error)")
            let forced = try await cluster.attempt(
                other + ["--force-conflicts"], input: map("2"))
            #expect(forced.succeeded, "\(forced.error)")

            let file = cluster.folder + "/one.yaml"
            try map("1").write(toFile: file, atomically: true, encoding: .utf8)
            let diff = try await cluster.attempt(["diff", "-f", file])
            #expect(!diff.succeeded, "a difference ends with exit code 1")
            #expect(
                diff.output.contains("-  a: \"2\"") && diff.output.contains("+  a: \"1\""),
                "\(diff.output)")
            let served = try await cluster.attempt(
                ["diff", "--server-side", "--force-conflicts", "-f", file])
            #expect(served.output.contains("+  a: \"1\""), "\(served)")
            try map("2").write(toFile: file, atomically: true, encoding: .utf8)
            try await cluster.kubectl("diff", "-f", file)

            let adopted = try await cluster.attempt(["apply", "-f", "-"], input: map("3"))
            #expect(adopted.succeeded, "\(adopted.error)")
            let unchanged = try await cluster.kubectl("apply", "-f", "-", input: map("3"))
            #expect(unchanged.contains("unchanged"), "\(unchanged)")
            let dry = try await cluster.kubectl(
                "apply", "-f", "-", "--dry-run=server", input: map("4"))
            #expect(dry.contains("server dry run"), "\(dry)")
            let object = try await cluster.object("cm", "walk")
            #expect(object["data"]?["a"]?.string == "3")
        }
    }

    @Test func `all four kinds of patch, labels and annotations`() async throws {
        try await withAPI { cluster in
            try await cluster.kubectl("create", "-f", "-", input: map("1"))
            try await cluster.kubectl(
                "patch", "cm", "walk", "--type=json", "-p",
                #"[{"op":"add","path":"/data/b","value":"json"}]"#)
            try await cluster.kubectl(
                "patch", "cm", "walk", "--type=merge", "-p", #"{"data":{"c":"merge"}}"#)
            try await cluster.kubectl("patch", "cm", "walk", "-p", #"{"data":{"d":"strategic"}}"#)
            let data = try await cluster.object("cm", "walk")["data"]
            #expect(data == ["a": "1", "b": "json", "c": "merge", "d": "strategic"])
            let failed = try await cluster.refusal(
                "patch", "cm", "walk", "--type=json", "-p",
                #"[{"op":"test","path":"/data/b","value":"other"}]"#)
            #expect(failed.contains("The request is invalid"), "\(failed)")

            try await cluster.kubectl("create", "-f", "-", input: Self.task)
            let unsupported = try await cluster.refusal(
                "patch", "bt", "walk", "-p", #"{"spec":{"priority":3}}"#)
            #expect(unsupported.contains("application/merge-patch+json"), "\(unsupported)")
            if try await DevCluster.kubectlMinor() >= 24 {
                try await cluster.kubectl(
                    "patch", "bt", "walk", "--subresource=status", "--type=merge", "-p",
                    #"{"status":{"message":"by hand"}}"#)
                let task = try await cluster.object("bt", "walk")
                #expect(task["status"]?["message"]?.string == "by hand")
                #expect(task["metadata"]?["generation"]?.integer == 1)
            }

            try await cluster.kubectl("label", "cm", "walk", "tier=one")
            let taken = try await cluster.refusal("label", "cm", "walk", "tier=two")
            #expect(taken.contains("--overwrite is false"), "\(taken)")
            try await cluster.kubectl("label", "cm", "walk", "tier=two", "--overwrite")
            let found = try await cluster.kubectl("get", "cm", "-l", "tier=two", "-o", "name")
            #expect(found == "configmap/walk\n")
            try await cluster.kubectl("label", "cm", "walk", "tier-")
            try await cluster.kubectl("annotate", "cm", "walk", "note=hello")
            let metadata = try await cluster.object("cm", "walk")["metadata"]
            #expect(metadata?["labels"] == nil)
            #expect(metadata?["annotations"]?["note"]?.string == "hello")
        }
    }

    @Test func `create and replace make objects, and say what is in the way`() async throws {
        try await withAPI { cluster in
            try await cluster.kubectl("create", "configmap", "lit", "--from-literal=k=v")
            let twice = try await cluster.refusal(
                "create", "configmap", "lit", "--from-literal=k=v")
            #expect(twice.contains("configmaps \"lit\" already exists"), "\(twice)")
            let secret = ["create", "secret", "generic", "s", "--from-literal=k=v"]
            #expect(try await cluster.attempt(secret).succeeded)
            #expect(try await cluster.object("secret", "s")["data"]?["k"]?.string == "dg==")
            for arguments in [
                ["create", "namespace", "walk"], ["create", "serviceaccount", "walker"],
                ["create", "role", "reader", "--verb=get,list", "--resource=pods"],
                [
                    "create", "rolebinding", "reads", "--role=reader",
                    "--serviceaccount=default:walker",
                ],
                ["create", "clusterrole", "seer", "--verb=get", "--resource=bt"],
                ["create", "quota", "few", "--hard=pods=5"],
                ["create", "priorityclass", "low", "--value=-5"],
                ["create", "service", "clusterip", "front", "--tcp=80"],
            ] {
                let made = try await cluster.attempt(arguments)
                #expect(made.succeeded && made.output.contains("created"), "\(arguments): \(made)")
            }
            let quota = try await cluster.kubectl("describe", "quota", "few")
            #expect(quota.contains("pods") && quota.contains("5"), "\(quota)")
            let port = try await cluster.object("service", "front")["spec"]?["ports"]?[0]
            #expect(port?["port"]?.integer == 80 && port?["targetPort"]?.integer == 80)

            try await cluster.kubectl("create", "-f", "-", input: map("1"))
            var stale = try await cluster.object("cm", "walk")
            try await cluster.kubectl("label", "cm", "walk", "later=yes")
            let conflict = try await cluster.refusal("replace", "-f", "-", input: stale.text)
            #expect(conflict.contains("the object has been modified"), "\(conflict)")
            stale["metadata"]?["resourceVersion"] = nil
            try await cluster.kubectl("replace", "-f", "-", input: stale.text)
            #expect(try await cluster.object("cm", "walk")["metadata"]?["labels"] == nil)
            let invalid = try await cluster.refusal(
                "create", "-f", "-",
                input: Self.task.replacingOccurrences(of: "priority: 0", with: "priorty: 0"))
            #expect(invalid.contains("priorty"), "\(invalid)")
        }
    }

    @Test func `delete takes dependents with it, waits for them, or leaves them`() async throws {
        try await withAPI { cluster in
            for (cascade, survives) in [
                ("background", false), ("foreground", false), ("orphan", true),
            ] {
                try await cluster.kubectl("create", "-f", "-", input: map("1"))
                let uid = try #require(
                    try await cluster.object("cm", "walk")["metadata"]?["uid"]?.string)
                try await cluster.kubectl(
                    "create", "-f", "-",
                    input: """
                        apiVersion: v1
                        kind: ConfigMap
                        metadata:
                          name: child
                          ownerReferences:
                            - {apiVersion: v1, kind: ConfigMap, name: walk, uid: \(uid),
                               blockOwnerDeletion: true}
                        """)
                let deleted = try await cluster.kubectl(
                    "delete", "cm", "walk", "--cascade=\(cascade)", "--timeout=20s")
                #expect(deleted.contains("deleted"), "\(deleted)")
                let child = try await cluster.attempt(["get", "cm", "child", "-o", "json"])
                #expect(child.succeeded == survives, "\(cascade): \(child)")
                guard survives else { continue }
                let metadata = try JSONValue(parsing: child.output)["metadata"]
                #expect(metadata?["ownerReferences"] == nil)
                try await cluster.kubectl("delete", "cm", "child")
            }
            let missing = try await cluster.refusal("delete", "cm", "walk")
            #expect(missing.contains("configmaps \"walk\" not found"), "\(missing)")
            try await cluster.kubectl("delete", "cm", "walk", "--ignore-not-found")
            try await cluster.kubectl("create", "-f", "-", input: Self.task)
            try await cluster.kubectl("delete", "bt", "--all", "--wait=false")
        }
    }
}
