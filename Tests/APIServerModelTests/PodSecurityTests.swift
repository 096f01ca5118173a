import APIServerModel
import KubernetesCore
import Testing

@Suite struct PodSecurityTests {
    static let safe: JSONObject = [
        "containers": [
            [
                "name": "c", "image": "i",
                "securityContext": [
                    "allowPrivilegeEscalation": false, "capabilities": ["drop": ["ALL"]],
                ],
            ]
        ],
        "securityContext": ["runAsNonRoot": true, "seccompProfile": ["type": "RuntimeDefault"]],
    ]

    @Test func `a namespace refuses pods below its level and warns about others`() {
        var test = TestServer()
        let enforce = "pod-security.kubernetes.io/enforce"
        test.post("/api/v1/namespaces", Make.namespace("strict", labels: [enforce: "restricted"]))
        let pods = "/api/v1/namespaces/strict/pods"
        let refused = test.post(pods, Make.pod("a"))
        #expect(refused.status == 403)
        #expect(
            refused.message == "pods \"a\" is forbidden: violates PodSecurity "
                + "\"restricted:latest\": allowPrivilegeEscalation != false (container \"main\" "
                + "must set securityContext.allowPrivilegeEscalation=false), unrestricted "
                + "capabilities (container \"main\" must set "
                + "securityContext.capabilities.drop=[\"ALL\"]), runAsNonRoot != true (pod or "
                + "container \"main\" must set securityContext.runAsNonRoot=true), "
                + "seccompProfile (pod or container \"main\" must set "
                + "securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")")
        #expect(test.post(pods, Make.pod("b", spec: PodSecurityTests.safe)).status == 201)
        test.merge(
            "/api/v1/namespaces/strict",
            [
                "metadata": [
                    "labels": [
                        "pod-security.kubernetes.io/enforce": "baseline",
                        "pod-security.kubernetes.io/warn": "restricted",
                    ]
                ]
            ])
        let warned = test.post(pods, Make.pod("c"))
        #expect(warned.status == 201)
        #expect(warned.warnings.count == 1)
        let host = test.post(pods, Make.pod("d", spec: ["hostNetwork": true]))
        #expect(host.message.hasSuffix("\"baseline:latest\": host namespaces (hostNetwork=true)"))
    }
}
