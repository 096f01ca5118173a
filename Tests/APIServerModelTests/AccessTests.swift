import APIServerModel
import KubernetesCore
import Testing

@Suite struct AccessTests {
    static let accounts = "/api/v1/namespaces/default/serviceaccounts"

    static func account(_ name: String) -> JSONValue {
        [
            "apiVersion": "v1", "kind": "ServiceAccount", "metadata": ["name": .string(name)],
        ]
    }

    static func token(
        _ test: inout TestServer, pod: (name: String, uid: String)? = nil,
        audiences: [String] = []
    ) -> String {
        var spec: JSONValue = ["audiences": .strings(audiences), "expirationSeconds": 600]
        if let pod {
            spec["boundObjectRef"] = [
                "kind": "Pod", "apiVersion": "v1", "name": .string(pod.name),
                "uid": .string(pod.uid),
            ]
        }
        let answer = test.post(
            accounts + "/bot/token",
            [
                "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec,
            ])
        return answer.body[path: ["status", "token"]]?.string ?? ""
    }

    static func review(
        _ test: inout TestServer, _ token: String, audiences: [String] = []
    ) -> JSONValue {
        test.post(
            "/apis/authentication.k8s.io/v1/tokenreviews",
            [
                "apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview",
                "spec": ["token": .string(token), "audiences": .strings(audiences)],
            ]
        ).body["status"] ?? [:]
    }

    @Test func `a token is good for its audience, its time and its pod`() {
        var test = TestServer()
        test.post(AccessTests.accounts, AccessTests.account("bot"))
        let pods = "/api/v1/namespaces/default/pods"
        let pod = test.post(pods, Make.pod("p", spec: ["serviceAccountName": "bot"]))
        let token = AccessTests.token(&test, pod: ("p", pod.uid), audiences: ["gate"])
        let status = AccessTests.review(&test, token, audiences: ["gate", "other"])
        #expect(status["authenticated"] == true)
        #expect(status["audiences"] == ["gate"])
        let extra = status[path: ["user", "extra", "authentication.kubernetes.io/pod-uid"]]
        #expect(extra == [.string(pod.uid)])
        #expect(AccessTests.review(&test, token)["authenticated"] == nil)
        #expect(AccessTests.review(&test, token + "x", audiences: ["gate"])["authenticated"] == nil)

        var later = test
        later.now = test.now + .seconds(601)
        #expect(AccessTests.review(&later, token, audiences: ["gate"])["authenticated"] == nil)

        test.delete(pods + "/p")
        test.post(pods, Make.pod("p", spec: ["serviceAccountName": "bot"]))
        #expect(AccessTests.review(&test, token, audiences: ["gate"])["authenticated"] == nil)
    }

