import KubernetesCore
import Testing

struct NameRulesTests {
    @Test func `names are refused in the API server's words`() {
        #expect(
            NameRules.dnsLabelErrors("UPPER") == [
                "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or "
                    + "'-', and must start and end with an alphanumeric character (e.g. 'my-name', "
                    + " or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
            ])
        #expect(
            NameRules.dnsSubdomainErrors("Bad_Name") == [
                "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric "
                    + "characters, '-' or '.', and must start and end with an alphanumeric "
                    + "character (e.g. 'example.com', regex used for validation is "
                    + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
            ])
        #expect(NameRules.dnsLabelErrors("a.b") == ["must not contain dots"])
        #expect(
            NameRules.dnsLabelErrors(String(repeating: "a", count: 64))
                == ["must be no more than 63 bytes"])
        #expect(NameRules.qualifiedNameErrors("a/b/c").count == 1)
        #expect(NameRules.qualifiedNameErrors("/b") == ["prefix part must be non-empty"])
        #expect(NameRules.qualifiedNameErrors("").first == "name part must be non-empty")
        #expect(
            NameRules.pathSegmentErrors("a/b%") == ["may not contain '/'", "may not contain '%'"])
        #expect(NameRules.pathSegmentErrors("..") == ["may not be '..'"])
        #expect(NameRules.configKeyErrors("..x") == ["must not start with '..'"])
    }

    @Test func `good names pass`() {
        for name in ["a", "a-b", "0a"] {
            #expect(NameRules.dnsLabelErrors(name).isEmpty)
            #expect(NameRules.dnsSubdomainErrors(name + "." + name).isEmpty)
        }
        #expect(NameRules.dns1035LabelErrors("a-1").isEmpty)
        #expect(!NameRules.dns1035LabelErrors("1-a").isEmpty)
        #expect(NameRules.qualifiedNameErrors("example.dev/My_name.x").isEmpty)
        #expect(NameRules.labelValueErrors("").isEmpty)
        #expect(NameRules.labelValueErrors("My_value.1").isEmpty)
        #expect(NameRules.configKeyErrors("key.name_X").isEmpty)
        for name in ["", "-a", "a-", "a..b", ".a", "ä"] {
            #expect(!NameRules.dnsSubdomainErrors(name).isEmpty, "\(name)")
        }
    }

    @Test func `metadata is checked in the API server's order`() {
        let metadata: JSONValue = [
            "generateName": "Gen_", "name": "Gen_x", "namespace": "ns", "generation": -1,
            "labels": ["bad key!": "x", "ok": "b d"], "annotations": ["/x": "y"],
            "finalizers": ["orphan", "foregroundDeletion", "a b"],
            "ownerReferences": [
                ["apiVersion": "v1", "kind": "Pod", "name": "a", "uid": "1", "controller": true],
                ["apiVersion": "", "kind": "Pod", "name": "b", "controller": true],
            ],
        ]
        let paths = NameRules.objectMetaErrors(metadata, isNamespaced: true).map(\.path)
        #expect(
            paths == [
                "metadata.generateName", "metadata.name", "metadata.generation", "metadata.labels",
                "metadata.labels", "metadata.annotations", "metadata.ownerReferences.apiVersion",
                "metadata.ownerReferences.uid", "metadata.ownerReferences", "metadata.finalizers",
                "metadata.finalizers",
            ])
        #expect(
            NameRules.objectMetaErrors([:], isNamespaced: false).map(\.message)
                == ["metadata.name: Required value: name or generateName is required"])
        #expect(
            NameRules.objectMetaErrors(["name": "a", "namespace": "b"], isNamespaced: false)
                .map(\.message) == ["metadata.namespace: Forbidden: not allowed on this type"])
        #expect(
            NameRules.objectMetaErrors(["generateName": "a-", "name": "a-x"], isNamespaced: true)
                .map(\.message) == ["metadata.namespace: Required value"])
        let large = String(repeating: "x", count: NameRules.annotationBytesMax)
        #expect(
            NameRules.annotationErrors(["a": .string(large)], at: FieldPath("metadata.annotations"))
                .map(\.message)
                == ["metadata.annotations: Too long: may not be more than 262144 bytes"])
    }

    @Test func `updates must keep the identity`() {
        let old: JSONValue = [
            "name": "a", "uid": "1", "deletionTimestamp": "2026-01-01T00:00:00Z",
            "finalizers": ["x/y"],
        ]
        #expect(NameRules.objectMetaUpdateErrors(old, old: old).isEmpty)
        var new = old
        new["uid"] = "2"
        new["finalizers"] = ["x/y", "x/z"]
        #expect(
            NameRules.objectMetaUpdateErrors(new, old: old).map(\.message) == [
                "metadata.finalizers: Forbidden: no new finalizers can be added if the object is "
                    + "being deleted, found new finalizers []string{\"x/z\"}",
                "metadata.uid: Invalid value: \"2\": field is immutable",
            ])
    }
}
