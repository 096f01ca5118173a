import KubernetesCore
import PolicyEngine
import YAMLReading

/// What the policies judge.
let pod: JSONValue = [
    "apiVersion": "v1", "kind": "Pod",
    "metadata": ["name": "a", "namespace": "b", "labels": ["app": "c"]],
    "spec": [
        "containers": [
            [
                "name": "x", "image": "ghcr.io/a/b:1", "ports": [["containerPort": 80]],
                "resources": ["limits": ["memory": "1Gi", "cpu": "500m"]],
                "securityContext": ["runAsNonRoot": true],
            ],
            ["name": "y", "image": "nginx"],
        ],
        "volumes": [["name": "v", "hostPath": ["path": "/"]]],
    ],
]

/// Takes YAML, loads what it holds as policies, and judges a pod by them.
///
/// Nothing may trap or take long: policies are loaded or refused, and a verdict is always given.
func fuzzPolicies(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    var limits = YAMLText.Limits()
    limits.valuesMax = 10_000
    guard let objects = try? YAMLText.read(text, limits: limits) else { return 0 }
    let policies = PolicySet(objects.map { PolicyDocument(source: "fuzz", object: $0) })
    let request = PolicyRequest(
        .create, pod, of: ResourceType(group: "", version: "v1", kind: "Pod", plural: "pods"))
    _ = policies.evaluate(request, PolicySurroundings(now: Timestamp(seconds: 1_700_000_000)))
    return 0
}
