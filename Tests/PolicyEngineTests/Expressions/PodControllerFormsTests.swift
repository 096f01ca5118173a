import KubernetesCore
import Testing

@testable import PolicyEngine

struct PodControllerFormsTests {
    @Test(arguments: [
        ("object.spec.x", "object.spec.template.spec.x"),
        ("object.metadata.labels", "object.spec.template.metadata.labels"),
        ("object.metadata.namespace == 'a'", "object.metadata.namespace == 'a'"),
        ("object.metadata.namespaces", "object.spec.template.metadata.namespaces"),
        ("object.spec.namespace", "object.spec.namespace"),
        (
            "oldObject.spec + object.spec",
            "oldObject.spec.template.spec + object.spec.template.spec"
        ),
        ("request.object.spec", "request.object.spec.template.spec"),
        ("object.?spec", "object.?spec"), ("object['spec']", "object['spec']"),
        ("namespaceObject.metadata.labels", "namespaceObject.metadata.labels"),
        ("Use object.spec!", "Use object.spec.template.spec!"), ("", ""), ("object.", "object."),
    ])
    func `texts are rewritten as Kyverno rewrites them`(_ text: String, _ wanted: String) {
        #expect(PodControllerForms.rewritten(text, below: "spec.template") == wanted)
    }

    private func spec(_ match: JSONValue, _ autogen: JSONValue? = nil) -> JSONValue {
        var spec: JSONValue = ["matchConstraints": match]
        spec["autogen"] = autogen
        return spec
    }

    private let pods: JSONValue = [
        "resourceRules": [
            [
                "apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"],
                "resources": ["pods"],
            ]
        ]
    ]

    @Test func `a policy about pods judges the templates of all controllers`() throws {
        let forms = PodControllerForms.forms(of: spec(pods))
        #expect(forms.map(\.name) == ["defaults", "cronjobs"])
        let rules = forms[0].spec["matchConstraints"]?["resourceRules"]
        #expect(
            rules?[0]?["resources"]
                == ["daemonsets", "deployments", "replicasets", "statefulsets"])
        #expect(rules?[1]?["resources"] == ["jobs"])
        #expect(rules?[1]?["operations"] == ["CREATE"])
    }

    @Test(
        arguments: [
            (["deployments"], ["defaults"]), (["cronjobs", "nonsense"], ["cronjobs"]), ([], []),
            (["Deployment"], []),
        ] as [([String], [String])])
    func `the policy says which controllers`(_ controllers: [String], _ wanted: [String]) {
        let autogen: JSONValue = ["podControllers": ["controllers": .strings(controllers)]]
        let forms = PodControllerForms.forms(of: spec(pods, autogen))
        #expect(forms.map(\.name) == wanted)
    }

    @Test func `a policy about more or less than pods has no other forms`() {
        var named = pods
        named["resourceRules"] = [
            [
                "apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"],
                "resources": ["pods"], "resourceNames": ["a"],
            ]
        ]
        var selected = pods
        selected["objectSelector"] = ["matchLabels": ["a": "b"]]
        var excluding = pods
        excluding["excludeResourceRules"] = pods["resourceRules"]
        var more = pods
        more["resourceRules"] = .array(
            (pods["resourceRules"]?.array ?? []) + (pods["resourceRules"]?.array ?? []))
        for match in [named, selected, excluding, more] {
            #expect(PodControllerForms.forms(of: spec(match)).isEmpty, "\(match)")
        }
    }

    @Test func `a deployment is judged by its template, in the words of the policy`() throws {
        let policy = try ExpressionFixture.validating(
            """
            validations:
            - expression: "object.spec.containers.all(c, c.image.startsWith('ghcr.io/'))"
              messageExpression: "object.metadata.namespace + ': ' + object.metadata.labels.app"
            """)
        let type = ResourceType(
            group: "apps", version: "v1", kind: "Deployment", plural: "deployments")
        let deployment: JSONValue = [
            "metadata": ["name": "d", "namespace": "team"],
            "spec": [
                "template": [
                    "metadata": ["labels": ["app": "web"]],
                    "spec": ["containers": [["image": "docker.io/x"]]],
                ]
            ],
        ]
        let results = policy.evaluate(
            PolicyRequest(.create, deployment, of: type), ExpressionFixture.surroundings)
        #expect(results.map(\.outcome) == [.fail])
        #expect(
            results.map(\.message) == ["failed to evaluate message expression: no such overload"]
                || results.map(\.message) == ["team: web"])
    }
}