    @Test func `a token ends with its account`() {
        var test = TestServer()
        test.post(AccessTests.accounts, AccessTests.account("bot"))
        let token = AccessTests.token(&test)
        #expect(
            test.server.authenticate(bearer: token, at: test.now)?.name.hasSuffix("bot") == true)
        test.delete(AccessTests.accounts + "/bot")
        test.post(AccessTests.accounts, AccessTests.account("bot"))
        #expect(test.server.authenticate(bearer: token, at: test.now) == nil)
    }

    static func grant(
        _ test: inout TestServer, verbs: [String], resources: [String], names: [String] = []
    ) {
        let rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/default/"
        var rule: JSONValue = [
            "verbs": .strings(verbs), "apiGroups": [""], "resources": .strings(resources),
        ]
        if !names.isEmpty { rule["resourceNames"] = .strings(names) }
        test.put(
            rbac + "roles/r",
            [
                "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
                "metadata": ["name": "r"], "rules": [rule],
            ])
        test.put(
            rbac + "rolebindings/r",
            [
                "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
                "metadata": ["name": "r"], "roleRef": ["kind": "Role", "name": "r"],
                "subjects": [["kind": "User", "name": "ann"]],
            ])
    }

    @Test func `roles allow what they say and nothing else`() {
        var test = TestServer()
        AccessTests.grant(&test, verbs: ["get", "list"], resources: ["configmaps"])
        test.identity = UserIdentity(name: "ann", groups: ["system:authenticated"])
        let maps = "/api/v1/namespaces/default/configmaps"
        #expect(test.get(maps).status == 200)
        #expect(test.get(maps + "/kube-root-ca.crt").status == 200)
        let refused = test.post(maps, Make.configMap("a"))
        #expect(refused.status == 403)
        #expect(
            refused.message == "configmaps is forbidden: User \"ann\" cannot create resource "
                + "\"configmaps\" in API group \"\" in the namespace \"default\"")
        #expect(test.get("/api/v1/namespaces/kube-system/configmaps").status == 403)
        #expect(test.get("/api/v1/configmaps").status == 403)
        #expect(test.get(maps + "?watch=1").status == 403, "watching is a verb of its own")
    }

    @Test func `a rule about names is about those objects alone`() {
        var test = TestServer()
        AccessTests.grant(
            &test, verbs: ["get"], resources: ["configmaps"], names: ["kube-root-ca.crt"])
        test.identity = UserIdentity(name: "ann", groups: ["system:authenticated"])
        let maps = "/api/v1/namespaces/default/configmaps"
        #expect(test.get(maps + "/kube-root-ca.crt").status == 200)
        #expect(test.get(maps + "/other").status == 403)
        #expect(test.get(maps).status == 403)
    }

    @Test func `a subresource is granted by its own name`() {
        var test = TestServer()
        test.post("/api/v1/namespaces/default/pods", Make.pod("p", spec: ["nodeName": "n"]))
        AccessTests.grant(&test, verbs: ["get"], resources: ["pods"])
        let reader = UserIdentity(name: "ann", groups: ["system:authenticated"])
        test.identity = reader
        #expect(test.get("/api/v1/namespaces/default/pods/p/log").status == 403)
        test.identity = .administrator
        AccessTests.grant(&test, verbs: ["get"], resources: ["pods/log"])
        test.identity = reader
        let answer = test.get("/api/v1/namespaces/default/pods/p/log?follow=true&tailLines=5")
        #expect(answer.logs?.container == "main")
        #expect(answer.logs?.follow == true)
        #expect(answer.logs?.tailLines == 5)
        #expect(test.get("/api/v1/namespaces/default/pods/p").status == 403)
    }

    @Test func `nobody grants what they do not hold`() {
        var test = TestServer()
        let rbac = "/apis/rbac.authorization.k8s.io/v1/"
        test.post(
            rbac + "clusterrolebindings",
            [
                "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
                "metadata": ["name": "ann"],
                "roleRef": ["kind": "ClusterRole", "name": "admin"],
                "subjects": [["kind": "User", "name": "ann"]],
            ])
        test.identity = UserIdentity(name: "ann", groups: ["system:authenticated"])
        func role(_ name: String, _ resource: String) -> JSONValue {
            [
                "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
                "metadata": ["name": .string(name)],
                "rules": [
                    ["verbs": ["get"], "apiGroups": [""], "resources": [.string(resource)]]
                ],
            ]
        }
        let path = rbac + "namespaces/default/roles"
        #expect(test.post(path, role("mine", "pods")).status == 201)
        let refused = test.post(path, role("more", "nodes"))
        #expect(refused.status == 403)
        #expect(refused.message.contains("attempting to grant RBAC permissions not currently held"))
    }

    @Test func `access reviews say what the roles say`() {
        var test = TestServer()
        AccessTests.grant(&test, verbs: ["get"], resources: ["pods"])
        func ask(_ verb: String) -> JSONValue? {
            test.post(
                "/apis/authorization.k8s.io/v1/subjectaccessreviews",
                [
                    "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
                    "spec": [
                        "user": "ann",
                        "resourceAttributes": [
                            "verb": .string(verb), "resource": "pods", "namespace": "default",
                        ],
                    ],
                ]
            ).body[path: ["status", "allowed"]]
        }
        #expect(ask("get") == true)
        #expect(ask("delete") == false)
    }

    @Test func `only those who may impersonate do`() {
        var test = TestServer()
        AccessTests.grant(&test, verbs: ["list"], resources: ["pods"])
        let headers = [("impersonate-user", "ann")]
        #expect(test.send("GET", "/api/v1/namespaces/default/pods", headers: headers).status == 200)
        #expect(
            test.send("GET", "/api/v1/namespaces/default/secrets", headers: headers).status == 403)
        test.identity = UserIdentity(name: "ann", groups: ["system:authenticated"])
        let refused = test.send(
            "GET", "/api/v1/namespaces/default/pods", headers: [("impersonate-user", "bob")])
        #expect(refused.status == 403)
    }
}
